using System.Diagnostics;
using System.Text.Json;

namespace Gtc.EndToEnd.Tests.Cluster;

/// <summary>Every line that <c>gtc fleet demo</c> prints is typed into a shell, and does what it is for.</summary>
[Collection("podman and its network")]
public sealed class The_fleet_demos_menu_works_as_printed
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly string[] Purposes =
        ["first", "watch", "devices", "apply", "explain", "ask", "upgrade", "by kubectl", "containers", "keys", "desired", "state", "heartbeat", "log", "reboot", "delete"];

    private Dictionary<string, string> _lines = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Line_by_line()
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/etc/debian_version"), "the demo's podman needs root and Debian's packages");
        Assert.SkipUnless(File.Exists("/usr/lib/cni/bridge") && File.Exists("/bin/busybox"), "containernetworking-plugins and busybox-static are not installed: eng/install-test-servers");
        using var home = new FreshHome();
        var gtc = new GtcExecutable(home.Folder);
        gtc.Variables["XDG_CACHE_HOME"] = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        using var demo = gtc.Start(["fleet", "demo", "--devices", "2"], start => start.WorkingDirectory = Repository.Root);
        var errors = demo.StandardError.ReadToEndAsync(Token);
        try
        {
            _lines = await ReadMenuAsync(demo);
            _lines.Keys.ShouldBe(Purposes);
            await LookBeforeAsync();
            await ApplyAndLookAsync();
            await UpgradeAndDeleteAsync();
        }
        finally
        {
            await Script.RunAsync("kill", null, "-INT", $"{demo.Id}");
            await demo.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience, CancellationToken.None);
        }

        demo.ExitCode.ShouldBe(0, await errors);
        Directory.Exists("/var/tmp/gtc-fleet").ShouldBeFalse("the demo leaves nothing");
    }

    private static async Task<Dictionary<string, string>> ReadMenuAsync(Process demo)
    {
        var lines = new Dictionary<string, string>(StringComparer.Ordinal);
        while (!lines.ContainsKey(Purposes[^1]) && await demo.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(Patience, Token) is { } line)
        {
            var told = JsonElement.Parse(line);
            if (told.GetProperty("step").GetString() == "try")
            {
                lines[told.GetProperty("purpose").GetString()!] = told.GetProperty("line").GetString()!;
            }
        }

        return lines;
    }

    /// <summary>Lines that follow something run until they are ended.</summary>
    private async Task LookBeforeAsync()
    {
        await using (var devices = Follow("devices"))
        {
            await devices.SaysAsync("edge-1");
        }

        await using (var log = Follow("log"))
        {
            await log.SaysAsync("Gtc.Fleet.Operator");
            await log.SaysAsync("Gtc.Fleet.Agent");
        }
    }

    private async Task ApplyAndLookAsync()
    {
        await using var watch = Follow("watch");
        await TypeAsync("apply");
        await watch.SaysAsync("hello");
        await UntilAsync("ask", said => said == "hello from v1\n");
        (await TypeAsync("explain")).ShouldContain("\"selects\":true");
        (await TypeAsync("containers")).ShouldContain("fleet-hello-web");
        (await TypeAsync("keys")).ShouldContain("edge-1.hello");
        (await TypeAsync("desired")).ShouldContain("\"PodmanV0\"");
        await UntilAsync("state", said => said.Contains("\"phase\":\"Running\"", StringComparison.Ordinal));
        (await TypeAsync("heartbeat")).ShouldContain("\"device_id\":\"edge-1\"");
    }

    private async Task UpgradeAndDeleteAsync()
    {
        await using var agent = Follow("reboot");
        await agent.SaysAsync("is connected");
        await TypeAsync("upgrade");
        await UntilAsync("ask", said => said == "hello from v2\n");
        (await TypeAsync("by kubectl")).ShouldContain("serverside-applied");
        await TypeAsync("delete");
        await UntilAsync("containers", said => !said.Contains("fleet-hello-web", StringComparison.Ordinal));
    }

    private string[] Shell(string purpose) => ["-c", $"{_lines["first"]}; {_lines[purpose]}"];

    private async Task<string> TypeAsync(string purpose) => await Script.RunAsync("/bin/bash", start => start.WorkingDirectory = Repository.Root, Shell(purpose));

    private Task<TimeSpan> UntilAsync(string purpose, Func<string, bool> isSo) => RunningCluster.UntilAsync($"`{_lines[purpose]}` shows it", Patience, async () =>
        isSo((await Script.TryAsync("/bin/bash", start => start.WorkingDirectory = Repository.Root, Shell(purpose))).Output));

    private Followed Follow(string purpose) => new(Shell(purpose));

    /// <summary>A line that goes on until it is ended, in a session of its own so that all of it ends.</summary>
    private sealed class Followed : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly System.Text.StringBuilder _said = new();

        public Followed(string[] shell)
        {
            _process = Process.Start(new ProcessStartInfo("setsid", ["/bin/bash", .. shell]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.Root })!;
            _process.OutputDataReceived += (_, line) => Add(line.Data);
            _process.ErrorDataReceived += (_, line) => Add(line.Data);
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        public async Task SaysAsync(string words)
        {
            for (var attempt = 0; attempt < 1200; attempt++)
            {
                lock (_said)
                {
                    if (_said.ToString().Contains(words, StringComparison.Ordinal))
                    {
                        return;
                    }
                }

                await Task.Delay(100, Token);
            }

            lock (_said)
            {
                throw new TimeoutException($"`{words}` was not said within two minutes, but: {_said}");
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Script.TryAsync("kill", null, "-KILL", "--", $"-{_process.Id}");
            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
        }

        private void Add(string? line)
        {
            lock (_said)
            {
                _said.AppendLine(line);
            }
        }
    }
}
