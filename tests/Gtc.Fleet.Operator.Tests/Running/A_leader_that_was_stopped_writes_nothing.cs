using System.Collections.Concurrent;
using System.Globalization;
using Gtc.Fleet.Contracts;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Fleet.Operator.Tests.Running;

/// <summary>
/// Two operators; whoever leads is stopped for longer than its lease lasts and then goes on in the middle of whatever it did. The number of devices that
/// succeeded only ever grows here, so that a status of an earlier leader would be seen as one that went backwards.
/// </summary>
[Collection("api server")]
public sealed class A_leader_that_was_stopped_writes_nothing(ApiServer api)
{
    private const int Rounds = 20;
    private const int Acquired = 4970;
    private const int Lost = 4971;
    private const int Superseded = 4977;

    [Fact]
    public async Task Twenty_times_over()
    {
        var ends = TestContext.Current.CancellationToken;
        await using var lab = await FleetLab.StartAsync(api, startsOperator: false);

        // What came when: of no use but to whoever reads of a failure.
        var story = new ConcurrentQueue<string>();
        await using var first = OperatorProcess.Start(api.Kubeconfig, lab.Broker.Url, FleetLab.Space, "first", story.Enqueue);
        await first.LogsAsync(ends, Acquired);
        await using var second = OperatorProcess.Start(api.Kubeconfig, lab.Broker.Url, FleetLab.Space, "second", story.Enqueue);
        var (leader, other) = (first, second);

        await lab.ApplyAsync("hello", """{"matchLabels":{"group":"lab"}}""");
        for (var device = 0; device < Rounds * 3; device++)
        {
            await lab.DescribeAsync(Id(device), ("group", "lab"));
        }

        await lab.CountsAsync("hello", Rounds * 3, 0, 0);
        var hash = (await lab.StatusAsync("hello", deployment => deployment.Status?.ObservedScoreHash is not null)).Status!.ObservedScoreHash!;
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(ends);
        var seen = new ConcurrentQueue<long>();
        var watch = lab.FollowAsync("hello", deployment =>
        {
            var counts = deployment.Status?.Aggregate;
            seen.Enqueue(counts?.Succeeded ?? 0);
            story.Enqueue($"seen: {counts?.Succeeded} of {counts?.MatchedDeviceCount} in version {deployment.Metadata.ResourceVersion}");
        }, watching.Token);
        var epochs = new List<LeaseEpoch>();
        for (var round = 0; round < Rounds; round++)
        {
            story.Enqueue($"round {round}");

            // In the middle of reports, so that there is something to be written.
            await lab.ReportAsync(Id(3 * round), "hello", DeploymentPhase.Running, hash);
            await leader.SignalAsync("STOP");
            await lab.ReportAsync(Id((3 * round) + 1), "hello", DeploymentPhase.Running, hash);
            await other.LogsAsync(ends, Acquired);
            await lab.ReportAsync(Id((3 * round) + 2), "hello", DeploymentPhase.Running, hash);
            await lab.CountsAsync("hello", Rounds * 3, (3 * round) + 3, 0);
            await leader.SignalAsync("CONT");
            await leader.LogsAsync(ends, Lost, Superseded);
            epochs.Add(await EpochAsync(lab));
            epochs[^1].Holder.ShouldBe(other.Identity);
            (leader, other) = (other, leader);
        }

        await lab.CountsAsync("hello", Rounds * 3, Rounds * 3, 0);
        await watching.CancelAsync();
        await watch;
        seen.ShouldBeInOrder(SortDirection.Ascending, string.Join(Environment.NewLine, story));
        seen.Last().ShouldBe(Rounds * 3);
        epochs.Select(epoch => epoch.Number).ShouldBeInOrder();
    }

    /// <summary>Whose the checkpoint is, and that it is whole.</summary>
    private static async Task<LeaseEpoch> EpochAsync(FleetLab lab)
    {
        var store = new BucketCheckpointStore(lab.Streams.Bucket(FleetBuckets.Checkpoint.Name).Value);
        for (var tries = 0; ; tries++)
        {
            using var reader = new Checkpointer(store, "s0", new LeaseEpoch("reader", 0, "reader"), TimeProvider.System, NullLogger.Instance);
            if (await reader.ReadAsync(TestContext.Current.CancellationToken) is { } read)
            {
                return read.Header.Epoch;
            }

            // A leader at work may have gone on between the header and a page of it, twice; not fifty times.
            tries.ShouldBeLessThan(50);
        }
    }

    private static string Id(int device) => $"pi-{device.ToString(CultureInfo.InvariantCulture)}";
}
