using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>What is given up on purpose: old generations and old audit lines. Nothing is given up by itself.</summary>
public sealed partial class FileEnvironmentStore
{
    /// <summary>Up to where histories are bounded. Until another segment begins there is nothing to do, and nobody is disturbed.</summary>
    private readonly ConcurrentDictionary<EnvId, (ulong Keep, long KeepKeys, string? First, string? Last)> _bounded = new();

    /// <summary>Removes the journal segments that hold only generations older than the newest few. Their audit lines stay in the audit log; their idempotency keys are forgotten.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="keep">How many generations must stay readable, at least 1; more do, since whole segments go.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    public Task<Outcome<CompactedJournal>> CompactAsync(EnvId environment, ulong keep, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(keep);
        var intent = new MutationIntent(environment, "env", "compact", new JsonObject { ["environment_id"] = environment.ToString(), ["keep"] = keep });
        var change = new PendingMutation<ImmutableArray<string>>(intent, null, context =>
        {
            if (context.Current is null)
            {
                return new Refusal.Missing($"environment `{environment}` does not exist") { Next = "gtc op env list" };
            }

            return Reading<ImmutableArray<string>>(environment, folder => folder.Surplus(context.Generation > keep ? context.Generation - keep + 1 : 1)).Then<Mutation<ImmutableArray<string>>>(surplus =>
            {
                var target = new JsonObject { ["environment_id"] = environment.ToString(), ["keep"] = keep, ["removed_segments"] = surplus.Length };
                return new Mutation<ImmutableArray<string>>(surplus) { Target = target };
            });
        });
        return Queue(environment).RecordedAsync(
            change,
            surplus => Remove(surplus).Then(removed => Reading<CompactedJournal>(environment, folder =>
            {
                var (oldest, newest) = folder.Range();
                return new CompactedJournal(removed, oldest, newest);
            })),
            cancellationToken);
    }

    /// <summary>Takes old lines out of the audit log. A line that records it is what the rest is verified by. In the journal they stay until it is compacted.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="keepDays">The age from which lines go, or null for the environment's <c>audit_retention_days</c>.</param>
    /// <param name="archive">A new file that gets the lines, absolute; null to drop them.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    public Task<Outcome<PrunedAudit>> PruneAuditAsync(EnvId environment, uint? keepDays, string? archive, CancellationToken cancellationToken)
    {
        var log = Layout.Environment(environment).AuditLog;
        var intent = new MutationIntent(environment, AuditCheck.PruneNoun, AuditCheck.PruneVerb, new JsonObject { ["environment_id"] = environment.ToString() });
        var change = new PendingMutation<AuditHead>(intent, null, context =>
        {
            try
            {
                return Horizon(context, environment, keepDays).Then(horizon => Prune(environment, AuditHead.Before(_atomic.Read(log, int.MaxValue) ?? [], horizon), horizon, archive));
            }
            catch (FileCallException error)
            {
                return FileRefusals.Store("the audit log could not be pruned", error);
            }
        });
        return Queue(environment).RecordedAsync(change, head => Cut(log, head, archive), cancellationToken);
    }

    /// <summary>
    /// Takes the oldest lines out of the audit log that are more than a bound, and leaves a checkpoint that vouches for them. Nothing is added
    /// to the log itself: a line for every pruning would be as many lines as it takes out.
    /// </summary>
    /// <param name="environment">The environment.</param>
    /// <param name="most">How many lines stay, at least 1.</param>
    /// <param name="key">Signs the checkpoint.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <returns>How many lines there are now.</returns>
    public Task<Outcome<int>> BoundAuditAsync(EnvId environment, int most, PrivateKey key, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        ArgumentNullException.ThrowIfNull(key);
        return Queue(environment).CaughtUpAsync(() => Bound(environment, most, key), cancellationToken);
    }

    /// <summary>
    /// Removes what <see cref="CompactAsync"/> would, without a record of it, as a server does after every so many changes. The segments of the newest changes stay
    /// in any case, since those may still be repeated under their keys.
    /// </summary>
    /// <param name="environment">The environment.</param>
    /// <param name="keep">How many generations must stay readable, at least 1.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <returns>How many segments are gone.</returns>
    public Task<Outcome<int>> BoundHistoryAsync(EnvId environment, ulong keep, CancellationToken cancellationToken) => BoundHistoryAsync(environment, keep, ReplayLedger.MaxKeys, cancellationToken);

    internal async Task<Outcome<int>> BoundHistoryAsync(EnvId environment, ulong keep, long keepKeys, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(keep);
        if (!Reading(environment, Reach).TryGet(out var present, out var refusal))
        {
            return refusal;
        }

        if (_bounded.TryGetValue(environment, out var done) && done == present)
        {
            return 0;
        }

        var removed = await Queue(environment).CaughtUpAsync(
            () => Reading(environment, folder =>
            {
                var newest = folder.Last()?.Generation() ?? 0;
                return newest <= keep ? 0 : Remove(folder.SurplusBut(newest - keep + 1, keepKeys));
            }),
            cancellationToken);
        if (removed.IsOk && Reading(environment, Reach).TryGet(out var left, out _))
        {
            _bounded[environment] = left;
        }

        return removed;

        Outcome<(ulong Keep, long KeepKeys, string? First, string? Last)> Reach(JournalFolder folder)
        {
            var segments = folder.Segments();
            return (keep, keepKeys, segments.FirstOrDefault(), segments.LastOrDefault());
        }
    }

    /// <summary>Removes the usage of old days. Today's is never removed.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="keepDays">How many whole days before today stay.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <returns>The days that are gone, <c>yyyymmdd</c>, oldest first.</returns>
    public Task<Outcome<ImmutableArray<string>>> PruneUsageAsync(EnvId environment, uint keepDays, CancellationToken cancellationToken)
    {
        var intent = new MutationIntent(environment, "usage", "prune", new JsonObject { ["environment_id"] = environment.ToString(), ["keep_days"] = keepDays });
        var change = new PendingMutation<ImmutableArray<string>>(intent, null, context =>
        {
            if (context.Current is null)
            {
                return new Refusal.Missing($"environment `{environment}` does not exist") { Next = "gtc op env list" };
            }

            return DaysToDrop(context.Files, keepDays, context.Now).Then<Mutation<ImmutableArray<string>>>(days => new Mutation<ImmutableArray<string>>(days)
            {
                Target = new JsonObject { ["environment_id"] = environment.ToString(), ["keep_days"] = keepDays, ["removed_days"] = days.Length },
            });
        });
        return Queue(environment).RecordedAsync(change, days => RemoveUsage(Layout.Environment(environment), days), cancellationToken);
    }

    /// <summary>The same beside the copy of an environment that is elsewhere: nothing of it is recorded here, where there is no log.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="keepDays">How many whole days before today stay.</param>
    /// <param name="now">The time.</param>
    /// <returns>The days that are gone, <c>yyyymmdd</c>, oldest first.</returns>
    public Outcome<ImmutableArray<string>> DropUsage(EnvId environment, uint keepDays, DateTimeOffset now) =>
        DaysToDrop(Files(environment), keepDays, now).Then<ImmutableArray<string>>(days => RemoveUsage(Layout.Environment(environment), days) is { } unremoved ? unremoved : days);

    private static Outcome<ImmutableArray<string>> DaysToDrop(EnvironmentFiles files, uint keepDays, DateTimeOffset now)
    {
        try
        {
            var today = DateOnly.FromDateTime(now.UtcDateTime);
            return new UsageFiles(files).DaysBefore(keepDays < today.DayNumber ? today.AddDays(-(int)keepDays) : DateOnly.MinValue);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("usage could not be listed", error);
        }
    }

    private Outcome<int> Bound(EnvId environment, int most, PrivateKey key)
    {
        var log = Layout.Environment(environment).AuditLog;
        try
        {
            var content = _atomic.Read(log, int.MaxValue) ?? [];
            var head = AuditHead.AllBut(content, most);
            var left = content.AsSpan(head.Bytes.Length).Count((byte)'\n');
            if (head.Lines == 0)
            {
                return left;
            }

            if (!new AuditTrail(this) { Trusted = [TrustedKey.Of(key.PublicKey)] }.Checkpoint(environment).TryGet(out var before, out var refusal))
            {
                return refusal;
            }

            // A pruning that was cut off has left its checkpoint and the lines; they are counted once.
            var counted = before is null ? 0 : AuditHead.Through(head.Bytes, before.PrunedThrough);
            var checkpoint = AuditCheckpoint.Of(environment, head.LastHash!, head.LastEvent!, (ulong)most, (before?.PrunedTotal ?? 0) + (ulong)(head.Lines - counted), Now);

            // The checkpoint first: one that names a line which is still there does no harm.
            return Files(environment).Write(AuditCheckpoint.Name, checkpoint.Sign(key)) is { } unwritten
                ? unwritten
                : Cut(log, head, null).Then<int>(_ => left);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("the audit log could not be pruned", error);
        }
    }

    private Outcome<ImmutableArray<string>> RemoveUsage(EnvironmentLayout layout, ImmutableArray<string> days)
    {
        try
        {
            foreach (var day in days)
            {
                FolderRemoval.Remove(_atomic.Calls, Path.Combine(layout.Usage, day));
            }

            return days;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("not every day of usage that may go could be removed; do it again", error);
        }
    }

    private static Outcome<DateTimeOffset> Horizon(MutationContext context, EnvId environment, uint? keepDays)
    {
        if (context.Current is not { } document)
        {
            return new Refusal.Missing($"environment `{environment}` does not exist") { Next = "gtc op env list" };
        }

        return (keepDays ?? document.Retention.AuditRetentionDays) is not { } days
            ? new Refusal.InvalidArgument($"environment `{environment}` keeps its audit log for ever: say how many days to keep") { Next = $"gtc op audit prune {environment} --keep-days 365" }
            : context.Now - DateTimeOffset.MinValue < TimeSpan.FromDays(days) ? DateTimeOffset.MinValue : context.Now - TimeSpan.FromDays(days);
    }

    private Outcome<Mutation<AuditHead>> Prune(EnvId environment, AuditHead head, DateTimeOffset horizon, string? archive)
    {
        var target = new JsonObject { ["environment_id"] = environment.ToString(), ["before"] = Rfc3339Json.Format(horizon), ["removed_lines"] = head.Lines };
        if (head.Lines > 0)
        {
            target[AuditCheck.RemovedThrough] = head.LastHash;
            if (archive is not null && !_atomic.CreateNew(archive, head.Bytes.Span, AtomicFile.Private))
            {
                return new Refusal.Conflict($"{archive} exists already; archived lines go into a file of their own");
            }
        }

        return new Mutation<AuditHead>(head) { Target = target };
    }

    /// <returns>How many segments are gone.</returns>
    private Outcome<int> Remove(ImmutableArray<string> surplus)
    {
        try
        {
            foreach (var path in surplus)
            {
                _atomic.Delete(path);
            }

            return surplus.Length;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("not every journal segment that may go could be removed; do it again", error);
        }
    }

    private Outcome<PrunedAudit> Cut(string log, AuditHead head, string? archive)
    {
        if (head.Lines == 0)
        {
            return new PrunedAudit(0, null);
        }

        try
        {
            var content = _atomic.Read(log, int.MaxValue) ?? [];
            if (!content.AsSpan().StartsWith(head.Bytes.Span))
            {
                return new Refusal.StoreFailed("the audit log was changed meanwhile; nothing was taken out of it");
            }

            _atomic.Replace(log, content.AsSpan(head.Bytes.Length), AtomicFile.Private);
            return new PrunedAudit(head.Lines, archive);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("the audit log could not be cut; do it again", error);
        }
    }
}
