using Gtc.Artifacts.Oci;
using Gtc.Model;

namespace Gtc.Artifacts.Sources;

/// <summary>A source, understood.</summary>
internal abstract record SourceLocation
{
    private const int LongestSource = 4096;

    /// <summary>A URL.</summary>
    public sealed record Web(Uri Uri) : SourceLocation;

    /// <summary>An absolute path of this machine.</summary>
    public sealed record Local(string Path) : SourceLocation;

    /// <summary>A reference into a registry.</summary>
    public sealed record Registry(OciReference Reference) : SourceLocation;

    /// <summary>Reads a source of worker-runtime.md §6.1. Text without <c>scheme://</c> is a path.</summary>
    public static Outcome<SourceLocation> Parse(string source, PullOptions options)
    {
        if (string.IsNullOrWhiteSpace(source) || source.Length > LongestSource || source.Contains('\0', StringComparison.Ordinal))
        {
            return new Refusal.InvalidArgument($"a bundle source is a URL, an OCI reference or a path of at most {LongestSource:N0} characters");
        }

        var colon = source.IndexOf("://", StringComparison.Ordinal);
        if (colon <= 0 || !source.AsSpan(0, colon).ContainsOnlySchemeCharacters())
        {
            return new Local(Path.GetFullPath(source));
        }

        var rest = source[(colon + 3)..];
        return source[..colon].ToLowerInvariant() switch
        {
            "http" or "https" => ParseWeb(source),
            "file" => ParseFile(source, rest),
            OciReference.Scheme => ParseReference(source),
            "repo" => Rewrite(source, rest, options.RepoRegistry, "GREENTIC_REPO_REGISTRY_BASE"),
            "store" => Rewrite(source, rest, options.StoreRegistry, "GREENTIC_STORE_REGISTRY_BASE"),
            var scheme => new Refusal.InvalidArgument($"bundles cannot be pulled over `{scheme}://`")
            {
                Details = [new("expected", "http://, https://, file:// or a path, oci://, repo://, store://"), new("found", $"{scheme}://")],
            },
        };
    }

    private static Outcome<SourceLocation> ParseWeb(string source) =>
        Uri.TryCreate(source, UriKind.Absolute, out var uri) && uri.Host.Length > 0
            ? new Web(uri)
            // The text is not repeated: it may hold a password.
            : new Refusal.InvalidArgument("the bundle source is not a well-formed http(s) URL");

    private static Outcome<SourceLocation> ParseFile(string source, string rest)
    {
        const string thisMachine = "localhost";
        var path = Uri.UnescapeDataString(rest.StartsWith(thisMachine + "/", StringComparison.OrdinalIgnoreCase) ? rest[thisMachine.Length..] : rest);
        return path is ['/', ..] && !path.Contains('\0', StringComparison.Ordinal)
            ? new Local(Path.GetFullPath(path))
            : new Refusal.InvalidArgument("a file:// source names an absolute path of this machine")
            {
                Details = [new("expected", "file:///folder/bundle.gtbundle"), new("found", source)],
            };
    }

    private static Outcome<SourceLocation> ParseReference(string source) =>
        OciReference.Parse(source).Then<SourceLocation>(static reference => new Registry(reference));

    private static Outcome<SourceLocation> Rewrite(string source, string rest, string? registry, string variable)
    {
        if (registry is null)
        {
            return new Refusal.InvalidArgument($"{source} cannot be resolved: {variable} is not set")
            {
                Details = [new("expected", $"{variable}=registry[/prefix]"), new("found", "no value")],
                Next = $"export {variable}=registry.example/prefix",
            };
        }

        var prefix = OciReference.Scheme + "://";
        var place = registry.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? registry[prefix.Length..] : registry;
        return ParseReference($"{prefix}{place.TrimEnd('/')}/{rest}");
    }
}

internal static class SchemeText
{
    public static bool ContainsOnlySchemeCharacters(this ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('+' or '-' or '.'))
            {
                return false;
            }
        }

        return true;
    }
}
