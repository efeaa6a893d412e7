using Gtc.Kubernetes;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>All that runs while an operator leads, wired together.</summary>
internal sealed class OperatorParts : IDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    private readonly FleetBroker _broker;
    private readonly TimeProvider _time;

    /// <param name="client">The cluster.</param>
    /// <param name="broker">The buckets.</param>
    /// <param name="tables">What the last leader knew.</param>
    /// <param name="checkpointer">Where that came from, claimed.</param>
    /// <param name="lost">Buckets of which a marker may be gone that the tables were not told of.</param>
    /// <param name="lease">The Lease, held.</param>
    /// <param name="options">The options.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public OperatorParts(
        KubeClient client, FleetBroker broker, SharedTables tables, Checkpointer checkpointer, IReadOnlySet<string> lost, LeaderLease lease, OperatorOptions options, TimeProvider time, ILogger logger)
    {
        (_broker, _time, Tables, Checkpointer) = (broker, time, tables, checkpointer);
        var isOld = checkpointer.WrittenAt is { } at && time.GetUtcNow() - at > options.Compaction.Horizon;
        var budget = new ApiBudget(options.ApiBudget, lease.WaitUntilHeldAsync, time);
        var book = new DeploymentBook();
        var events = new KubeEvents(client, budget, options.Namespace, time, options.Jitter, logger);
        var failures = new FailureTexts(FailureTexts.ReaderOf(broker.States), tables);
        Lives = new LivenessLoop(client, broker, tables, budget, options.Liveness, time, logger);
        Deployments = new DeploymentController(client, book, tables, budget, events, time, options.Jitter, logger);
        Devices = new DeviceController(client, broker, tables, Lives, budget, lease.WaitUntilHeldAsync, time, options.Jitter, logger);
        Descriptions = new DeviceReconciler(client, broker, tables, Devices, Lives, budget, isOld || lost.Contains(broker.Details.Name), time, logger);
        States = new StateFeed(broker, tables, Lives, isOld || lost.Contains(broker.States.Name), time, logger);
        Entries = DesiredFeed.Create(broker, tables, isOld || lost.Contains(broker.Desired.Name), time, logger);
        Rollouts = new RolloutDriver(book, tables, failures, events, options.StatusInterval, time);
        Writer = new DesiredWriter(broker, tables, book, Deployments.EntriesGone, lease.WaitUntilHeldAsync, time, logger);
        Statuses = new StatusPatcher(client, book, tables, budget, failures, Rollouts, () => States.IsResyncing, options.StatusInterval, time, logger);
        Compactor = new BucketCompactor(broker, tables, checkpointer, options.Compaction, lease.WaitUntilHeldAsync, time, logger);
        Audit = new SelfAudit(tables, time, logger);
        Deployments.Touched = Statuses.Touch;
        Rollouts.Touched = Statuses.Touch;
        Lives.ExpectKnown();
    }

    public SharedTables Tables { get; }

    public Checkpointer Checkpointer { get; }

    public DeploymentController Deployments { get; }

    public DeviceController Devices { get; }

    public DeviceReconciler Descriptions { get; }

    public StateFeed States { get; }

    public StreamFeed Entries { get; }

    public LivenessLoop Lives { get; }

    public RolloutDriver Rollouts { get; }

    public DesiredWriter Writer { get; }

    public StatusPatcher Statuses { get; }

    public BucketCompactor Compactor { get; }

    public SelfAudit Audit { get; }

    /// <summary>Whether the tables are not yet those of all facts: such a state is not kept.</summary>
    public bool IsResyncing => !IsCaughtUp || States.IsResyncing;

    public bool IsCaughtUp => Deployments.Synced.IsCompleted && Devices.Synced.IsCompleted && States.Feed.CaughtUp.IsCompleted && Entries.CaughtUp.IsCompleted;

    /// <summary>Starts everything; each task ends only when it is cancelled.</summary>
    public IEnumerable<Task> RunAsync(CancellationToken cancellationToken) =>
    [
        Deployments.RunAsync(cancellationToken),
        Deployments.ReleaseAsync(EntriesKnownAsync(cancellationToken), cancellationToken),
        Devices.RunAsync(cancellationToken),
        Devices.ReleaseAsync(cancellationToken),
        States.Feed.RunAsync(cancellationToken),
        DescribeAsync(cancellationToken),
        FollowEntriesAsync(cancellationToken),
        Lives.Feed.RunAsync(cancellationToken),
        Lives.RunAsync(cancellationToken),
        Lives.PatchAsync(cancellationToken),
        Lives.TellDeafnessAsync(cancellationToken),
        CompactAsync(cancellationToken),
        WriteAsync(cancellationToken),
        TellAsync(cancellationToken),
        Audit.RunAsync(cancellationToken),
    ];

    /// <summary>A checkpoint holds everything up to its positions: nothing before them is told again.</summary>
    public void Forget()
    {
        if (Tables.PositionOf(States.Feed.BucketName) is { } position)
        {
            Tables.Do(change => change.Forget((long)position.Sequence));
        }
    }

    public void Dispose()
    {
        Deployments.Dispose();
        Statuses.Dispose();
        Descriptions.Dispose();
    }

    /// <summary>Nothing is written for devices before all is known: an entry of a deployment that was not listed yet would look like one that is to go.</summary>
    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        await EntriesKnownAsync(cancellationToken);
        Deployments.Sweep();
        await Task.WhenAll(Rollouts.RunAsync(cancellationToken), Writer.RunAsync(cancellationToken));
    }

    private Task EntriesKnownAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Deployments.Synced, Devices.Synced, Entries.CaughtUp).WaitAsync(cancellationToken);

    /// <summary>The first status is told when every report of before is in it.</summary>
    private async Task TellAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Deployments.Synced, Devices.Synced, States.Feed.CaughtUp).WaitAsync(cancellationToken);
        await Statuses.RunAsync(cancellationToken);
    }

    /// <summary>A device that was not listed yet would look like one without a resource.</summary>
    private async Task CompactAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(EntriesKnownAsync(cancellationToken), States.Feed.CaughtUp).WaitAsync(cancellationToken);
        await Compactor.RunAsync(cancellationToken);
    }

    private async Task DescribeAsync(CancellationToken cancellationToken)
    {
        await Devices.Synced.WaitAsync(cancellationToken);
        await Descriptions.RunAsync(cancellationToken);
    }

    private async Task FollowEntriesAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookAgain, _time);
        do
        {
            // Only this process writes entries; they can still be lost with their bucket.
            var status = await _broker.Desired.StatusAsync(cancellationToken);
            if (status.Error?.Kind == Gtc.Nats.NatsErrorKind.NotFound || (status.IsOk && Tables.PositionOf(Entries.BucketName)?.Created != status.Value.Created) || !Entries.CaughtUp.IsCompleted)
            {
                await Entries.RunAsync(cancellationToken);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }
}
