using System.Text.Json;

namespace Gtc.EndToEnd.Tests.Cluster;

/// <summary>The whole fleet on this machine: API server, broker, operator, three devices with a podman each, and every fault of the story.</summary>
[Collection("podman and its network")]
public sealed class The_fleet_demo_tells_its_story
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    [Fact]
    public async Task From_the_first_apply_to_the_last_fault()
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/etc/debian_version"), "the demo's podman needs root and Debian's packages");
        Assert.SkipUnless(File.Exists("/usr/lib/cni/bridge") && File.Exists("/bin/busybox"), "containernetworking-plugins and busybox-static are not installed: eng/install-test-servers");
        using var home = new FreshHome();

        var token = TestContext.Current.CancellationToken;
        var gtc = new GtcExecutable(home.Folder);

        // The binaries of Kubernetes are kept in this person's cache; a fresh home has none.
        gtc.Variables["XDG_CACHE_HOME"] = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        using var process = gtc.Start(["fleet", "demo", "--auto"], start => start.WorkingDirectory = Repository.Root);
        var output = process.StandardOutput.ReadToEndAsync(token);
        var errors = process.StandardError.ReadToEndAsync(token);
        await process.WaitForExitAsync(token).WaitAsync(Patience, token);

        process.ExitCode.ShouldBe(0, $"{await output}{await errors}");
        var steps = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line).GetProperty("step").GetString()).ToList();
        ((string[])["joined", "apply", "upgrade", "relabel", "reboot", "fleet", "delete", "broker", "operator", "api", "power", "image", "disk", "port", "done", "down"])
            .ShouldBeSubsetOf(steps!);
        Directory.Exists("/var/tmp/gtc-fleet").ShouldBeFalse("the demo leaves nothing");
    }
}
