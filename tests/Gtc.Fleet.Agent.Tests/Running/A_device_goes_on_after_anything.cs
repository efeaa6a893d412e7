using Gtc.Fleet.Agent.Running;
using Gtc.Fleet.Agent.Tests.Lab;
using Gtc.Fleet.Contracts;
using Gtc.Podman.Tests.Real;

namespace Gtc.Fleet.Agent.Tests.Running;

[Collection("podman")]
public sealed class A_device_goes_on_after_anything(RealPodman podman)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Images are removed for no deployment: their step is tried with them.</summary>
    public static TheoryData<string> Steps => [.. Enum.GetNames<AgentStep>().Where(name => name != nameof(AgentStep.RemoveImage))];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_power_cut_before_any_step_of_an_upgrade_and_a_removal_ends_converged(string name)
    {
        var step = Enum.Parse<AgentStep>(name);
        await using var lab = await DeviceLab.StartAsync(podman);
        var port = RealPodman.FreePort();
        lab.Boot();
        await lab.ApplyAsync("web", DeviceLab.Score("web", RealPodman.Image, port));
        await lab.ApplyAsync("gone", DeviceLab.Shell("gone", "sleep 1000"));
        await lab.RunsAsync("web");
        await lab.RunsAsync("gone");
        var old = await lab.ContainerAsync("web");

        lab.Before = at =>
        {
            if (at == step)
            {
                throw new PowerCutException();
            }
        };
        await lab.PutScoreAsync("web", DeviceLab.Score("web", RealPodman.OtherImage, port, $",\"volumes\":[\"./a.txt:/a.txt:ro\"]{(step == AgentStep.Pull ? ",\"pull\":\"Always\"" : "")}")
            .Replace("]}}", "],\"files\":[{\"path\":\"a.txt\",\"content\":\"a\"}]}}", StringComparison.Ordinal));
        await lab.RemoveAsync("gone");
        (await lab.DeathAsync()).ShouldBeOfType<PowerCutException>($"the step {step} was not reached");

        lab.Before = null;
        lab.Boot();
        await lab.GoneAsync("gone");
        if (step == AgentStep.Pull)
        {
            // Nobody serves the image: what ran before goes on.
            await lab.FailsAsync("web", RealPodman.OtherImage);
            (await lab.ContainerAsync("web")).Id.ShouldBe(old.Id);
            return;
        }

        await lab.RunsAsync("web");
        var next = await lab.ContainerAsync("web");
        next.Id.ShouldNotBe(old.Id);
        next.Image.ShouldBe(RealPodman.OtherImage);
        (await RealPodman.PageAsync(port)).ShouldBe("a page\n");
    }

    [Fact]
    public async Task Without_a_broker_it_starts_from_its_own_copy_and_tells_later()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        lab.Boot();
        await lab.ApplyAsync("calm", DeviceLab.Shell("calm", "sleep 1000"));
        var before = await lab.RunsAsync("calm");
        await lab.HaltAsync();
        await lab.Server.KillAsync();
        await lab.Podman.RemoveAsync((await lab.ContainerAsync("calm")).Id, TimeSpan.Zero, Token);

        lab.Boot();
        for (var attempt = 0; (await lab.ContainersAsync("calm")).All(container => !container.IsRunning); attempt++)
        {
            (attempt < 400).ShouldBeTrue("the container did not come back without the broker");
            await Task.Delay(50, Token);
        }

        await lab.Server.StartAsync();
        var after = await lab.StateAsync("calm", state => state.Seq > before.Seq && state.Phase == DeploymentPhase.Running, "told that it runs again");
        after.ScoreHash.ShouldBe(before.ScoreHash);
    }

    [Fact]
    public async Task What_changed_while_the_broker_was_away_is_caught_up_with()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        lab.Boot();
        await lab.ApplyAsync("calm", DeviceLab.Shell("calm", "sleep 1000"));
        await lab.ApplyAsync("gone", DeviceLab.Shell("gone", "sleep 1000"));
        await lab.RunsAsync("calm");
        await lab.RunsAsync("gone");
        await lab.Server.KillAsync();
        await lab.Server.StartAsync();

        // The agent may come back before or after this.
        await lab.PutScoreAsync("calm", DeviceLab.Shell("calm", "sleep 2000"));
        await lab.PutScoreAsync("more", DeviceLab.Shell("more", "sleep 1000"));
        await lab.RemoveAsync("gone");
        await lab.RunsAsync("calm");
        await lab.RunsAsync("more");
        await lab.GoneAsync("gone");
    }

    [Fact]
    public async Task What_the_broker_lost_is_told_again()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        lab.Boot();
        await lab.ApplyAsync("calm", DeviceLab.Shell("calm", "sleep 1000"));
        await lab.RunsAsync("calm");
        (await lab.Streams.PurgeStreamAsync("KV_device-state", null, null, null, Token)).Error.ShouldBeNull();
        await lab.Server.KillAsync();
        await lab.Server.StartAsync();

        await lab.RunsAsync("calm");
    }

    [Fact]
    public async Task Two_deployments_that_claim_one_port_end_with_one_that_runs_and_one_that_says_why_not()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        var port = RealPodman.FreePort();
        lab.Boot();
        await lab.ApplyAsync("second", DeviceLab.Score("web", RealPodman.Image, port));
        await lab.RunsAsync("second");
        await lab.ApplyAsync("first", DeviceLab.Score("web", RealPodman.Image, port));

        (await lab.FailsAsync("first", $"port {port}/tcp")).LastError!.ShouldContain("second");
        (await RealPodman.PageAsync(port)).ShouldBe("a page\n", "whoever has the port keeps it");
        (await lab.ContainersAsync("first")).ShouldBeEmpty("podman is not even asked");

        await lab.RemoveAsync("second");
        await lab.RunsAsync("first");
        (await RealPodman.PageAsync(port)).ShouldBe("a page\n");
    }

    [Fact]
    public async Task A_port_of_another_program_is_a_cause()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        using var holder = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        holder.Start();
        lab.Boot();
        await lab.ApplyAsync("web", DeviceLab.Score("web", RealPodman.Image, ((System.Net.IPEndPoint)holder.LocalEndpoint).Port));

        await lab.FailsAsync("web", "another program");
        (await lab.ContainersAsync("web")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_full_disk_and_an_image_that_is_not_there_are_causes()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        lab.FreeMb = 0;
        lab.Boot();
        await lab.ApplyAsync("full", DeviceLab.Score("web", "127.0.0.1:1/nowhere/web:3", RealPodman.FreePort()));
        (await lab.FailsAsync("full", "0 MiB are free")).LastError!.ShouldContain("min_free_mb");

        await lab.ApplyAsync("never", DeviceLab.Shell("web", "sleep 1000", ",\"pull\":\"Never\"").Replace(RealPodman.Image, "localhost/not-here:1", StringComparison.Ordinal));
        await lab.FailsAsync("never", "pull policy is Never");
        lab.FreeMb = null;
        await lab.AskAsync("reconcile");
        await lab.FailsAsync("full", "connection refused");
    }

    [Fact]
    public async Task A_disk_without_room_for_its_own_copy_is_a_cause_and_what_runs_goes_on()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        await using var disk = await SmallDisk.MountAsync(lab.Config.DataFolder);
        lab.Boot();
        await lab.ApplyAsync("calm", DeviceLab.Shell("calm", "sleep 1000"));
        await lab.RunsAsync("calm");
        var before = await lab.ContainerAsync("calm");

        disk.Fill();
        await lab.ApplyAsync("more", DeviceLab.Shell("more", "sleep 1000"));
        (await lab.FailsAsync("more", "cannot be kept")).LastError!.ShouldContain("No space left");
        (await lab.ContainerAsync("calm")).Id.ShouldBe(before.Id);

        disk.Empty();
        await lab.AskAsync("reconcile");
        await lab.RunsAsync("more");
        (await lab.ContainerAsync("calm")).Id.ShouldBe(before.Id);
        await lab.HaltAsync();
    }

    [Fact]
    public async Task A_container_that_no_deployment_wants_goes_once_it_is_known_what_the_device_has_to_run()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        var labels = new Dictionary<string, string>
        {
            ["io.nationtech.fleet/managed"] = "true",
            ["io.nationtech.fleet/device"] = lab.Device.Value,
            ["io.nationtech.fleet/deployment"] = "orphan",
            ["io.nationtech.fleet/service"] = "web",
        };
        (await lab.Podman.CreateAsync(new() { Name = "fleet-orphan-web", Image = RealPodman.Image, Command = ["/bin/sh", "-c", "sleep 1000"], Netns = new("none"), Labels = System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(labels) }, Token)).Error.ShouldBeNull();
        lab.Boot();
        for (var attempt = 0; (await lab.AskAsync("reconcile")).Error is not null; attempt++)
        {
            (attempt < 100).ShouldBeTrue();
            await Task.Delay(50, Token);
        }

        (await lab.ContainersAsync("orphan")).ShouldHaveSingleItem("nothing is known yet");
        await lab.HaltAsync();
        await lab.ApplyAsync("calm", DeviceLab.Shell("calm", "sleep 1000"));
        lab.Boot();
        await lab.RunsAsync("calm");
        await lab.HaltAsync();
        lab.Boot();
        await lab.GoneAsync("orphan");
        (await lab.ContainersAsync("calm")).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Two_agents_do_not_share_a_folder()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        lab.Boot();
        await lab.ApplyAsync("calm", DeviceLab.Shell("calm", "sleep 1000"));
        await lab.RunsAsync("calm");

        using var client = new Gtc.Podman.PodmanClient(lab.Config.Socket, TimeProvider.System);
        (await FleetAgent.RunAsync(lab.Config, "0.0.0", TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, new Gtc.Fleet.Agent.Device.ServiceManager(_ => null, TimeProvider.System), Token))!.Message.ShouldContain("another agent");
    }
}
