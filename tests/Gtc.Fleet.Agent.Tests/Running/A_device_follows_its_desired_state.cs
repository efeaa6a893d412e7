using System.Text;
using System.Text.Json;
using Gtc.Fleet.Agent.Tests.Lab;
using Gtc.Fleet.Contracts;
using Gtc.Podman.Tests.Real;

namespace Gtc.Fleet.Agent.Tests.Running;

[Collection("podman")]
public sealed class A_device_follows_its_desired_state(RealPodman podman)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_apply_through_upgrade_and_a_failed_pull_to_removal()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        var port = RealPodman.FreePort();
        lab.Boot();

        await lab.ApplyAsync("web", DeviceLab.Score("web", RealPodman.Image, port));
        var first = await lab.RunsAsync("web");
        first.LastError.ShouldBeNull();
        first.Seq.ShouldBe(2, "pending, then running");
        (await RealPodman.PageAsync(port)).ShouldBe("a page\n");
        var old = await lab.ContainerAsync("web");
        old.Name.ShouldBe("fleet-web-web");

        await lab.ApplyAsync("web", DeviceLab.Score("web", RealPodman.OtherImage, port));
        await lab.RunsAsync("web");
        var next = await lab.ContainerAsync("web");
        next.Id.ShouldNotBe(old.Id);
        next.Image.ShouldBe(RealPodman.OtherImage);
        (await RealPodman.PageAsync(port)).ShouldBe("a page\n");

        await lab.ApplyAsync("web", DeviceLab.Score("web", "127.0.0.1:1/nowhere/web:3", port));
        (await lab.FailsAsync("web", "127.0.0.1:1/nowhere/web:3")).LastError!.ShouldContain("connection refused");
        (await lab.ContainerAsync("web")).Id.ShouldBe(next.Id, "a pull that fails leaves the old container alone");
        (await RealPodman.PageAsync(port)).ShouldBe("a page\n");

        await lab.RemoveAsync("web");
        await lab.GoneAsync("web");
        Directory.GetFiles(Path.Combine(lab.Config.DataFolder, "desired")).ShouldBeEmpty();
        Directory.GetFiles(Path.Combine(lab.Config.DataFolder, "state")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_manifest_that_is_not_there_or_cannot_be_read_takes_nothing_away()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        lab.Boot();
        await lab.ApplyAsync("calm", DeviceLab.Shell("calm", "sleep 1000"));
        await lab.RunsAsync("calm");
        var before = await lab.ContainerAsync("calm");

        foreach (var bytes in (string[])["", "{", "{\"rev\":99}x", "null", "{\"rev\":99,\"entries\":{\"calm\":{}}}"])
        {
            (await lab.Bucket(FleetBuckets.DesiredState).PutAsync(KvKeys.Manifest(lab.Device), Encoding.UTF8.GetBytes(bytes), Token)).Error.ShouldBeNull();
            await ReconcileAsync(lab);
            (await lab.ContainerAsync("calm")).Id.ShouldBe(before.Id);
        }

        (await lab.Bucket(FleetBuckets.DesiredState).DeleteAsync(KvKeys.Manifest(lab.Device), Token)).Error.ShouldBeNull();
        await ReconcileAsync(lab);
        await lab.HaltAsync();
        lab.Boot();
        await ReconcileAsync(lab);
        (await lab.ContainerAsync("calm")).Id.ShouldBe(before.Id, "also after a start");

        await lab.PutManifestAsync(rev: 1);
        await ReconcileAsync(lab);
        (await lab.ContainerAsync("calm")).Id.ShouldBe(before.Id, "the same revision is no order either");
        await lab.RemoveAsync("calm");
        await lab.GoneAsync("calm");
    }

    [Fact]
    public async Task What_a_person_stops_or_removes_comes_back_and_what_is_not_the_fleets_is_not_touched()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        var foreign = (await lab.Podman.CreateAsync(new() { Name = "fleet-mine-web", Image = RealPodman.Image, Command = ["/bin/sh", "-c", "sleep 1000"], Netns = new("none") }, Token)).Value.Id;
        lab.Boot();
        await lab.ApplyAsync("mine", DeviceLab.Shell("web", "sleep 1000"));
        await lab.ApplyAsync("calm", DeviceLab.Shell("calm", "sleep 1000"));
        (await lab.FailsAsync("mine", "fleet-mine-web")).LastError!.ShouldContain("not touched");
        await lab.RunsAsync("calm");
        (await lab.Podman.InspectAsync("fleet-mine-web", Token)).Value.Id.ShouldBe(foreign);

        var before = await lab.ContainerAsync("calm");
        await lab.Podman.StopAsync(before.Id, TimeSpan.Zero, Token);
        await lab.StateAsync("calm", state => state.Seq >= 4 && state.Phase == DeploymentPhase.Running, "running again");
        (await lab.ContainerAsync("calm")).Id.ShouldBe(before.Id, "a container that was stopped is started");

        await lab.Podman.RemoveAsync(before.Id, TimeSpan.Zero, Token);
        await lab.StateAsync("calm", state => state.Seq >= 6 && state.Phase == DeploymentPhase.Running, "running again");
        (await lab.ContainerAsync("calm")).Id.ShouldNotBe(before.Id);

        await lab.Podman.RemoveAsync(foreign, TimeSpan.Zero, Token);
        await lab.AskAsync("reconcile");
        await lab.RunsAsync("mine");
    }

    [Fact]
    public async Task Files_of_the_score_are_seen_by_the_service_and_a_change_makes_another_container()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        var port = RealPodman.FreePort();
        lab.Boot();
        await lab.ApplyAsync("files", WithFile("one"));
        await lab.RunsAsync("files");
        (await RealPodman.PageAsync(port)).ShouldBe("one");
        var before = await lab.ContainerAsync("files");

        await lab.ApplyAsync("files", WithFile("two"));
        await lab.RunsAsync("files");
        (await RealPodman.PageAsync(port)).ShouldBe("two");
        (await lab.ContainerAsync("files")).Id.ShouldNotBe(before.Id);

        string WithFile(string content) =>
            DeviceLab.Score("web", RealPodman.Image, port, ",\"volumes\":[\"./index.html:/www/index.html:ro\"]").Replace("]}}", $"],\"files\":[{{\"path\":\"index.html\",\"content\":\"{content}\"}}]}}}}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_that_ends_again_and_again_fails_with_its_last_words()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        lab.Boot();
        await lab.ApplyAsync("crash", DeviceLab.Shell("crash", "echo no luck; exit 7"));
        (await lab.FailsAsync("crash", "exit code 7")).LastError!.ShouldContain("no luck");

        await lab.ApplyAsync("crash", DeviceLab.Shell("crash", "sleep 1000"));
        await lab.RunsAsync("crash");
    }

    [Fact]
    public async Task A_score_that_cannot_be_used_fails_and_what_runs_goes_on()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        lab.Boot();
        await lab.ApplyAsync("calm", DeviceLab.Shell("calm", "sleep 1000"));
        await lab.RunsAsync("calm");
        var before = await lab.ContainerAsync("calm");

        await lab.ApplyAsync("calm", "{\"WasmV9\":{}}");
        await lab.FailsAsync("calm", "WasmV9");
        (await lab.ContainerAsync("calm")).Id.ShouldBe(before.Id);
    }

    [Fact]
    public async Task It_says_who_it_is_and_what_happened_and_answers_when_asked()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        lab.Boot();
        await lab.ApplyAsync("calm", DeviceLab.Shell("calm", "sleep 1000"));
        await lab.RunsAsync("calm");

        var device = DeviceInfo.Parse((await lab.Bucket(FleetBuckets.DeviceDetails).GetAsync(KvKeys.Info(lab.Device), Token)).Value.Value.Span).Value;
        device.Labels.ShouldBe(lab.Config.Labels);
        device.Inventory!.CpuCores.ShouldBe(Environment.ProcessorCount);
        device.Inventory.AgentVersion.ShouldBe("0.0.0");
        var beat = Heartbeat.Parse((await lab.Bucket(FleetBuckets.DeviceHeartbeat).GetAsync(KvKeys.Heartbeat(lab.Device), Token)).Value.Value.Span).Value;
        beat.BootId.ShouldNotBeNullOrEmpty();
        beat.InstanceId!.Length.ShouldBe(32);

        JsonDocument.Parse((await lab.AskAsync("ping")).Value.Payload).RootElement.GetProperty("device_id").GetString().ShouldBe(lab.Device.Value);
        var status = JsonDocument.Parse((await lab.AskAsync("status")).Value.Payload).RootElement;
        status.GetProperty("manifest_rev").GetInt64().ShouldBe(1);
        status.GetProperty("deployments")[0].GetProperty("phase").GetString().ShouldBe("Running");
        JsonDocument.Parse((await lab.AskAsync("dance")).Value.Payload).RootElement.GetProperty("ok").GetBoolean().ShouldBeFalse();

        for (var attempt = 0; attempt < 100; attempt++)
        {
            if ((await lab.Bucket(FleetBuckets.DeviceDetails).GetAsync(KvKeys.Events(lab.Device), Token)).TryGet(out var ring, out _))
            {
                DeviceEvents.Parse(ring.Value.Span).Value.Events.ShouldContain(happened => happened.Message == "runs" && happened.Deployment == "calm");
                return;
            }

            await Task.Delay(50, Token);
        }

        throw new InvalidOperationException("the ring of events did not arrive");
    }

    [Fact]
    public async Task Its_own_rights_are_enough()
    {
        await using var lab = await DeviceLab.StartAsync(podman, device =>
        {
            static string List(IEnumerable<string> subjects) => string.Join(", ", subjects.Select(subject => $"\"{subject}\""));
            return $"authorization {{ users: [ {{ user: op, password: op }}, {{ user: dev, password: dev, permissions: {{ publish: [ {List(DeviceSubjects.Publish(device))} ], subscribe: [ {List(DeviceSubjects.Subscribe(device))} ], allow_responses: true }} }} ] }}";
        });
        lab.Config = lab.Config with { Credentials = new Gtc.Fleet.Agent.Configuration.AgentCredentials.UserPassword("dev", "dev") };
        lab.Boot();

        await lab.ApplyAsync("calm", DeviceLab.Shell("calm", "sleep 1000"));
        await lab.RunsAsync("calm");
        (await lab.AskAsync("ping")).Error.ShouldBeNull();
        (await lab.Bucket(FleetBuckets.DeviceHeartbeat).GetAsync(KvKeys.Heartbeat(lab.Device), Token)).Error.ShouldBeNull();
        await lab.RemoveAsync("calm");
        await lab.GoneAsync("calm");
    }

    [Fact]
    public async Task An_image_comes_from_a_mirror()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        await using var registry = await LocalRegistry.StartAsync();
        await podman.RunAsync("push", "--tls-verify=false", RealPodman.Image, $"{registry.Address}/hub/page:1");
        lab.Config = lab.Config with
        {
            Registries = [new() { Host = "registry.invalid", Mirrors = [$"127.0.0.1:1/hub", $"{registry.Address}/hub"] }, new() { Host = registry.Address, IsInsecure = true }],
        };
        lab.Boot();

        await lab.ApplyAsync("mirrored", DeviceLab.Shell("web", "sleep 1000").Replace(RealPodman.Image, "registry.invalid/page:1", StringComparison.Ordinal));
        await lab.RunsAsync("mirrored");
        (await lab.ContainerAsync("mirrored")).Image.ShouldBe($"{registry.Address}/hub/page:1");
    }

    /// <summary>Asks for a reconcile and for a status after it: by then the first has been acted upon.</summary>
    private static async Task ReconcileAsync(DeviceLab lab)
    {
        for (var attempt = 0; (await lab.AskAsync("reconcile")).Error is { } error; attempt++)
        {
            (attempt < 100).ShouldBeTrue($"the agent does not answer: {error}");
            await Task.Delay(50, Token);
        }

        (await lab.AskAsync("status")).Error.ShouldBeNull();
    }
}
