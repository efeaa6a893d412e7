using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// The name of what lies beside an environment's document, e.g. <c>trust-root.json</c> or <c>billing-policies/main/acme/v1.json.sig</c>: a relative path
/// with slashes, of at most <see cref="MaxLength"/> characters, whose segments have 1 to <see cref="MaxSegmentBytes"/> bytes and are neither <c>.</c> nor <c>..</c>.
/// </summary>
/// <remarks>In files it is a path below the environment's folder, so names that a file store has another use for do not exist as values.</remarks>
public readonly record struct SideName : ITextValue<SideName>, IComparable<SideName>
{
    /// <summary>The most characters.</summary>
    public const int MaxLength = 1024;

    /// <summary>The most bytes between two slashes.</summary>
    public const int MaxSegmentBytes = 255;

    private static readonly string[] _reserved =
    [
        EnvironmentLayout.DocumentName, EnvironmentLayout.RuntimeConfigName, ".lock", "audit", "backups", "journal", "revisions", "snapshots", UsageFiles.Folder, "workers",
    ];

    private readonly string? _text;

    private SideName(string text) => _text = text;

    /// <summary>The keys to believe.</summary>
    public static SideName TrustRoot { get; } = new(EnvironmentLayout.TrustRootName);

    /// <summary>What a deployer discovered.</summary>
    public static SideName Runtime { get; } = new(EnvironmentLayout.RuntimeName);

    /// <inheritdoc/>
    public static string Expectation => $"a relative path with slashes of at most {MaxLength} characters that stays in the environment's folder and is not one of the store's own";

    /// <summary>A name that is known to be one.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static SideName Of(string text) => TryParse(text, out var name) ? name : throw new ArgumentException($"`{text}` is not {Expectation}.", nameof(text));

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out SideName value)
    {
        value = default;
        if (text is null || !RuntimeConfigRules.IsContained(text))
        {
            return false;
        }

        var segments = text.Split('/');
        if (_reserved.Contains(segments[0], StringComparer.Ordinal) || !segments.All(IsSegment))
        {
            return false;
        }

        value = new(text);
        return true;
    }

    /// <summary>Whether a file store has a name in the environment's folder for itself.</summary>
    internal static bool IsReserved(string name) => _reserved.Contains(name, StringComparer.Ordinal);

    /// <inheritdoc/>
    public int CompareTo(SideName other) => string.CompareOrdinal(_text, other._text);

    /// <summary>Orders by ordinal text.</summary>
    public static bool operator <(SideName left, SideName right) => left.CompareTo(right) < 0;

    /// <summary>Orders by ordinal text.</summary>
    public static bool operator >(SideName left, SideName right) => left.CompareTo(right) > 0;

    /// <summary>Orders by ordinal text.</summary>
    public static bool operator <=(SideName left, SideName right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by ordinal text.</summary>
    public static bool operator >=(SideName left, SideName right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => _text ?? throw new InvalidOperationException("An empty name has no text.");

    /// <summary>Short enough, and text that can be written: half a character cannot.</summary>
    private static bool IsSegment(string segment)
    {
        Span<byte> bytes = stackalloc byte[MaxSegmentBytes];
        return Utf8.FromUtf16(segment, bytes, out _, out _, replaceInvalidSequences: false) == OperationStatus.Done
            && !segment.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal);
    }
}
