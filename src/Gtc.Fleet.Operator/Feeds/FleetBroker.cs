using Gtc.Fleet.Contracts;
using Gtc.Nats;

namespace Gtc.Fleet.Operator;

/// <summary>The buckets of a fleet on its broker.</summary>
internal sealed class FleetBroker
{
    private readonly int _replicas;

    private FleetBroker(NatsConnection connection, int replicas)
    {
        (Connection, _replicas) = (connection, replicas);
        Streams = connection.JetStream();
        Desired = Streams.Bucket(FleetBuckets.DesiredState.Name).Value;
        Details = Streams.Bucket(FleetBuckets.DeviceDetails.Name).Value;
        States = Streams.Bucket(FleetBuckets.DeviceState.Name).Value;
        Heartbeats = Streams.Bucket(FleetBuckets.DeviceHeartbeat.Name).Value;
        Checkpoint = Streams.Bucket(FleetBuckets.Checkpoint.Name).Value;
    }

    public NatsConnection Connection { get; }

    public JetStreamContext Streams { get; }

    public Bucket Desired { get; }

    public Bucket Details { get; }

    public Bucket States { get; }

    public Bucket Heartbeats { get; }

    public Bucket Checkpoint { get; }

    /// <summary>The broker with all its buckets.</summary>
    public static async Task<NatsResult<FleetBroker>> OpenAsync(NatsConnection connection, int replicas, CancellationToken cancellationToken)
    {
        var broker = new FleetBroker(connection, replicas);
        return await broker.EnsureAsync(cancellationToken) is { } error ? error : broker;
    }

    /// <summary>Makes the buckets that are missing, as one that a restarted broker held in memory, and sets those that are there as they have to be.</summary>
    public async Task<NatsError?> EnsureAsync(CancellationToken cancellationToken)
    {
        foreach (var spec in FleetBuckets.All)
        {
            if ((await Streams.EnsureBucketAsync(ConfigOf(spec, _replicas), cancellationToken)).Error is { } error)
            {
                return error with { Message = $"bucket {spec.Name}: {error.Message}" };
            }
        }

        return null;
    }

    private static BucketConfig ConfigOf(BucketSpec spec, int replicas) => new()
    {
        Name = spec.Name,
        Description = spec.Purpose,
        History = spec.History,
        MaxAge = spec.MaxAge,
        MaxBytes = spec.MaxBytes,
        MaxValueBytes = spec.MaxValueBytes,
        Storage = spec.Storage == BucketStorage.Memory ? StreamStorage.Memory : StreamStorage.File,
        Replicas = Math.Max(replicas, spec.Replicas),
        AllowsRollUp = spec.AllowsRollup,
        DuplicateWindow = spec.DuplicateWindow,
        Republish = spec.RepublishTo is { } destination ? new StreamRepublish { Source = spec.AllSubjects, Destination = destination } : null,
    };
}
