using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator.Tests.Running;

[Collection("api server")]
public sealed class Devices_live_and_go(ApiServer api)
{
    [Fact]
    public async Task A_device_becomes_a_resource_with_labels_that_kubernetes_takes_and_its_life_as_conditions()
    {
        await using var lab = await FleetLab.StartAsync(api, startsOperator: false);
        lab.StartOperator(lab.Options with { Liveness = new LivenessLimits(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)) });
        await lab.BeatAsync("pi-1");
        await lab.DescribeAsync("pi-1", ("group", "two words"), ("kubernetes.io/role", "x"));
        var device = await lab.DeviceAsync("pi-1", device => Reachable(device) == "True/HeartbeatReceived");
        device.Metadata.Labels!["group"].ShouldBe("two-words");
        device.Metadata.Labels["device-id"].ShouldBe("pi-1");
        device.Metadata.Labels.ShouldNotContainKey("kubernetes.io/role");
        device.Metadata.Annotations![DeviceLabels.RawAnnotation].ShouldContain("two words");
        await lab.DeviceAsync("pi-1", late => Reachable(late) == "Unknown/HeartbeatLate");
        await lab.DeviceAsync("pi-1", gone => Reachable(gone) == "False/HeartbeatTimeout");
        await lab.BeatAsync("pi-1");
        await lab.DeviceAsync("pi-1", back => Reachable(back) == "True/HeartbeatReceived");
    }

    [Fact]
    public async Task An_operator_that_hears_no_broker_says_so_of_every_device_until_it_hears_again()
    {
        await using var lab = await FleetLab.StartAsync(api, startsOperator: false);
        lab.StartOperator(lab.Options with { Liveness = new LivenessLimits(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(500)) });
        foreach (var device in (string[])["pi-1", "pi-2"])
        {
            await lab.BeatAsync(device);
            await lab.DescribeAsync(device, ("group", "lab"));
            await lab.DeviceAsync(device, known => Reachable(known) is "True/HeartbeatReceived" or "Unknown/HeartbeatLate");
        }

        await lab.Broker.KillAsync();
        foreach (var device in (string[])["pi-1", "pi-2"])
        {
            var unheard = await lab.DeviceAsync(device, lost => Reachable(lost) == "Unknown/ControlPlaneDisconnected");
            unheard.Status!.Conditions!.Value.ShouldContain(condition => condition.Type == "Stale");
        }

        await lab.Broker.StartAsync();
        await lab.DeviceAsync("pi-2", back => Reachable(back) is "True/HeartbeatReceived" or "Unknown/HeartbeatLate");
        await lab.BeatAsync("pi-1");
        await lab.DeviceAsync("pi-1", back => Reachable(back) == "True/HeartbeatReceived");
    }

    [Fact]
    public async Task A_device_that_is_deleted_leaves_no_key_behind()
    {
        await using var lab = await FleetLab.StartAsync(api);
        await lab.DescribeAsync("pi-1", ("group", "lab"));
        await lab.ApplyAsync("hello", """{"matchLabels":{"group":"lab"}}""");
        await lab.ManifestAsync("pi-1", "hello");
        await lab.ReportAsync("pi-1", "hello", DeploymentPhase.Running, ScoreHash.Of((await lab.EntryAsync("pi-1", "hello"))!));
        await lab.CountsAsync("hello", 1, 1, 0);
        await lab.DeleteDeviceAsync("pi-1");
        await lab.CountsAsync("hello", 0, 0, 0);
        foreach (var bucket in (BucketSpec[])[FleetBuckets.DeviceDetails, FleetBuckets.DeviceState, FleetBuckets.DesiredState])
        {
            (await lab.Streams.StreamAsync(bucket.StreamName, TestContext.Current.CancellationToken)).Value.State.Messages.ShouldBe(0UL, bucket.Name);
        }

        await lab.DescribeAsync("pi-1", ("group", "lab"));
        await lab.CountsAsync("hello", 1, 0, 0);
        await lab.ManifestAsync("pi-1", "hello");
    }

    [Fact]
    public async Task A_batched_roll_out_goes_on_batch_by_batch_and_stops_at_failures()
    {
        await using var lab = await FleetLab.StartAsync(api);
        string[] devices = ["pi-1", "pi-2", "pi-3", "pi-4"];
        foreach (var device in devices)
        {
            await lab.BeatAsync(device);
            await lab.DescribeAsync(device, ("group", "lab"));
        }

        const string Batched = ""","rollout":{"strategy":"Batched","batchSize":1,"maxUnavailable":1,"pauseOnFailedPercent":50}""";
        await lab.ApplyAsync("hello", """{"matchLabels":{"group":"lab"}}""", more: Batched);
        var first = await UpdatedAsync(lab, devices, 1);
        var hash = ScoreHash.Of((await lab.EntryAsync(first.Single(), "hello"))!);
        await lab.ReportAsync(first.Single(), "hello", DeploymentPhase.Running, hash);
        var second = (await UpdatedAsync(lab, devices, 2)).Except(first).Single();
        await lab.ReportAsync(second, "hello", DeploymentPhase.Running, hash);
        var third = (await UpdatedAsync(lab, devices, 3)).Except(first).Single(device => device != second);

        // Two of three failed: the fourth is spared.
        await lab.ReportAsync(third, "hello", DeploymentPhase.Failed, hash, "no space");
        await lab.ReportAsync(second, "hello", DeploymentPhase.Failed, hash, "no space");
        var paused = await lab.StatusAsync("hello", deployment => deployment.Status?.Rollout?.State == "Paused");
        paused.Status!.Conditions!.Value.ShouldContain(condition => condition.Type == "Progressing" && condition.Status == "False" && condition.Reason == "Paused");
        paused.Status.Rollout!.Updated.ShouldBe(3);
    }

    private static string? Reachable(FleetDevice device) =>
        device.Status?.Conditions?.Where(condition => condition.Type == "Reachable").Select(condition => $"{condition.Status}/{condition.Reason}").FirstOrDefault();

    private static async Task<List<string>> UpdatedAsync(FleetLab lab, string[] devices, long count)
    {
        await lab.StatusAsync("hello", deployment => deployment.Status?.Rollout?.Updated == count);
        var updated = new List<string>();
        foreach (var device in devices)
        {
            if (await lab.EntryAsync(device, "hello") is not null)
            {
                updated.Add(device);
            }
        }

        updated.Count.ShouldBe((int)count);
        return updated;
    }
}
