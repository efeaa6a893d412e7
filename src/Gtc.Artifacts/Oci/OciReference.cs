using System.Text.RegularExpressions;
using Gtc.Artifacts.Sources;
using Gtc.Model;

namespace Gtc.Artifacts.Oci;

/// <summary>A reference <c>oci://registry/repository[:tag][@sha256:…]</c>, in the grammar of the OCI distribution specification.</summary>
public sealed partial record OciReference
{
    /// <summary>The scheme, without <c>://</c>.</summary>
    public const string Scheme = "oci";

    private const int LongestReference = 1024;
    private const int LongestRepository = 255;

    private OciReference(string registry, string repository, string? tag, Sha256Digest? digest) =>
        (Registry, Repository, Tag, Digest) = (registry, repository, tag, digest);

    /// <summary>The registry as it was written: <c>host[:port]</c>. It is always the first part; no default registry is assumed.</summary>
    public string Registry { get; }

    /// <summary>The repository, e.g. <c>team/app</c>.</summary>
    public string Repository { get; }

    /// <summary>The tag, or null.</summary>
    public string? Tag { get; }

    /// <summary>The pinned digest of the manifest, or null.</summary>
    public Sha256Digest? Digest { get; }

    /// <summary>What a manifest is asked for by: the digest when there is one, else the tag, else <c>latest</c>.</summary>
    public string ManifestName => Digest?.ToString() ?? Tag ?? "latest";

    /// <summary>Parses a reference.</summary>
    /// <returns>The reference, or <see cref="Refusal.InvalidArgument"/> with the code <c>InvalidReference</c>.</returns>
    public static Outcome<OciReference> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        const string prefix = Scheme + "://";
        if (text.Length > LongestReference || !text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        {
            return Invalid(text, $"a text of at most {LongestReference:N0} characters that begins with {prefix}");
        }

        var rest = text[prefix.Length..];
        var digest = default(Sha256Digest?);
        if (rest.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at)
        {
            if (!Sha256Digest.TryParse(rest[(at + 1)..], out var parsed))
            {
                return Invalid(text, "sha256: and 64 hex digits after the @");
            }

            (digest, rest) = (parsed, rest[..at]);
        }

        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var registry = slash < 0 ? rest : rest[..slash];
        if (!RegistryGrammar().IsMatch(registry) || (registry.LastIndexOf(':') is >= 0 and var port && !IsPort(registry, port)))
        {
            return Invalid(text, "a registry, host[:port], first");
        }

        return ParsePath(text, registry, slash < 0 ? "" : rest[(slash + 1)..], digest);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Scheme}://{Registry}/{Repository}{(Tag is null ? "" : ":" + Tag)}{(Digest is null ? "" : "@" + Digest)}";

    private static Outcome<OciReference> ParsePath(string text, string registry, string path, Sha256Digest? digest)
    {
        var colon = path.IndexOf(':', StringComparison.Ordinal);
        var (repository, tag) = colon < 0 ? (path, null) : (path[..colon], path[(colon + 1)..]);
        if (repository.Length > LongestRepository || !RepositoryGrammar().IsMatch(repository))
        {
            return Invalid(text, "a lower-case repository such as team/app after the registry");
        }

        return tag is null || TagGrammar().IsMatch(tag)
            ? new OciReference(registry, repository, tag, digest)
            : Invalid(text, "a tag of at most 128 letters, digits, dots, dashes and underscores");
    }

    private static bool IsPort(string registry, int colon) =>
        registry.EndsWith(']') || (int.TryParse(registry.AsSpan(colon + 1), out var port) && port is > 0 and <= 65_535);

    private static Refusal.InvalidArgument Invalid(string text, string expected) => new($"`{Shown(text)}` is not an OCI reference")
    {
        Details = [new("code", OciErrors.InvalidReference), new("expected", expected), new("found", Shown(text))],
        Next = "write it as oci://registry/repository:tag or oci://registry/repository@sha256:…",
    };

    // Someone may have written user:password@registry: nothing before an @ is repeated unless a digest follows the first one.
    private static string Shown(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var isPlain = at < 0 || text.AsSpan(at + 1).StartsWith(Sha256Digest.Prefix, StringComparison.OrdinalIgnoreCase);
        return Failures.Clean(isPlain ? text : $"{Scheme}://...{text[text.LastIndexOf('@')..]}");
    }

    [GeneratedRegex(@"\A(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex RegistryGrammar();

    [GeneratedRegex(@"\A[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex RepositoryGrammar();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TagGrammar();
}
