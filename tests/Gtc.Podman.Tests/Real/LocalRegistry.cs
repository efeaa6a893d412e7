using System.Diagnostics;

namespace Gtc.Podman.Tests.Real;

/// <summary>A registry on loopback, in plain HTTP: Debian's <c>docker-registry</c>.</summary>
internal sealed class LocalRegistry : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-registry-").FullName;
    private Process? _process;

    public string Address { get; private set; } = "";

    /// <summary>Starts one; the test skips where it is not installed.</summary>
    public static async Task<LocalRegistry> StartAsync()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/docker-registry"), "docker-registry is not installed: eng/install-test-servers");
        var registry = new LocalRegistry { Address = $"127.0.0.1:{RealPodman.FreePort()}" };
        var configuration = Path.Combine(registry._folder, "config.yml");
        await File.WriteAllTextAsync(
            configuration,
            $"version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {registry._folder}/images\nhttp:\n  addr: {registry.Address}\n",
            CancellationToken.None);
        registry._process = Process.Start(new ProcessStartInfo("/usr/bin/docker-registry", ["serve", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        using var http = new HttpClient();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://{registry.Address}/v2/"), TestContext.Current.CancellationToken);
                return registry;
            }
            catch (HttpRequestException) when (attempt < 200)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
