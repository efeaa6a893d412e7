using System.Collections.Immutable;

namespace Gtc.EnvPacks;

/// <summary>
/// The versions that a handler supports, in the notation and with the meaning of Cargo (env-packs.md §2): comparators joined by commas, all of
/// which must hold. A pre-release counts only when a comparator names a pre-release of the same three numbers.
/// </summary>
public sealed class VersionRange
{
    private static readonly string[] Operators = [">=", "<=", "^", ">", "<", "="];

    private readonly string _text;
    private readonly ImmutableArray<Comparator> _comparators;

    private VersionRange(string text, ImmutableArray<Comparator> comparators) => (_text, _comparators) = (text, comparators);

    /// <summary>Reads a range such as <c>^0.1.0</c> or <c>&gt;=1.0.0-dev, &lt;2.0.0</c>; versions have three numbers.</summary>
    /// <exception cref="FormatException">It is none: ranges are written by programmers.</exception>
    public static VersionRange Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text, [.. text.Split(',', StringSplitOptions.TrimEntries).Select(ReadComparator)]);
    }

    /// <summary>The range of exactly one version.</summary>
    /// <exception cref="FormatException">It is no version.</exception>
    public static VersionRange Exactly(string version) => Parse($"={version}");

    /// <summary>Whether a version is in it; a text that is no version is not.</summary>
    public bool Contains(string version) =>
        PackVersion.TryParse(version, out var parsed)
        && _comparators.All(comparator => comparator.Holds(parsed))
        && (parsed.PreRelease.Length == 0 || _comparators.Any(comparator => comparator.AdmitsPreReleaseOf(parsed)));

    /// <summary>The version that its first comparator names: where the range begins, or the only one in it.</summary>
    public PackVersion First => _comparators[0].Version;

    /// <inheritdoc/>
    public override string ToString() => _text;

    private static Comparator ReadComparator(string text)
    {
        var sign = Operators.FirstOrDefault(candidate => text.StartsWith(candidate, StringComparison.Ordinal));
        return sign is not null && PackVersion.TryParse(text[sign.Length..].Trim(), out var version)
            ? new(sign, version)
            : throw new FormatException($"`{text}` is no comparator such as ^0.1.0, >=1.0.0-dev or <2.0.0.");
    }

    private readonly record struct Comparator(string Sign, PackVersion Version)
    {
        public bool Holds(PackVersion version) => Sign switch
        {
            "^" => version >= Version && version < NextBreaking,
            ">=" => version >= Version,
            "<=" => version <= Version,
            ">" => version > Version,
            "<" => version < Version,
            _ => version == Version,
        };

        public bool AdmitsPreReleaseOf(PackVersion version) =>
            Version.PreRelease.Length > 0 && (Version.Major, Version.Minor, Version.Patch) == (version.Major, version.Minor, version.Patch);

        /// <summary>The first version that may break what this one promises: the leftmost number that is not zero, plus one.</summary>
        private PackVersion NextBreaking => Version switch
        {
            { Major: > 0 } => new(Version.Major + 1, 0, 0, ""),
            { Minor: > 0 } => new(0, Version.Minor + 1, 0, ""),
            _ => new(0, 0, Version.Patch + 1, ""),
        };
    }
}
