using System.Collections.Immutable;
using System.Text;
using Gtc.Fleet.Contracts;
using Gtc.Nats;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Writes what devices have to run: for one device its entries first and its manifest last, for many devices at once. The manifest is written only as a
/// successor of the one that was read, so that an operator that lost its lease changes nothing (fleet.md §6.4).
/// </summary>
internal sealed partial class DesiredWriter(FleetBroker broker, SharedTables tables, DeploymentBook book, Signal entriesGone, TimeProvider time, ILogger logger)
{
    /// <summary>The header in which an entry says whose it is.</summary>
    public const string OwnerHeader = "Fleet-Owner";

    /// <summary>The header in which an entry says the hash of its bytes, for whoever reads no payloads.</summary>
    public const string HashHeader = "Fleet-Score";

    private const int AtATime = 256;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long _writes;
    private int _inFlight;

    /// <summary>Entries and manifests that were written.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var room = new SemaphoreSlim(AtATime);
        while (true)
        {
            while (tables.Ask(ask => ask.DevicesWithWork) > 0)
            {
                await room.WaitAsync(cancellationToken);
                if (tables.Ask(ask => ask.TakeWork()) is not { } work)
                {
                    room.Release();
                    break;
                }

                Interlocked.Increment(ref _inFlight);
                _ = ServeAsync(work, room, cancellationToken);
            }

            await tables.Work.WaitAsync(cancellationToken);
        }
    }

    private async Task ServeAsync(DeviceWork work, SemaphoreSlim room, CancellationToken cancellationToken)
    {
        try
        {
            if (await WriteAsync(work, cancellationToken) is { } error)
            {
                Log.NotWritten(logger, work.Id, error.ToString());
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to end; what was not told to the tables is found in the bucket at the next start.
            return;
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
            tables.Do(change => change.EndWork(work.Device));
            entriesGone.Set();
            if (!cancellationToken.IsCancellationRequested)
            {
                room.Release();
            }
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

            Interlocked.Increment(ref _writes);
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
            var key = KvKeys.DesiredState(device, name);
            var write = new BucketWrite { Headers = headers, MessageId = $"{key}:{active.ScoreHash}:{manifest.Rev + 1}" };
            pending.Add((put, active, name, broker.Desired.PutAsync(key, active.Score, write, cancellationToken).AsTask()));
        }

        NatsError? failed = null;
        foreach (var (put, active, name, writing) in pending)
        {
            if (!(await writing).TryGet(out var sequence, out var error))
            {
                failed = error;
                continue;
            }

            Interlocked.Increment(ref _writes);
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

            if ((await broker.Desired.DeleteAsync(KvKeys.DesiredState(device, name), cancellationToken)).Error is { } error)
            {
                return error;
            }

            Interlocked.Increment(ref _writes);
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
