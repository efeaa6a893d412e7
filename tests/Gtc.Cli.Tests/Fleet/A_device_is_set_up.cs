using System.Text.Json;

namespace Gtc.Cli.Tests.Fleet;

public sealed class A_device_is_set_up : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Cloud_init_gets_its_first_line_and_json_and_nothing_else()
    {
        var run = await _cli.RunWordsAsync(
            "fleet", "device", "setup", "--device-id", "vm-1", "--nats-url", "nats://10.0.0.4:4222", "--label", "group=lab", "--cloud-init", "--admin", "ann", "--ssh-key", "ssh-ed25519 AAAA", "--format", "table");

        run.Exit.ShouldBe(0, run.Stderr);
        run.Stdout.ShouldStartWith("#cloud-config\n{");
        var words = JsonDocument.Parse(run.Stdout["#cloud-config\n".Length..]).RootElement.GetProperty("runcmd")[0].EnumerateArray().Select(word => word.GetString()).ToList();
        words.Take(4).ShouldBe(["/usr/local/bin/gtc", "fleet", "device", "setup"]);
        words.ShouldContain("group=lab");
    }

    [Fact]
    public async Task A_dry_run_tells_each_part_and_needs_no_root()
    {
        var run = await _cli.RunAsync("fleet device setup --device-id pi-42 --nats-url nats://10.0.0.4:4222 --user gtc-nobody --dry-run --format json");

        run.Exit.ShouldBe(0, run.Stderr);
        var parts = run.Result.GetProperty("parts").EnumerateArray().ToDictionary(part => part.GetProperty("name").GetString()!, part => part.GetProperty("state").GetString());
        parts["user"].ShouldBe("would change");
        parts["ids"].ShouldBe("would change");
        parts.Values.ShouldNotContain("changed");

        var check = await _cli.RunAsync("fleet device setup --device-id pi-42 --nats-url nats://10.0.0.4:4222 --user gtc-nobody --check --fail-on-findings --format json");
        check.Exit.ShouldNotBe(0);
    }

    [Theory]
    [InlineData("--nats-url nats://a --cloud-init", "--device-id")]
    [InlineData("--device-id pi-42 --cloud-init", "--nats-url")]
    [InlineData("--device-id Pi!42 --nats-url nats://a --cloud-init", "device_id")]
    [InlineData("--device-id pi-42 --nats-url nats://a --label nonsense --cloud-init", "KEY=VALUE")]
    [InlineData("--device-id pi-42 --nats-url nats://a --cloud-init --admin ann", "--ssh-key")]
    [InlineData("--device-id pi-42 --nats-url nats://a --admin ann --dry-run", "--cloud-init")]
    public async Task What_cannot_work_is_refused(string flags, string message)
    {
        var run = await _cli.RunAsync($"fleet device setup {flags} --format json");

        run.Exit.ShouldBe(1);
        run.Message.ShouldContain(message);
    }

    [Fact]
    public async Task The_agents_configuration_can_be_checked_before_it_runs()
    {
        var good = _cli.Write("agent.toml", "[agent]\ndevice_id = \"pi-42\"\n[nats]\nurls = [\"nats://127.0.0.1:1\"]\n[podman]\nsocket = \"/run/podman.sock\"\n");
        (await _cli.RunWordsAsync("fleet", "agent", "--config", good, "--check")).Stdout.ShouldContain("device pi-42");

        var bad = _cli.Write("bad.toml", "[agent]\ndevise_id = \"pi-42\"\n");
        var run = await _cli.RunWordsAsync("fleet", "agent", "--config", bad);
        run.Exit.ShouldBe(1);
        run.Stderr.ShouldContain("bad.toml, line 2: agent.devise_id is not known");
    }
}
