using System.IO.Enumeration;
using Gtc.Artifacts.Cbor;

namespace Gtc.Artifacts.Building;

/// <summary>
/// Files that may hold what looks like a secret, e.g. keys made for examples: <c>.gtc-allow-secrets</c> beside <c>bundle.yaml</c>, one path per line
/// with <c>*</c> for anything and <c>?</c> for one character, <c>#</c> for comments. It travels in the bundle, so that staging agrees with building.
/// The scan guards against accidents, not against authors.
/// </summary>
internal sealed class LeakAllowList
{
    public const string FileName = ".gtc-allow-secrets";

    /// <summary>Anywhere in a line, it allows what that line holds.</summary>
    public const string InlineMarker = "gtc:allow-secret";

    private const int MaxBytes = 64 << 10;

    private readonly string[] _patterns;

    private LeakAllowList(string[] patterns) => _patterns = patterns;

    /// <summary>Reads the list of a folder; without one nothing is allowed.</summary>
    public static LeakAllowList Read(string folder)
    {
        var file = new FileInfo(Path.Combine(folder, FileName));
        if (!file.Exists)
        {
            return new([]);
        }

        return file.Length <= MaxBytes
            ? new([.. File.ReadAllLines(file.FullName).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')])
            : throw new MalformedDocumentException($"{FileName} has {file.Length} bytes, at most {MaxBytes} are accepted");
    }

    public bool Allows(string path) => _patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, path, ignoreCase: false));
}
