using System.Collections.Immutable;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Packs;

/// <summary>A folder of a pack whose files are served as they are (extension <c>greentic.static-routes.v1</c>, bundle-format.md §3.5).</summary>
/// <param name="Id">What it is called.</param>
/// <param name="PublicPath">Where it is served, below <c>/v1/web/</c>; the segments <c>{tenant}</c> and <c>{team}</c> stand for those of the deployment.</param>
/// <param name="SourceRoot">The folder in the pack, below <c>assets/</c>.</param>
/// <param name="IndexFile">The file that stands for a folder, relative to it, or null.</param>
/// <param name="FallbackFile">The file that answers for pages that are no files, relative to <paramref name="SourceRoot"/>, or null.</param>
/// <param name="MaxAge">How long anybody may keep a file without asking again; null when it must be asked each time.</param>
public sealed record StaticRoute(string Id, string PublicPath, string SourceRoot, string? IndexFile, string? FallbackFile, TimeSpan? MaxAge)
{
    /// <summary>The extension's id.</summary>
    public const string Extension = "greentic.static-routes.v1";

    /// <summary>What every public path starts with.</summary>
    public const string Space = "/v1/web/";

    /// <summary>The segment that stands for the deployment's tenant.</summary>
    public const string Tenant = "{tenant}";

    /// <summary>The segment that stands for the deployment's team.</summary>
    public const string Team = "{team}";

    private const int MaxRoutes = 64;

    /// <summary>The segments of the public path.</summary>
    public ImmutableArray<string> Segments { get; } = [.. PublicPath[1..].Split('/')];

    /// <summary>Reads the routes of a pack, none when it has no such extension.</summary>
    /// <returns>The routes, the most specific first; <see cref="Refusal.MalformedArtifact"/> when they cannot be served.</returns>
    public static Outcome<ImmutableArray<StaticRoute>> ReadAll(PackManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return manifest.Extensions.GetValueOrDefault(Extension)?.Inline is { } inline
            ? MalformedDocumentException.Guard($"{Extension} of pack {manifest.PackId}", () => ReadAll(new DocumentValue(inline)))
            : ImmutableArray<StaticRoute>.Empty;
    }

    private static ImmutableArray<StaticRoute> ReadAll(DocumentValue root)
    {
        // Both spellings of the version are written.
        if ((root.Optional("version") ?? root.Optional("schema_version")) is { } version && version.Count() != 1)
        {
            throw version.Wrong("1");
        }

        var routes = root.List("routes", Read);
        return routes.Length > MaxRoutes ? throw root.Required("routes").Wrong($"at most {MaxRoutes} routes")
            : routes.GroupBy(route => route.PublicPath, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice ? throw root.Required("routes").Wrong($"`{twice.Key}` once")
            : [.. routes.OrderByDescending(route => route.Segments.Length).ThenBy(route => route.PublicPath, StringComparer.Ordinal)];
    }

    private static StaticRoute Read(DocumentValue route)
    {
        var path = route.Text("public_path").TrimEnd('/');
        if (!path.StartsWith(Space, StringComparison.Ordinal) || path[1..].Split('/').Any(segment => !IsSegment(segment)))
        {
            throw route.Required("public_path").Wrong($"a path below {Space} of letters, digits, `-`, `_`, `.`, {Tenant} and {Team}");
        }

        var folder = route.Text("source_root").TrimEnd('/');
        return folder.StartsWith("assets/", StringComparison.Ordinal) && MemberName.Problem(folder) is null
            ? new(route.OptionalText("id") ?? path, path, folder, File(route, "index_file"), File(route, "spa_fallback"), MaxAgeOf(route))
            : throw route.Required("source_root").Wrong("a folder below assets/");
    }

    private static string? File(DocumentValue route, string name) => route.OptionalText(name) switch
    {
        null or "" => null,
        var file when MemberName.Problem(file) is null && !file.EndsWith('/') => file,
        _ => throw route.Required(name).Wrong("a file, relative to source_root"),
    };

    private static TimeSpan? MaxAgeOf(DocumentValue route) => route.Optional("cache") is not { } cache ? null : cache.OptionalText("strategy") switch
    {
        null or "" or "none" => null,
        "public-max-age" => TimeSpan.FromSeconds(cache.Required("max_age_seconds").Count()),
        _ => throw cache.Required("strategy").Wrong("`none` or `public-max-age`"),
    };

    private static bool IsSegment(string segment) =>
        segment is Tenant or Team || (segment.Length > 0 && segment is not ("." or "..") && segment.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.'));
}
