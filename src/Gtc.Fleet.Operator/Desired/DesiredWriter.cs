using System.Collections.Immutable;
using System.Text;
using Gtc.Fleet.Contracts;
using Gtc.Nats;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Writes what devices have to run: for one device its entries first and its manifest last, for many devices at once. The manifest is written only as a
/// successor of the one that was read, and so is each entry, so that an operator that lost its lease changes nothing (fleet.md §6.4).
/// </summary>
internal sealed partial class DesiredWriter(FleetBroker broker, SharedTables tables, DeploymentBook book, Signal entriesGone, Func<CancellationToken, ValueTask> mayWrite, TimeProvider time, ILogger logger)
{
    /// <summary>The header in which an entry says whose it is.</summary>
    public const string OwnerHeader = "Fleet-Owner";

    /// <summary>The header in which an entry says the hash of its bytes, for whoever reads no payloads.</summary>
    public const string HashHeader = "Fleet-Score";

    private const int AtATime = 256;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly EntryWriter _entries = new(broker.Desired, mayWrite);
    private long _writes;
    private long _lastSequence;
    private int _inFlight;

    /// <summary>Entries and manifests that were written.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>Serves devices, each by one worker at a time.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(Enumerable.Range(0, AtATime).Select(_ => WorkAsync(cancellationToken)));

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await tables.Work.WaitAsync(cancellationToken);
            while (tables.Ask(ask => ask.TakeWork()) is { } work)
            {
                // There may be more than one device: the next worker looks.
                tables.Work.Set();
                await ServeAsync(work, cancellationToken);
            }
        }
    }

    private async Task ServeAsync(DeviceWork work, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _inFlight);
        try
        {
            if (await WriteAsync(work, cancellationToken) is { } error)
            {
                Log.NotWritten(logger, work.Id, error.ToString());
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
        finally
        {
            tables.Do(change => change.EndWork(work.Device));
            Advance();
            entriesGone.Set();
        }
    }

    private async Task<NatsError?> WriteAsync(DeviceWork work, CancellationToken cancellationToken)
    {
        if (!DeviceId.TryParse(work.Id, out var device))
        {
            return new NatsError(NatsErrorKind.Invalid, "the device's id is no key");
        }

        var read = await broker.Desired.GetLastAsync(KvKeys.Manifest(device), cancellationToken);
        if (read.Error is { Kind: not NatsErrorKind.NotFound } unread)
        {
            return unread;
        }

        await mayWrite(cancellationToken);

        // A manifest that cannot be read was not written by an operator: it is begun anew, behind its revision.
        var revision = read.IsOk ? read.Value.Revision : 0;
        var manifest = read.IsOk && read.Value.IsPut && DeviceManifest.Parse(read.Value.Value.Span).TryGet(out var parsed, out _) ? parsed : new DeviceManifest { Rev = 0 };
        var entries = manifest.Entries.ToBuilder();
        var (error, stored) = await PutAsync(device, work.Puts, manifest, entries, cancellationToken);
        error ??= await DeleteAsync(device, work.Deletes, entries, cancellationToken);
        if (error is not null)
        {
            return error;
        }

        if (!Same(entries, manifest.Entries))
        {
            var next = manifest with { Rev = manifest.Rev + 1, Entries = entries.ToImmutable() };
            var put = await broker.Desired.PutAsync(KvKeys.Manifest(device), next.ToBytes(), new BucketWrite { ExpectedRevision = revision }, cancellationToken);
            if (put.Error is not null)
            {
                return put.Error;
            }

            Wrote(put.Value);
        }

        Settle(work, stored);
        return null;
    }

    /// <summary>The tables learn what is stored only now that the manifest says so: a device acts on manifests.</summary>
    private void Settle(DeviceWork work, List<DesiredPut> stored)
    {
        var device = Encoding.ASCII.GetBytes(work.Id);
        tables.Do(change =>
        {
            foreach (var put in stored)
            {
                change.Stored(device, Encoding.ASCII.GetBytes(put.Deployment), put.Score);
            }

            foreach (var name in work.Deletes)
            {
                change.Absent(device, Encoding.ASCII.GetBytes(name));
            }
        });
    }

    /// <summary>When nobody is between an acknowledgement and the tables any more, the next start need not look at what was written until here.</summary>
    private void Advance()
    {
        var last = (ulong)Interlocked.Read(ref _lastSequence);
        if (Interlocked.Decrement(ref _inFlight) == 0 && tables.PositionOf(broker.Desired.Name) is { } position)
        {
            tables.Move(broker.Desired.Name, position with { Sequence = Math.Max(position.Sequence, last) });
        }
    }

    private void Wrote(ulong sequence)
    {
        Interlocked.Increment(ref _writes);
        for (var last = Interlocked.Read(ref _lastSequence); (long)sequence > last; last = Interlocked.Read(ref _lastSequence))
        {
            Interlocked.CompareExchange(ref _lastSequence, (long)sequence, last);
        }
    }

    private async Task<(NatsError? Error, List<DesiredPut> Stored)> PutAsync(
        DeviceId device, ImmutableArray<DesiredPut> puts, DeviceManifest manifest, ImmutableSortedDictionary<DeploymentName, ManifestEntry>.Builder entries, CancellationToken cancellationToken)
    {
        var stored = new List<DesiredPut>();
        var pending = new List<(DesiredPut Put, ActiveDeployment Active, DeploymentName Name, Task<NatsResult<ulong>> Writing)>();
        foreach (var put in puts)
        {
            // Another score came meanwhile: its work comes next.
            if (book.ActiveOf(put.Deployment) is not { } active || active.Intent.Score != put.Score || !DeploymentName.TryParse(put.Deployment, out var name))
            {
                continue;
            }

            if (manifest.Entries.TryGetValue(name, out var entry) && entry.Hash == active.ScoreHash && entry.Seq is not null)
            {
                stored.Add(put);
                continue;
            }

            var headers = new NatsHeaders();
            headers.Add(OwnerHeader, $"{active.Key.Namespace}/{active.Uid}");
            headers.Add(HashHeader, active.ScoreHash);
            pending.Add((put, active, name, _entries.PutAsync(KvKeys.DesiredState(device, name), active.Score, headers, entry?.Seq, cancellationToken)));
        }

        NatsError? failed = null;
        foreach (var (put, active, name, writing) in pending)
        {
            if (!(await writing).TryGet(out var sequence, out var error))
            {
                failed = error;
                continue;
            }

            Wrote(sequence);
            entries[name] = new ManifestEntry { Hash = active.ScoreHash, Seq = (long)sequence };
            stored.Add(put);
        }

        return (failed, stored);
    }

    private async Task<NatsError?> DeleteAsync(DeviceId device, ImmutableArray<string> names, ImmutableSortedDictionary<DeploymentName, ManifestEntry>.Builder entries, CancellationToken cancellationToken)
    {
        foreach (var text in names)
        {
            if (!DeploymentName.TryParse(text, out var name))
            {
                continue;
            }

            if (!(await _entries.DeleteAsync(KvKeys.DesiredState(device, name), entries.GetValueOrDefault(name)?.Seq, cancellationToken)).TryGet(out var sequence, out var error))
            {
                return error;
            }

            if (sequence > 0)
            {
                Wrote(sequence);
            }

            entries.Remove(name);
        }

        return null;
    }

    private static bool Same(ImmutableSortedDictionary<DeploymentName, ManifestEntry>.Builder left, ImmutableSortedDictionary<DeploymentName, ManifestEntry> right) =>
        left.Count == right.Count && left.All(entry => right.TryGetValue(entry.Key, out var other) && other == entry.Value);

    private static partial class Log
    {
        [LoggerMessage(4960, LogLevel.Warning, "What device {Device} has to run could not be written and is tried again: {Cause}")]
        public static partial void NotWritten(ILogger logger, string device, string cause);
    }
}
