using System.Collections.Immutable;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Packs;

/// <summary>Requests that a pack's provider answers itself (extension <c>greentic.http-routes.v1</c>, bundle-format.md §3.5).</summary>
/// <param name="Id">What it is called.</param>
/// <param name="Pattern">Their paths: segments, of which <c>{tenant}</c> and <c>{team}</c> stand for those of the deployment, <c>{name}</c> for any one, and a last <c>{name*}</c> or <c>*</c> for any number.</param>
/// <param name="Methods">Their methods in capitals.</param>
/// <param name="Operation">The operation of the provider that answers them.</param>
/// <param name="IsMessaging">Whether what the provider makes of them are messages that flows answer.</param>
public sealed record HttpRoute(string Id, string Pattern, ImmutableArray<string> Methods, string Operation, bool IsMessaging)
{
    /// <summary>The extension's id.</summary>
    public const string Extension = "greentic.http-routes.v1";

    /// <summary>The most routes of a pack.</summary>
    public const int MaxRoutes = 64;

    /// <summary>The most characters of a pattern.</summary>
    public const int MaxPattern = 256;

    private const int MaxMethods = 16;
    private const int MaxMethod = 32;

    private static readonly string[] Domains = ["messaging", "events", "secrets", "oauth"];

    /// <summary>The segments of the pattern, without the one that stands for any number.</summary>
    public ImmutableArray<string> Segments { get; } = [.. Parts(Pattern).Where(part => !IsRest(part))];

    /// <summary>Whether any number of segments may follow.</summary>
    public bool HasRest { get; } = IsRest(Parts(Pattern)[^1]);

    /// <summary>The pattern without the names that are free to choose: two routes of one shape and method want the same requests.</summary>
    public string Shape => $"/{string.Join('/', Segments.Select(segment => IsFree(segment) ? "{}" : segment))}{(HasRest ? "/*" : "")}";

    /// <summary>The most specific of several packs' routes first: exact numbers of segments before open ones, more segments before fewer, literal ones before free ones.</summary>
    public static IComparer<HttpRoute> MostSpecificFirst { get; } = Comparer<HttpRoute>.Create(static (left, right) =>
        (left.HasRest, -left.Segments.Length, left.Segments.Count(IsFree), left.Shape).CompareTo((right.HasRest, -right.Segments.Length, right.Segments.Count(IsFree), right.Shape)));

    /// <summary>Reads the routes of a pack, none when it has no such extension.</summary>
    /// <returns>The routes, the most specific first; <see cref="Refusal.MalformedArtifact"/> when they cannot be served.</returns>
    public static Outcome<ImmutableArray<HttpRoute>> ReadAll(PackManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return manifest.Extensions.GetValueOrDefault(Extension)?.Inline is { } inline
            ? MalformedDocumentException.Guard($"{Extension} of pack {manifest.PackId}", () => ReadAll(new DocumentValue(inline)))
            : ImmutableArray<HttpRoute>.Empty;
    }

    /// <summary>Whether a path is one of the route's.</summary>
    /// <param name="path">The path below the deployment's prefix, without the query.</param>
    /// <param name="tenant">The deployment's tenant and team.</param>
    public bool Matches(string path, TenantSelector tenant)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(tenant);
        var found = Parts(path);
        if (found.Length < Segments.Length || (found.Length > Segments.Length && !HasRest))
        {
            return false;
        }

        for (var index = 0; index < Segments.Length; index++)
        {
            var segment = found[index];
            if (Segments[index] switch
            {
                StaticRoute.Tenant => segment != tenant.Tenant,
                StaticRoute.Team => segment != tenant.Team,
                ['{', ..] => segment.Length == 0,
                var literal => segment != literal,
            })
            {
                return false;
            }
        }

        return true;
    }

    private static string[] Parts(string path) => path.TrimStart('/').Split('/');

    private static bool IsFree(string segment) => segment[0] == '{' && segment is not (StaticRoute.Tenant or StaticRoute.Team);

    private static bool IsRest(string part) => part == "*" || part is ['{', .., '*', '}'];

    private static ImmutableArray<HttpRoute> ReadAll(DocumentValue root)
    {
        // Both spellings of the version are written.
        if ((root.Optional("schema_version") ?? root.Optional("version")) is { } version && version.Count() != 1)
        {
            throw version.Wrong("1");
        }

        var routes = root.List("routes", Read);
        return routes.Length > MaxRoutes ? throw root.Required("routes").Wrong($"at most {MaxRoutes} routes")
            : [.. routes.Order(MostSpecificFirst)];
    }

    private static HttpRoute Read(DocumentValue route)
    {
        var pattern = route.Text("pattern");
        if (pattern.Length > MaxPattern || !pattern.StartsWith('/') || Parts(pattern) is var parts && (parts[..^1].Any(IsRest) || !parts.All(part => IsRest(part) || IsSegment(part))))
        {
            throw route.Required("pattern").Wrong(
                $"a path of at most {MaxPattern} characters that starts with a slash, of letters, digits, `-`, `_`, `.` and segments like {{name}}; {{name*}} or * may be its last one");
        }

        var methods = route.Texts("methods");
        if (methods.Length is 0 or > MaxMethods || methods.Any(method => method.Length is 0 or > MaxMethod || !method.All(char.IsAsciiLetter)))
        {
            throw route.Required("methods").Wrong($"1 to {MaxMethods} methods of letters");
        }

        var domain = route.OptionalText("domain") ?? Domains[0];
        return Domains.Contains(domain)
            ? new(route.OptionalText("id") ?? pattern, pattern, [.. methods.Select(method => method.ToUpperInvariant()).Distinct()], route.OptionalText("provider_op") ?? "ingest_http", domain == Domains[0])
            : throw route.Required("domain").Wrong(string.Join(", ", Domains));
    }

    private static bool IsSegment(string segment)
    {
        var name = segment is ['{', .. var inner, '}'] ? inner : segment;
        return name.Length > 0 && name is not ("." or "..") && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.');
    }
}
