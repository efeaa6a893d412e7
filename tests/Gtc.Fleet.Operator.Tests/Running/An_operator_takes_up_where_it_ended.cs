using System.Collections.Concurrent;
using System.Globalization;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator.Tests.Running;

[Collection("api server")]
public sealed class An_operator_takes_up_where_it_ended(ApiServer api)
{
    private const string All = """{"matchLabels":{"group":"lab"}}""";
    private const int Devices = 40;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_kill_under_writes_counters_are_exact_and_only_changes_were_read(bool inFolder)
    {
        await using var lab = await StartAsync(inFolder);
        var hash = await DeployAsync(lab);
        for (var device = 0; device < Devices; device++)
        {
            await lab.ReportAsync(Id(device), "hello", DeploymentPhase.Running, hash);
        }

        await lab.CountsAsync("hello", Devices, Devices, 0);
        await CheckpointAsync(lab);
        var failing = 7;
        for (var device = 0; device < failing; device++)
        {
            await lab.ReportAsync(Id(device), "hello", DeploymentPhase.Failed, hash, "it broke");
        }

        await lab.KillOperatorAsync();
        await lab.ReportAsync(Id(0), "hello", DeploymentPhase.Running, hash);
        lab.StartOperator();
        await lab.CountsAsync("hello", Devices, Devices - failing + 1, failing - 1);
        var parts = lab.Operator!.Health.Parts.ShouldNotBeNull();
        parts.States.Feed.LastResync.ShouldBe(ResyncReason.None);
        parts.States.Feed.MessagesRead.ShouldBeInRange(1, failing + 1);
        parts.Tables.Ask(tables => tables.Audit("hello")).ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_deleted_while_nobody_looked_is_taken_from_the_devices()
    {
        await using var lab = await StartAsync(inFolder: false);
        await DeployAsync(lab);
        await lab.ApplyAsync("other", All);
        await lab.ManifestAsync("pi-0", "hello", "other");

        // A description that is not known to be applied is applied again, and takes back what a person makes of the device's own label.
        var tables = lab.Operator!.Health.Parts.ShouldNotBeNull().Tables;
        var described = (await lab.Streams.StreamAsync(FleetBuckets.DeviceDetails.StreamName, TestContext.Current.CancellationToken)).Value.State.LastSequence;
        while (tables.PositionOf(FleetBuckets.DeviceDetails.Name)?.Sequence is not { } position || position < described)
        {
            await lab.Streams.Connection.FlushAsync(TestContext.Current.CancellationToken);
        }

        await CheckpointAsync(lab);
        await lab.KillOperatorAsync();
        await lab.DeleteAsync("hello");
        await lab.LabelAsync("pi-1", "group", "office");
        lab.StartOperator();
        await lab.GoneAsync("hello");
        await lab.ManifestAsync("pi-0", "other");
        await lab.ManifestAsync("pi-1");
        await lab.CountsAsync("other", Devices - 1, 0, 0);
    }

    /// <summary>The watch of devices goes on from the checkpoint, and what it tells first is what came since: until all of that is told, the counters are of no day.</summary>
    [Fact]
    public async Task Its_first_status_counts_every_device_that_came_meanwhile()
    {
        const int Meanwhile = 300;
        await using var lab = await StartAsync(inFolder: false);
        await DeployAsync(lab);
        await CheckpointAsync(lab);
        await lab.KillOperatorAsync();
        for (var device = Devices; device < Devices + Meanwhile; device++)
        {
            await lab.AddDeviceAsync(Id(device), "group", "lab");
        }

        using var watching = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var seen = new ConcurrentQueue<long>();
        var watch = lab.FollowAsync("hello", deployment => seen.Enqueue(deployment.Status?.Aggregate?.MatchedDeviceCount ?? 0), watching.Token);
        lab.StartOperator();
        await lab.CountsAsync("hello", Devices + Meanwhile, 0, 0);
        await watching.CancelAsync();
        await watch;
        seen.Distinct().ShouldBeSubsetOf([Devices, Devices + Meanwhile]);
        (await lab.DeviceAsync("pi-0", device => device.Metadata.Annotations?.ContainsKey(DeviceController.FollowedAnnotation) == true)).Metadata.Labels!["group"].ShouldBe("lab");
    }

    [Fact]
    public async Task Without_a_checkpoint_everything_is_read_and_nothing_is_written_again()
    {
        await using var lab = await StartAsync(inFolder: true);
        var hash = await DeployAsync(lab);
        await lab.ReportAsync("pi-3", "hello", DeploymentPhase.Running, hash);
        await lab.CountsAsync("hello", Devices, 1, 0);
        var before = await lab.ManifestAsync("pi-3", "hello");
        await lab.StopOperatorAsync();
        Directory.Delete(lab.CheckpointFolder!, recursive: true);
        lab.StartOperator();
        await lab.ReportAsync("pi-4", "hello", DeploymentPhase.Running, hash);
        await lab.CountsAsync("hello", Devices, 2, 0);
        lab.Operator!.Health.Parts!.States.Feed.LastResync.ShouldBe(ResyncReason.NoCheckpoint);
        lab.Operator.Health.Parts.Writer.Writes.ShouldBe(0);
        (await lab.ManifestAsync("pi-3", "hello")).Rev.ShouldBe(before.Rev);
    }

    [Fact]
    public async Task Buckets_that_were_lost_are_made_and_filled_again()
    {
        await using var lab = await StartAsync(inFolder: false);
        var hash = await DeployAsync(lab);
        await lab.ReportAsync("pi-1", "hello", DeploymentPhase.Running, hash);
        await lab.CountsAsync("hello", Devices, 1, 0);
        foreach (var bucket in (BucketSpec[])[FleetBuckets.DesiredState, FleetBuckets.DeviceState, FleetBuckets.DeviceHeartbeat])
        {
            (await lab.Streams.DeleteStreamAsync(bucket.StreamName, TestContext.Current.CancellationToken)).Error.ShouldBeNull();
        }

        await lab.CountsAsync("hello", Devices, 0, 0);
        await lab.ReportAsync("pi-2", "hello", DeploymentPhase.Running, hash);
        await lab.CountsAsync("hello", Devices, 1, 0);
        (await lab.ManifestAsync("pi-7", "hello")).Rev.ShouldBe(1);
        await lab.BeatAsync("pi-7");
    }

    [Fact]
    public async Task The_broker_and_the_api_server_may_be_killed_and_come_back()
    {
        await using var lab = await StartAsync(inFolder: false);
        var hash = await DeployAsync(lab);
        await lab.Broker.KillAsync();
        await lab.Broker.StartAsync();
        await lab.ReportAsync("pi-1", "hello", DeploymentPhase.Running, hash);
        await lab.CountsAsync("hello", Devices, 1, 0);
        await lab.BeatAsync("pi-1");
        await api.RestartAsync();
        await lab.ReportAsync("pi-2", "hello", DeploymentPhase.Failed, hash, "no");
        await lab.CountsAsync("hello", Devices, 1, 1);
        await lab.ApplyAsync("second", All);
        await lab.ManifestAsync("pi-39", "hello", "second");
    }

    private async Task<FleetLab> StartAsync(bool inFolder)
    {
        var lab = await FleetLab.StartAsync(api, startsOperator: false);
        lab.CheckpointFolder = inFolder ? Directory.CreateTempSubdirectory("gtc-checkpoint-").FullName : null;
        lab.StartOperator();
        return lab;
    }

    private static async Task<string> DeployAsync(FleetLab lab)
    {
        await lab.ApplyAsync("hello", All);
        await Task.WhenAll(Enumerable.Range(0, Devices).Select(device => lab.DescribeAsync(Id(device), ("group", "lab"))));
        await lab.CountsAsync("hello", Devices, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, Devices).Select(device => lab.ManifestAsync(Id(device), "hello")));
        return ScoreHash.Of((await lab.EntryAsync("pi-0", "hello")).ShouldNotBeNull());
    }

    /// <summary>Waits until all that the tables hold is in a checkpoint.</summary>
    private static async Task CheckpointAsync(FleetLab lab)
    {
        var parts = lab.Operator!.Health.Parts.ShouldNotBeNull();
        await parts.Checkpointer.WriteAsync(parts.Tables, TestContext.Current.CancellationToken);
    }

    private static string Id(int device) => $"pi-{device.ToString(CultureInfo.InvariantCulture)}";
}
