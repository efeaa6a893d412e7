using Gtc.Fleet.Contracts;
using Gtc.Fleet.Operator.Tests.Running;
using Gtc.Nats;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Fleet.Operator.Tests.Compacting;

[Collection("api server")]
public sealed class What_nobody_needs_leaves_the_broker(ApiServer api)
{
    private const string Lab = """{"matchLabels":{"group":"lab"}}""";
    private static readonly CompactionLimits AtOnce = new() { Horizon = TimeSpan.Zero, UnknownAge = TimeSpan.Zero, PerSecond = 1000 };

    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Markers_go_and_what_came_to_their_keys_since_stays()
    {
        await using var lab = await FleetLab.StartAsync(api);
        var hash = await DeployAsync(lab, "pi-1", "pi-2", "pi-3");
        await LeaveAsync(lab, "pi-1");
        await LeaveAsync(lab, "pi-2");
        await lab.CountsAsync("hello", 1, 1, 0);

        // One that left says something once more: late, and of nobody's concern, but newer than its marker.
        await lab.ReportAsync("pi-2", "hello", DeploymentPhase.Running, hash);
        await SettleAsync(lab);
        await CompactAsync(lab);
        (await KeysAsync(lab, FleetBuckets.DeviceState)).ShouldBe(["state.pi-2.hello", "state.pi-3.hello"]);
        (await KeysAsync(lab, FleetBuckets.DesiredState)).ShouldBe(["pi-1._manifest", "pi-2._manifest", "pi-3._manifest", "pi-3.hello"]);

        // Back again, as if nothing had been.
        await lab.LabelAsync("pi-1", "group", "lab");
        await lab.ManifestAsync("pi-1", "hello");
        await lab.CountsAsync("hello", 2, 1, 0);
        await lab.ReportAsync("pi-1", "hello", DeploymentPhase.Running, hash);
        await lab.CountsAsync("hello", 2, 2, 0);

        // The next operator needs nothing of what went.
        await lab.KillOperatorAsync();
        lab.StartOperator();
        await lab.ReportAsync("pi-1", "hello", DeploymentPhase.Failed, hash, "it broke");
        await lab.CountsAsync("hello", 2, 1, 1);
        lab.Operator!.Health.Parts!.States.Feed.LastResync.ShouldBe(ResyncReason.None);
    }

    [Fact]
    public async Task A_checkpoint_that_missed_markers_which_are_gone_is_not_trusted()
    {
        await using var lab = await FleetLab.StartAsync(api, startsOperator: false);
        lab.CheckpointFolder = Directory.CreateTempSubdirectory("gtc-checkpoint-").FullName;
        lab.StartOperator();
        await DeployAsync(lab, "pi-1", "pi-2");
        await lab.StopOperatorAsync();
        var old = Directory.GetFiles(lab.CheckpointFolder).ToDictionary(path => path, File.ReadAllBytes);

        lab.StartOperator();
        await lab.CountsAsync("hello", 2, 2, 0);
        (await lab.Streams.Bucket(FleetBuckets.DeviceState.Name).Value.DeleteAsync("state.pi-1.hello", Ends)).Error.ShouldBeNull();
        await lab.CountsAsync("hello", 2, 1, 0);
        await SettleAsync(lab);
        await CompactAsync(lab);
        (await KeysAsync(lab, FleetBuckets.DeviceState)).ShouldBe(["state.pi-2.hello"]);
        await lab.StopOperatorAsync();

        // An operator of another machine, whose disk knows of the report only.
        Array.ForEach(Directory.GetFiles(lab.CheckpointFolder), File.Delete);
        foreach (var (path, bytes) in old)
        {
            await File.WriteAllBytesAsync(path, bytes, Ends);
        }

        lab.StartOperator();
        await lab.ReportAsync("pi-2", "hello", DeploymentPhase.Pending, null);
        await lab.CountsAsync("hello", 2, 0, 0);
        lab.Operator!.Health.Parts!.States.Feed.LastResync.ShouldBe(ResyncReason.CheckpointTooOld);
    }

    [Fact]
    public async Task Reports_of_devices_that_never_registered_go_and_count_when_they_are_said_again()
    {
        await using var lab = await FleetLab.StartAsync(api);
        var hash = await DeployAsync(lab, "pi-1");
        await lab.ReportAsync("ghost", "hello", DeploymentPhase.Running, hash);
        await lab.ReportAsync("pi-1", "hello", DeploymentPhase.Failed, hash, "it broke");
        await lab.CountsAsync("hello", 1, 0, 1);
        var compactor = await CompactorAsync(lab);
        (await compactor.EvictAsync(Ends)).ShouldBeNull();
        compactor.UnknownReports.ShouldBe(1);
        (await KeysAsync(lab, FleetBuckets.DeviceState)).ShouldBe(["state.pi-1.hello"]);
        lab.Operator!.Health.Parts!.Tables.Ask(tables => tables.Pairs).ShouldBe(1);

        await lab.DescribeAsync("ghost", ("group", "lab"));
        await lab.CountsAsync("hello", 2, 0, 1);
        await lab.ReportAsync("ghost", "hello", DeploymentPhase.Running, hash);
        await lab.CountsAsync("hello", 2, 1, 1);
    }

    private static async Task<string> DeployAsync(FleetLab lab, params string[] devices)
    {
        await lab.ApplyAsync("hello", Lab);
        foreach (var device in devices)
        {
            await lab.DescribeAsync(device, ("group", "lab"));
            await lab.ManifestAsync(device, "hello");
        }

        var hash = ScoreHash.Of((await lab.EntryAsync(devices[0], "hello"))!);
        foreach (var device in devices)
        {
            await lab.ReportAsync(device, "hello", DeploymentPhase.Running, hash);
        }

        await lab.CountsAsync("hello", devices.Length, devices.Length, 0);
        return hash;
    }

    /// <summary>A device loses the label; it takes its report back when its containers are gone.</summary>
    private static async Task LeaveAsync(FleetLab lab, string device)
    {
        await lab.LabelAsync(device, "group", null);
        await lab.LabelAsync(device, "group", "office");
        await lab.ManifestAsync(device);
        (await lab.Streams.Bucket(FleetBuckets.DeviceState.Name).Value.DeleteAsync($"state.{device}.hello", Ends)).Error.ShouldBeNull();
    }

    /// <summary>Waits until everything that is in the streams now is in a checkpoint.</summary>
    private static async Task SettleAsync(FleetLab lab)
    {
        var parts = lab.Operator!.Health.Parts.ShouldNotBeNull();
        foreach (var spec in (BucketSpec[])[FleetBuckets.DeviceState, FleetBuckets.DesiredState])
        {
            var last = (await lab.Streams.StreamAsync(spec.StreamName, Ends)).Value.State.LastSequence;
            while (parts.Tables.PositionOf(spec.Name)?.Sequence is not { } position || position < last)
            {
                await lab.Streams.Connection.FlushAsync(Ends);
            }
        }

        parts.Tables.Do(static _ => { });
        await parts.Checkpointer.WriteAsync(parts.Tables, Ends);
    }

    private static async Task CompactAsync(FleetLab lab)
    {
        var compactor = await CompactorAsync(lab);
        foreach (var name in (string[])[FleetBuckets.DeviceState.Name, FleetBuckets.DesiredState.Name])
        {
            (await compactor.CompactAsync(lab.Streams.Bucket(name).Value, Ends)).ShouldBeNull();
        }
    }

    private static async Task<BucketCompactor> CompactorAsync(FleetLab lab)
    {
        var parts = lab.Operator!.Health.Parts.ShouldNotBeNull();
        var broker = (await FleetBroker.OpenAsync(lab.Streams.Connection, 1, Ends)).Value;
        return new BucketCompactor(broker, parts.Tables, parts.Checkpointer, AtOnce, static _ => default, TimeProvider.System, NullLogger.Instance);
    }

    /// <summary>Every key that has a message, be it a marker.</summary>
    private static async Task<List<string>> KeysAsync(FleetLab lab, BucketSpec spec)
    {
        var keys = new List<string>();
        await using var reader = (await lab.Streams.ConsumeAsync(spec.StreamName, new ConsumerOptions { Filter = spec.AllSubjects, HeadersOnly = true }, Ends)).Value;
        for (var left = reader.InitialPending; left > 0; left--)
        {
            keys.Add((await reader.ReadAsync(Ends))!.Subject[spec.Subject("").Length..]);
        }

        keys.Sort(StringComparer.Ordinal);
        return keys;
    }
}
