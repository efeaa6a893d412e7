using System.Security.Cryptography;
using System.Text.Json;

namespace Gtc.Store;

/// <summary>Follows the chain of audit lines as they come, oldest first. It remembers the hash of the last one and not the lines, so a log may have any length.</summary>
/// <param name="ends">What is known about where they begin and end.</param>
public sealed class AuditChainCheck(AuditEnds ends) : IDisposable
{
    private readonly IncrementalHash _older = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private AuditLine _first;
    private AuditBreak? _broken;
    private string? _previous;
    private string? _cutAt;
    private long _lines;
    private long _unchained;

    /// <summary>The next line, without its newline.</summary>
    public void Add(ReadOnlyMemory<byte> line) => Add(new AuditLine(null, _lines + 1, line));

    /// <summary>What became of the log, once all lines were added.</summary>
    public AuditVerdict End() => new(_lines, _unchained, _broken
        ?? (_cutAt is not null
            ? Broken(_first, "it does not begin the log: lines before it are missing, and neither a later line nor a checkpoint that is trusted says that they were pruned")
            : ends.Head is null || ends.Head == _previous ? null
            : new AuditBreak(_lines + 1, $"the log goes on to the line with hash {ends.Head}: lines are missing at the end")));

    /// <inheritdoc/>
    public void Dispose() => _older.Dispose();

    /// <summary>The next line, with where it stands.</summary>
    internal void Add(AuditLine line)
    {
        var isFirst = ++_lines == 1;
        if (isFirst)
        {
            // Its bytes may be those of a whole file.
            _first = line with { Content = default };
        }

        if (_broken is not null)
        {
            return;
        }

        var content = AuditChain.Parse(line.Content);
        if (_previous is null && AuditCheck.Hash(content) is null)
        {
            _unchained++;
            _older.AppendData(line.Content.Span);
            _older.AppendData("\n"u8);
            return;
        }

        _broken = Follow(line, content, _previous ?? Convert.ToHexStringLower(_older.GetHashAndReset()), isFirst);
    }

    private AuditBreak? Follow(AuditLine line, JsonElement? content, string previous, bool isFirst)
    {
        if (isFirst && content is { } first && AuditChain.TextOf(first, AuditChain.PreviousMember) is { } before && before != previous)
        {
            (_cutAt, previous) = (before == ends.Pruned || before == ends.Before ? null : before, before);
        }

        if (Why(content, previous) is { } reason)
        {
            return Broken(line, reason);
        }

        if (isFirst && ends.Before is { } expected && previous != expected)
        {
            return Broken(line, $"it does not follow the line with hash {expected}: lines before it are missing, or are others");
        }

        _previous = AuditCheck.Hash(content)!;
        _cutAt = _cutAt is not null && RemovedBy(content!.Value) == _cutAt ? null : _cutAt;
        return null;
    }

    private static AuditBreak Broken(AuditLine line, string reason) => new(line.Number, reason) { File = line.File };

    private static string? Why(JsonElement? line, string previous) => line is not { } value
        ? "it is not one JSON object"
        : AuditCheck.Hash(value) is not { } hash ? "it has no hash"
        : AuditChain.HashOf(value) != hash ? "it was changed: its hash is of something else"
        : AuditChain.TextOf(value, AuditChain.PreviousMember) != previous ? "it does not follow the line before: a line was removed, added or moved"
        : null;

    /// <summary>The hash of the last line that this line records as removed, or null.</summary>
    private static string? RemovedBy(JsonElement line) =>
        AuditChain.TextOf(line, "noun") == AuditCheck.PruneNoun
        && AuditChain.TextOf(line, "verb") == AuditCheck.PruneVerb
        && line.TryGetProperty("target", out var target)
        && target.ValueKind == JsonValueKind.Object
            ? AuditChain.TextOf(target, AuditCheck.RemovedThrough)
            : null;
}
