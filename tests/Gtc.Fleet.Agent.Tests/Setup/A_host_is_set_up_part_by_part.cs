using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Fleet.Agent.Configuration;
using Gtc.Fleet.Agent.Setup;

namespace Gtc.Fleet.Agent.Tests.Setup;

public sealed class A_host_is_set_up_part_by_part
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static SetupPlan Plan => new()
    {
        Device = "pi-42",
        NatsUrls = ["nats://10.0.0.4:4222"],
        Labels = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("group", "la\"b")]),
        CredsFile = "/etc/fleet-agent/device.creds",
        AllowsLowPorts = true,
    };

    [Fact]
    public async Task A_bare_host_becomes_a_device_and_a_second_time_nothing_changes()
    {
        using var host = new FakeHost();

        var first = await RunAsync(host, isDryRun: false);
        first.Steps.Select(step => $"{step.Name} {step.State}").ShouldBe(
            ["packages Changed", "user Changed", "ids Changed", "linger Changed", "units Changed", "config Changed", "unit Changed", "ports Changed", "service Changed"],
            string.Join('\n', first.Steps));
        host.Read("/etc/subuid").ShouldBe("fleet-agent:131072:65536\n");
        host.Read("/etc/systemd/system/fleet-agent.service").ShouldContain("\nExecStart=/usr/local/bin/gtc fleet agent --config /etc/fleet-agent/agent.toml\n");
        var unit = host.Read("/etc/systemd/system/fleet-agent.service");
        foreach (var line in (string[])["Type=notify", "WatchdogSec=60", "Restart=always", "DOTNET_GCHeapHardLimit=0x1800000 "])
        {
            unit.ShouldContain(line);
        }
        host.Read("/etc/sysctl.d/60-fleet-agent.conf").ShouldContain("ip_unprivileged_port_start=80");
        var config = AgentConfigReader.Read(host.Read("/etc/fleet-agent/agent.toml"), "agent.toml", _ => "").Value;
        config.Socket.ShouldBe("/run/user/990/podman/podman.sock");
        config.Labels["group"].ShouldBe("la\"b");
        config.Credentials.ShouldBe(new AgentCredentials.CredsFile("/etc/fleet-agent/device.creds"));
        File.GetUnixFileMode(host.PathOf("/etc/fleet-agent/agent.toml")).HasFlag(UnixFileMode.OtherRead).ShouldBeFalse();

        host.Changes.Clear();
        var second = await RunAsync(host, isDryRun: false);
        second.Steps.ShouldAllBe(step => step.State == SetupState.Unchanged);
        host.Changes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_dry_run_says_all_of_it_and_touches_nothing()
    {
        using var host = new FakeHost();
        var before = Directory.GetFileSystemEntries(host.Root, "*", SearchOption.AllDirectories);

        var report = await RunAsync(host, isDryRun: true);
        report.Steps.Length.ShouldBe(9);
        report.Steps.ShouldAllBe(step => step.State == SetupState.WouldChange);
        host.Changes.ShouldBeEmpty();
        Directory.GetFileSystemEntries(host.Root, "*", SearchOption.AllDirectories).ShouldBe(before);
    }

    [Fact]
    public async Task A_configuration_that_is_there_is_kept_and_a_unit_that_differs_is_written_again()
    {
        using var host = new FakeHost();
        await RunAsync(host, isDryRun: false);
        host.Write("/etc/fleet-agent/agent.toml", "mine");
        host.Write("/etc/systemd/system/fleet-agent.service", "old");
        host.Changes.Clear();

        var report = await RunAsync(host, isDryRun: false);
        report.Steps.Where(step => step.State == SetupState.Changed).Select(step => step.Name).ShouldBe(["unit", "service"]);
        host.Read("/etc/fleet-agent/agent.toml").ShouldBe("mine");
        host.Changes.ShouldBe(["systemctl daemon-reload", "systemctl enable fleet-agent.service", "systemctl restart fleet-agent.service"]);
    }

    [Fact]
    public async Task A_part_that_fails_ends_it_with_its_cause_and_the_next_run_goes_on_there()
    {
        using var host = new FakeHost();
        host.Broken.Add("loginctl");

        var failed = (await RunAsync(host, isDryRun: false)).Steps[^1];
        failed.State.ShouldBe(SetupState.Failed);
        failed.Text.ShouldBe("let the user's services run without a login: loginctl enable-linger fleet-agent ended with 1: no luck");

        host.Broken.Clear();
        var report = await RunAsync(host, isDryRun: false);
        report.Steps.Take(3).ShouldAllBe(step => step.State == SetupState.Unchanged);
        report.Steps.Skip(3).ShouldAllBe(step => step.State == SetupState.Changed);
    }

    [Fact]
    public void Cloud_init_gets_one_command_of_gtcs_own()
    {
        var text = CloudInitUserData.Of(Plan, "ann", "ssh-ed25519 AAAA ann@home").ToText();

        text.ShouldStartWith("#cloud-config\n{");
        var json = JsonDocument.Parse(text["#cloud-config\n".Length..]).RootElement;
        json.GetProperty("hostname").GetString().ShouldBe("pi-42");
        json.GetProperty("users")[0].GetProperty("ssh_authorized_keys")[0].GetString().ShouldBe("ssh-ed25519 AAAA ann@home");
        json.GetProperty("packages").EnumerateArray().Select(package => package.GetString()).ShouldContain("uidmap");
        json.GetProperty("runcmd").GetArrayLength().ShouldBe(1);
        json.GetProperty("runcmd")[0].EnumerateArray().Select(word => word.GetString()).ShouldBe(
        [
            "/usr/local/bin/gtc", "fleet", "device", "setup", "--device-id", "pi-42", "--nats-url", "nats://10.0.0.4:4222", "--label", "group=la\"b",
            "--creds-file", "/etc/fleet-agent/device.creds", "--program", "/usr/local/bin/gtc", "--low-ports",
        ]);
        CloudInitUserData.Of(Plan, null, null).ToText().ShouldNotContain("users");
    }

    [Theory]
    [InlineData("Pi 42", "nats://a", "fleet-agent", "`pi-42` would be")]
    [InlineData("pi-42", "http://a", "fleet-agent", "no broker")]
    [InlineData("pi-42", "nats://a", "a:b", "no name of a user")]
    [InlineData("pi-42", "nats://a", "../x", "no name of a user")]
    public void A_plan_that_cannot_work_is_refused_before_anything_is_touched(string device, string url, string user, string message) =>
        DeviceSetup.Check(Plan with { Device = device, NatsUrls = [url], User = user })!.Message.ShouldContain(message);

    private static Task<SetupReport> RunAsync(FakeHost host, bool isDryRun) => DeviceSetup.RunAsync(Plan, isDryRun, host, TimeProvider.System, Token);
}
