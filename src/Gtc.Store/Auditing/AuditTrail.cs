using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>Reads audit logs and says whether they are as they were written.</summary>
/// <param name="store">The store whose environments they are of.</param>
public sealed class AuditTrail(FileEnvironmentStore store)
{
    /// <summary>The newest lines that a filter takes, oldest first. Lines that cannot be read are left out; <see cref="VerifyAsync"/> names them.</summary>
    public Task<Outcome<ImmutableArray<AuditEvent>>> ReadAsync(EnvId environment, AuditFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return Task.FromResult(Lines(store.Layout.Environment(environment).AuditLog).Then<ImmutableArray<AuditEvent>>(lines =>
        {
            var found = new List<AuditEvent>();
            for (var index = lines.Count - 1; index >= 0 && found.Count < filter.Limit; index--)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (Documents.AuditEvent.Parse(lines[index].Span).TryGet(out var line, out _) && filter.Takes(line))
                {
                    found.Add(line);
                }
            }

            found.Reverse();
            return found.ToImmutableArray();
        }));
    }

    /// <summary>Checks every line of an environment's log against the one before, and the last one against the journal, so that a cut tail is found too.</summary>
    public Task<Outcome<AuditVerdict>> VerifyAsync(EnvId environment, CancellationToken cancellationToken)
    {
        try
        {
            var layout = store.Layout.Environment(environment);
            var journal = new JournalFolder(store.Atomic, layout).State();
            return Task.FromResult(journal.Then(state => Lines(layout.AuditLog).Then<AuditVerdict>(lines => Verify(lines, state.Hash, cancellationToken))));
        }
        catch (FileCallException error)
        {
            return Task.FromResult<Outcome<AuditVerdict>>(FileRefusals.Store("the journal could not be read", error));
        }
    }

    /// <summary>Checks the lines of a log that is away from its environment. Without the journal a cut tail cannot be found.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public Task<Outcome<AuditVerdict>> VerifyFileAsync(string path, CancellationToken cancellationToken) =>
        Task.FromResult(Lines(path).Then<AuditVerdict>(lines => Verify(lines, null, cancellationToken)));

    private static AuditVerdict Verify(IReadOnlyList<ReadOnlyMemory<byte>> lines, string? last, CancellationToken cancellationToken)
    {
        var unchained = lines.TakeWhile(line => Hash(AuditChain.Parse(line)) is null).Count();
        string previous = AuditChain.Anchor([.. lines.Take(unchained).SelectMany(line => (byte[])[.. line.Span, (byte)'\n'])]);
        for (var index = unchained; index < lines.Count; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Check(AuditChain.Parse(lines[index]), previous) is { } reason)
            {
                return new AuditVerdict(lines.Count, unchained, new AuditBreak(index + 1, reason));
            }

            previous = Hash(AuditChain.Parse(lines[index]))!;
        }

        return new AuditVerdict(lines.Count, unchained, last is null || last == previous && unchained < lines.Count
            ? null
            : new AuditBreak(lines.Count + 1, $"the journal goes on to the line with hash {last}: lines are missing at the end"));
    }

    private static string? Check(JsonElement? line, string previous) => line is not { } value
        ? "it is not one JSON object"
        : Hash(value) is not { } hash ? "it has no hash"
        : AuditChain.HashOf(value) != hash ? "it was changed: its hash is of something else"
        : AuditChain.TextOf(value, AuditChain.PreviousMember) != previous ? "it does not follow the line before: a line was removed, added or moved"
        : null;

    private static string? Hash(JsonElement? line) => line is { } value ? AuditChain.TextOf(value, AuditChain.HashMember) : null;

    private Outcome<IReadOnlyList<ReadOnlyMemory<byte>>> Lines(string path)
    {
        byte[] content;
        try
        {
            content = store.Atomic.Read(path, int.MaxValue) ?? [];
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("the audit log could not be read", error);
        }

        var lines = new List<ReadOnlyMemory<byte>>();
        for (var start = 0; start < content.Length;)
        {
            var length = content.AsSpan(start).IndexOf((byte)'\n');
            length = length < 0 ? content.Length - start : length;
            lines.Add(content.AsMemory(start, length));
            start += length + 1;
        }

        return lines;
    }
}
