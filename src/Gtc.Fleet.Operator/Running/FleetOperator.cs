using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Nats;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>
/// The operator: waits for its lease, takes up where the last one ended, and serves until it is asked to end or loses the lease (fleet.md §6).
/// </summary>
public sealed partial class FleetOperator : IAsyncDisposable
{
    private const string LeaseName = "fleet-operator";
    private const long ChangesPerCheckpoint = 50_000;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    private readonly OperatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly KubeClient _client;
    private readonly NatsConnection _connection;

    private FleetOperator(OperatorOptions options, NatsConnection connection, TimeProvider time, ILogger logger)
    {
        (_options, _connection, _time, _logger) = (options, connection, time, logger);
        _client = new KubeClient(options.Kube, CallTimeout, time);
    }

    /// <summary>What it does and has done, for probes and metrics.</summary>
    public OperatorHealth Health { get; } = new();

    /// <summary>Makes an operator; nothing is done before <see cref="RunAsync"/>.</summary>
    /// <returns>The operator, or what is wrong with the broker's options.</returns>
    public static NatsResult<FleetOperator> Create(OperatorOptions options, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        return NatsConnection.Start(options.Nats, time).TryGet(out var connection, out var error) ? new FleetOperator(options, connection, time, logger) : error;
    }

    /// <summary>Serves while it holds the lease and waits for it otherwise, until it is asked to end; then it makes a last checkpoint and gives the lease back.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var broker = await OpenBrokerAsync(cancellationToken);
            var lease = new LeaderLease(_client, _options.Namespace, LeaseName, _options.Identity ?? ProcessIdentity.Own, _options.Lease, ProcessIdentity.IsKnownDead, _time, _logger);
            while (!cancellationToken.IsCancellationRequested)
            {
                await lease.AcquireAsync(cancellationToken);
                Health.IsLeader = true;
                await LeadAsync(broker, lease, cancellationToken);
                Health.IsLeader = false;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to end.
        }
        finally
        {
            Health.IsLeader = false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _client.Dispose();
    }

    private async Task<FleetBroker> OpenBrokerAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _connection.WaitUntilConnectedAsync(cancellationToken);
            if ((await FleetBroker.OpenAsync(_connection, _options.Replicas, cancellationToken)).TryGet(out var broker, out var error))
            {
                return broker;
            }

            Log.NoBroker(_logger, error.ToString());
            await Task.Delay(Pause, _time, cancellationToken);
        }
    }

    private async Task LeadAsync(FleetBroker broker, LeaderLease lease, CancellationToken cancellationToken)
    {
        ICheckpointStore store = _options.CheckpointFolder is { } folder ? new FolderCheckpointStore(folder) : new BucketCheckpointStore(broker.Checkpoint);
        using var checkpointer = new Checkpointer(store, _options.Shard, lease.Epoch!, _time, _logger);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keeping = lease.KeepAsync(ends.Token);
        try
        {
            var restoring = RestoreAsync(checkpointer, ends.Token);
            if (await Task.WhenAny(restoring, keeping) == restoring && await restoring is { } tables)
            {
                var lost = await LostAsync(broker, tables, ends.Token);
                using var parts = new OperatorParts(_client, broker, tables, checkpointer, lost, lease, _options, _time, _logger);
                await ServeAsync(parts, lease, keeping, ends, cancellationToken);
            }
        }
        finally
        {
            await ends.CancelAsync();
            await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(OperatorParts parts, LeaderLease lease, Task keeping, CancellationTokenSource ends, CancellationToken cancellationToken)
    {
        Health.Parts = parts;
        var serving = parts.RunAsync(ends.Token).Append(CheckpointsAsync(parts, ends.Token)).ToList();
        var first = await Task.WhenAny([keeping, .. serving]);
        await ends.CancelAsync();
        await Task.WhenAll([keeping, .. serving]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Health.Parts = null;
        if (first != keeping && !parts.Checkpointer.IsSuperseded && !cancellationToken.IsCancellationRequested)
        {
            // One part ended by itself: that is a bug, and its exception says which.
            await first;
        }

        if (cancellationToken.IsCancellationRequested)
        {
            await EndAsync(parts, lease);
        }
    }

    /// <summary>A lease that was lost belongs to somebody else, and so does the checkpoint: nothing is written then.</summary>
    private async Task EndAsync(OperatorParts parts, LeaderLease lease)
    {
        using var last = new CancellationTokenSource(LastWords, _time);
        try
        {
            if (!parts.IsResyncing)
            {
                await parts.Checkpointer.WriteAsync(parts.Tables, last.Token);
            }

            await lease.ReleaseAsync(last.Token);
        }
        catch (OperationCanceledException)
        {
            Log.EndedEarly(_logger, LastWords.TotalSeconds);
        }
    }

    /// <summary>What the last leader knew; null when a later one than this has it already.</summary>
    private async Task<SharedTables?> RestoreAsync(Checkpointer checkpointer, CancellationToken cancellationToken)
    {
        var restored = await checkpointer.ReadAsync(cancellationToken);
        while (!await checkpointer.ClaimAsync(restored?.Header, cancellationToken))
        {
            if (checkpointer.IsSuperseded)
            {
                return null;
            }

            await Task.Delay(Pause, _time, cancellationToken);
            restored = await checkpointer.ReadAsync(cancellationToken);
        }

        if (restored is not { } found)
        {
            Log.NoCheckpoint(_logger);
            return new SharedTables(new FleetTables());
        }

        var (tables, header) = found;
        var shared = new SharedTables(tables) { DevicesVersion = header.DevicesVersion };
        foreach (var (stream, position) in header.Positions)
        {
            shared.Move(stream, position);
        }

        if (header.Positions.TryGetValue(FleetBuckets.DeviceState.Name, out var reports))
        {
            tables.Forget((long)reports.Sequence);
        }

        Log.Restored(_logger, tables.Devices, tables.Pairs, header.WrittenAt);
        return shared;
    }

    /// <summary>The buckets from which markers may have been removed that these tables were not told of: another operator's, with a checkpoint elsewhere.</summary>
    private async Task<IReadOnlySet<string>> LostAsync(FleetBroker broker, SharedTables tables, CancellationToken cancellationToken)
    {
        var lost = new HashSet<string>(StringComparer.Ordinal);
        foreach (var bucket in (Bucket[])[broker.States, broker.Desired])
        {
            NatsResult<CompactionMark> read;
            while (!(read = await CompactionMark.ReadAsync(broker, bucket, cancellationToken)).IsOk)
            {
                Log.NoBroker(_logger, read.Error!.ToString());
                await Task.Delay(Pause, _time, cancellationToken);
            }

            if (tables.PositionOf(bucket.Name) is { } position && read.Value.IsBehind(position))
            {
                lost.Add(bucket.Name);
            }
        }

        return lost;
    }

    private async Task CheckpointsAsync(OperatorParts parts, CancellationToken cancellationToken)
    {
        var last = _time.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250), _time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var changes = parts.Tables.Changes;
            var isDue = changes > 0 && (_time.GetElapsedTime(last) >= _options.CheckpointInterval || changes >= ChangesPerCheckpoint);
            if (isDue && !parts.IsResyncing)
            {
                await parts.Checkpointer.WriteAsync(parts.Tables, cancellationToken);
                if (parts.Checkpointer.IsSuperseded)
                {
                    return;
                }

                last = _time.GetTimestamp();
                parts.Forget();
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4951, LogLevel.Information, "The last checkpoint of {WrittenAt} holds {Devices} devices and {Pairs} pairs")]
        public static partial void Restored(ILogger logger, int devices, int pairs, DateTimeOffset writtenAt);

        [LoggerMessage(4973, LogLevel.Information, "There is no checkpoint: everything is read from its beginning")]
        public static partial void NoCheckpoint(ILogger logger);

        [LoggerMessage(4974, LogLevel.Warning, "The buckets of the fleet could not be opened and this is tried again: {Cause}")]
        public static partial void NoBroker(ILogger logger, string cause);

        [LoggerMessage(4976, LogLevel.Warning, "The last checkpoint was not made within {Seconds} s; the next start reads what came since the one before")]
        public static partial void EndedEarly(ILogger logger, double seconds);
    }
}
