using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gtc.Deployers.Kubernetes.Tests.Reconciling;
using Gtc.Kubernetes;

[assembly: AssemblyFixture(typeof(KubeLab))]

namespace Gtc.Deployers.Kubernetes.Tests.Reconciling;

/// <summary>
/// A real API server, made by the script that GTC_KUBE_LAB names (<c>SCRIPT api|down</c>, see KUBE_LAB_DIR and KUBE_LAB_PORT). Tests that need one skip
/// without it.
/// </summary>
public sealed class KubeLab : IAsyncDisposable
{
    private readonly SemaphoreSlim _once = new(1, 1);
    private readonly string? _script = Environment.GetEnvironmentVariable("GTC_KUBE_LAB");
    private string? _folder;
    private KubeConfig? _config;

    /// <summary>How the server is reached; the test skips when there is none.</summary>
    internal async Task<KubeConfig> StartAsync()
    {
        if (_script is null || !File.Exists(_script))
        {
            Assert.Skip("GTC_KUBE_LAB names no script that starts an API server");
        }

        await _once.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_config is null)
            {
                _folder = Directory.CreateTempSubdirectory("gtc-kube-lab-").FullName;
                if (!await RunAsync("api"))
                {
                    // What did start must not go on behind the next attempt.
                    await RunAsync("down");
                    throw new InvalidOperationException($"{_script} api did not bring an API server up");
                }

                _config = KubeConfig.Find(null, name => name == "KUBECONFIG" ? Path.Combine(_folder, "kubeconfig") : null).Value
                    ?? throw new InvalidOperationException("the script left no kubeconfig");
            }

            return _config;
        }
        finally
        {
            _once.Release();
        }
    }

    /// <summary>Kills the API server, and starts the same one again after a moment; etcd goes on.</summary>
    internal async Task RestartAsync(TimeSpan pause)
    {
        var pid = int.Parse(await File.ReadAllTextAsync(Path.Combine(_folder!, "apiserver.pid"), TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture);
        var words = (await File.ReadAllTextAsync($"/proc/{pid}/cmdline", TestContext.Current.CancellationToken)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        using (var old = Process.GetProcessById(pid))
        {
            old.Kill();
            await old.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await Task.Delay(pause, TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", Path.Combine(_folder!, "apiserver.log"), .. words]);
        using var fresh = Process.Start(start)!;
        await File.WriteAllTextAsync(Path.Combine(_folder!, "apiserver.pid"), $"{fresh.Id}", TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_folder is not null)
        {
            await RunAsync("down");
        }

        _once.Dispose();
    }

    private static int FreePorts()
    {
        // The script takes this one and the two after it.
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port - 10_000;
    }

    private async Task<bool> RunAsync(string verb)
    {
        var start = new ProcessStartInfo(_script!, [verb]);
        start.Environment["KUBE_LAB_DIR"] = _folder;
        start.Environment["KUBE_LAB_PORT"] = $"{FreePorts()}";
        using var running = Process.Start(start)!;
        await running.WaitForExitAsync(CancellationToken.None);
        return running.ExitCode == 0;
    }
}
