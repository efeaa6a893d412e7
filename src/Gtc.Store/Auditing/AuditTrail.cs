using System.Collections.Immutable;
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

    /// <summary>Checks every line of an environment's log against the one before, and the last one against the journal, so that a cut tail is found too.</summary>
    public Task<Outcome<AuditVerdict>> VerifyAsync(EnvId environment, CancellationToken cancellationToken)
    {
        try
        {
            var layout = store.Layout.Environment(environment);
            var journal = new JournalFolder(store.Atomic, layout).State();
            return Task.FromResult(journal.Then(state => Lines(layout.AuditLog).Then<AuditVerdict>(lines => AuditCheck.Verify(lines, state.Hash, cancellationToken))));
        }
        catch (FileCallException error)
        {
            return Task.FromResult<Outcome<AuditVerdict>>(FileRefusals.Store("the journal could not be read", error));
        }
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
