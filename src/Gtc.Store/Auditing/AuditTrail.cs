using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>Reads audit logs and says whether they are as they were written.</summary>
/// <param name="store">The store whose environments they are of.</param>
public sealed class AuditTrail(FileEnvironmentStore store)
{
    /// <summary>Keys whose checkpoints are believed besides those of the environment's trust root, e.g. the operator's own.</summary>
    public ImmutableArray<TrustedKey> Trusted { get; init; } = [];

    /// <summary>The newest lines that a filter takes, oldest first. Lines that cannot be read are left out; <see cref="VerifyAsync"/> names them.</summary>
    public Task<Outcome<ImmutableArray<AuditEvent>>> ReadAsync(EnvId environment, AuditFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return Task.FromResult(Lines(store.Layout.Environment(environment).AuditLog).Then<ImmutableArray<AuditEvent>>(lines =>
        {
            var found = new List<AuditEvent>();
            var isBefore = filter.Before is null;
            for (var index = lines.Count - 1; index >= 0 && found.Count < filter.Limit; index--)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!Documents.AuditEvent.Parse(lines[index].Content.Span).TryGet(out var line, out _))
                {
                    continue;
                }

                if (isBefore && filter.Takes(line))
                {
                    found.Add(line);
                }

                isBefore |= line.EventId == filter.Before;
            }

            found.Reverse();
            return found.ToImmutableArray();
        }));
    }

    /// <summary>Every line of an environment's log as it lies there, newlines included, with its checkpoint.</summary>
    public Outcome<ExportedAudit> Export(EnvId environment)
    {
        try
        {
            var files = store.Files(environment);
            return files.Read(AuditCheckpoint.Name, DsseEnvelope.MaxBytes).Then<ExportedAudit>(checkpoint =>
            {
                var log = store.Atomic.Read(files.Layout.AuditLog, int.MaxValue) ?? [];
                return new ExportedAudit([.. AuditCheck.Split(log, null).Select(line => line.Content)], checkpoint);
            });
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("the audit log could not be read", error);
        }
    }

    /// <summary>Checks every line of an environment's log against the one before, and the last one against the journal, so that a cut tail is found too.</summary>
    public Task<Outcome<AuditVerdict>> VerifyAsync(EnvId environment, CancellationToken cancellationToken)
    {
        try
        {
            var layout = store.Layout.Environment(environment);
            var journal = new JournalFolder(store.Atomic, layout).State();
            return Task.FromResult(journal.Then(state => Checkpoint(environment).Then(checkpoint => Lines(layout.AuditLog).Then<AuditVerdict>(lines =>
                AuditCheck.Verify(lines, new AuditEnds { Head = state.Hash, Pruned = checkpoint?.PrunedThrough }, cancellationToken)))));
        }
        catch (FileCallException error)
        {
            return Task.FromResult<Outcome<AuditVerdict>>(FileRefusals.Store("the journal could not be read", error));
        }
    }

    /// <summary>The checkpoint of a pruned log; null without one. One that no trusted key signed is refused.</summary>
    public Outcome<AuditCheckpoint?> Checkpoint(EnvId environment)
    {
        var files = store.Files(environment);
        if (!files.Read(AuditCheckpoint.Name, DsseEnvelope.MaxBytes).TryGet(out var bytes, out var refusal) || !new TrustRootFile(files).Load().TryGet(out var root, out refusal))
        {
            return refusal;
        }

        return bytes is null
            ? (AuditCheckpoint?)null
            : AuditCheckpoint.Verify(bytes, environment, [.. root?.Keys ?? [], .. Trusted]).Then<AuditCheckpoint?>(checkpoint => checkpoint);
    }

    private Outcome<List<AuditLine>> Lines(string path)
    {
        try
        {
            return AuditCheck.Split(store.Atomic.Read(path, int.MaxValue) ?? [], null);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("the audit log could not be read", error);
        }
    }
}
