using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>Everything of an environment at once, and what lies beside its document.</summary>
public sealed partial class FileEnvironmentStore
{
    private const int MostFolders = 8;

    /// <summary>Everything of an environment as it is at one moment, under its lock.</summary>
    public Task<Outcome<EnvironmentImage>> CaptureAsync(EnvId environment, CancellationToken cancellationToken) =>
        Queue(environment).CaughtUpAsync(() => Capture(environment), cancellationToken);

    /// <summary>What is kept of an environment by a change that is running and ends it.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="takes">Which of the documents beside its own are kept.</param>
    /// <param name="mostBytes">How many bytes they may have together.</param>
    public Outcome<EndingEnvironment> CaptureEnding(EnvId environment, Func<SideName, bool> takes, long mostBytes)
    {
        ArgumentNullException.ThrowIfNull(takes);
        var files = Files(environment);
        if (!new EnvironmentReader(files).Load().TryGet(out var document, out var refusal) || !ReadSides(environment, takes, mostBytes).TryGet(out var sides, out refusal))
        {
            return refusal;
        }

        return Reading(environment, folder => Keys(folder).Then(keys => folder.State().Then<EndingEnvironment>(journal =>
        {
            var log = files.Layout.AuditLog;
            var image = new EnvironmentImage { Document = document, Generation = document.EnvGeneration ?? 0, Sides = sides, Audit = [.. keys.Select(key => key.Audit)], Keys = keys };
            return new EndingEnvironment(image, AuditPages.Count(_atomic.Calls, log), journal.Hash ?? new AuditLog(_atomic).LastHash(log));
        })));
    }

    /// <summary>The audit log of an environment of this id that ended, up to a line; what is kept of those that ended is looked through, the newest first.</summary>
    /// <param name="environment">The id.</param>
    /// <param name="head">The hash of the last line that is wanted.</param>
    /// <param name="mostBytes">A log of more bytes stays where it is.</param>
    /// <returns>The lines without newlines; none when that log is not there any more, or is too long.</returns>
    public Outcome<ImmutableArray<ReadOnlyMemory<byte>>> EndedLog(EnvId environment, string head, long mostBytes)
    {
        try
        {
            foreach (var path in new DestroyedFolders(Layout, _atomic).Logs(environment))
            {
                if (_atomic.Calls.Status(path, followLinks: true) is { } status && status.Size <= mostBytes)
                {
                    var log = new ExportedAudit([.. AuditCheck.Split(_atomic.Read(path, int.MaxValue) ?? [], null).Select(line => line.Content)], null);
                    if (log.Through(head) is > 0 and var lines)
                    {
                        return log.Lines[..lines];
                    }
                }
            }

            return ImmutableArray<ReadOnlyMemory<byte>>.Empty;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"the audit log of what ended as environment `{environment}` could not be read", error);
        }
    }

    /// <summary>The names of what lies beside the document, in order; not what is a view, a worker's, or a copy.</summary>
    public Outcome<ImmutableArray<SideName>> Sides(EnvId environment)
    {
        var found = ImmutableArray.CreateBuilder<SideName>();
        try
        {
            Find(Layout.Environment(environment).Folder, string.Empty, MostFolders, found);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"the files of environment `{environment}` could not be listed", error);
        }

        found.Sort();
        return found.ToImmutable();
    }

    /// <summary>Ends an environment as <see cref="DestroyAsync"/> does, when a change says so.</summary>
    /// <param name="intent">What is recorded.</param>
    /// <param name="change">Whether it may end, and what is answered. It makes no document.</param>
    /// <param name="beforeItsEnd">What is done once the end is recorded and before it is one.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    public Task<Outcome<Committed<T>>> RemoveAsync<T>(
        MutationIntent intent, Func<MutationContext, Outcome<Mutation<T>>> change, Func<Committed<T>, Refusal?> beforeItsEnd, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(intent);
        ArgumentNullException.ThrowIfNull(beforeItsEnd);
        var pending = new PendingMutation<T>(intent, null, change);
        return Queue(intent.Environment).RecordedAsync(pending, answer =>
        {
            var committed = new Committed<T>(answer, pending.Place!);
            return beforeItsEnd(committed) is { } kept ? kept : End(new DestroyedFolders(Layout, _atomic), Layout.Environment(intent.Environment), [], isThere: true).Then<Committed<T>>(_ => committed);
        }, cancellationToken);
    }

    private Outcome<EnvironmentImage> Capture(EnvId environment)
    {
        var files = Files(environment);
        if (!new EnvironmentReader(files).Load().TryGet(out var document, out var refusal) || !ReadSides(environment, static _ => true, long.MaxValue).TryGet(out var sides, out refusal))
        {
            return refusal;
        }

        return Reading(environment, folder => Keys(folder).Then<EnvironmentImage>(keys => new EnvironmentImage
        {
            Document = document,
            Generation = document.EnvGeneration ?? 0,
            Sides = sides,
            Audit = [.. AuditCheck.Split(_atomic.Read(files.Layout.AuditLog, int.MaxValue) ?? [], null).Select(line => line.Content)],
            Keys = keys,
        }));
    }

    private Outcome<ImmutableSortedDictionary<SideName, ReadOnlyMemory<byte>>> ReadSides(EnvId environment, Func<SideName, bool> takes, long mostBytes)
    {
        if (!Sides(environment).TryGet(out var names, out var refusal))
        {
            return refusal;
        }

        var (files, left) = (Files(environment), mostBytes);
        var sides = ImmutableSortedDictionary.CreateBuilder<SideName, ReadOnlyMemory<byte>>();
        foreach (var name in names.Where(takes))
        {
            if (!files.Read(name.ToString(), SideDocument.MaxBytes).TryGet(out var bytes, out refusal))
            {
                return refusal;
            }

            sides[name] = bytes ?? [];
            if ((left -= sides[name].Length) < 0)
            {
                return EndingEnvironment.TooLarge(environment, mostBytes);
            }
        }

        return sides.ToImmutable();
    }

    private static Outcome<ImmutableArray<KeptKey>> Keys(JournalFolder folder)
    {
        var newest = new List<KeptKey>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in folder.Segments().Reverse())
        {
            if (!folder.Records(path).TryGet(out var records, out var refusal))
            {
                return refusal;
            }

            foreach (var record in records.Reverse())
            {
                if (record.Key is { } key && record.Fingerprint is { } fingerprint && record.Answer is { } answer && newest.Count < ReplayLedger.MaxKeys && seen.Add(key))
                {
                    newest.Add(new KeptKey(key, fingerprint, record.Generation, JournalRecord.Bytes(record.Audit), JournalRecord.Bytes(answer)));
                }
            }

            if (newest.Count == ReplayLedger.MaxKeys)
            {
                break;
            }
        }

        newest.Reverse();
        return newest.ToImmutableArray();
    }

    private void Find(string folder, string prefix, int deeper, ImmutableArray<SideName>.Builder found)
    {
        foreach (var path in FolderListing.Entries(folder))
        {
            var name = prefix + Path.GetFileName(path);
            if (SideName.IsReserved(name) || _atomic.Calls.Status(path, followLinks: false) is not { } status)
            {
                continue;
            }

            if (status.IsFolder && deeper > 0)
            {
                Find(path, name + "/", deeper - 1, found);
            }
            else if (status.IsRegular && SideName.TryParse(name, out var side))
            {
                found.Add(side);
            }
        }
    }
}
