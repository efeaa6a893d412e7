using System.Diagnostics;
using Gtc.Kubernetes;
using Gtc.Kubernetes.Tests;

[assembly: AssemblyFixture(typeof(KubeLab))]

namespace Gtc.Kubernetes.Tests;

/// <summary>A real API server, made by <c>eng/kube-node api</c> when the first test asks for it.</summary>
public sealed class KubeLab : IAsyncDisposable
{
    /// <summary>The collection of tests that use it: one of them restarts the server.</summary>
    internal const string OneAfterTheOther = "a real API server";

    private readonly SemaphoreSlim _once = new(1, 1);
    private string? _folder;
    private KubeConfig? _config;

    /// <summary>The file that says how the server is reached, once it was started.</summary>
    internal string Kubeconfig => Path.Combine(_folder ?? throw new InvalidOperationException("no server was started"), "kubeconfig");

    /// <summary>How the server is reached; the test skips where none can be made.</summary>
    internal async Task<KubeConfig> StartAsync()
    {
        Assert.SkipUnless(File.Exists("/etc/debian_version"), "eng/kube-node makes an API server from Debian's packages only");

        await _once.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_config is null)
            {
                _folder = Path.Combine(Directory.CreateTempSubdirectory("gtc-kube-").FullName, "node");
                if (!await RunAsync("api"))
                {
                    // What did start must not go on behind the next attempt.
                    await RunAsync("down");
                    throw new InvalidOperationException("eng/kube-node api did not bring an API server up");
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
        await _once.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await KillAndStartAsync(pause);
        }
        finally
        {
            _once.Release();
        }
    }

    private async Task KillAndStartAsync(TimeSpan pause)
    {
        var pid = int.Parse(await File.ReadAllTextAsync(Path.Combine(_folder!, "kube-apiserver.pid"), TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture);
        var words = (await File.ReadAllTextAsync($"/proc/{pid}/cmdline", TestContext.Current.CancellationToken)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        using (var old = Process.GetProcessById(pid))
        {
            old.Kill();
            await old.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        }

        await Task.Delay(pause, TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", Path.Combine(_folder!, "kube-apiserver.log"), .. words]);
        using var fresh = Process.Start(start)!;
        await File.WriteAllTextAsync(Path.Combine(_folder!, "kube-apiserver.pid"), $"{fresh.Id}", TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_folder is not null)
        {
            await RunAsync("down");
            Directory.Delete(Path.GetDirectoryName(_folder)!);
        }

        _once.Dispose();
    }

    /// <summary>The folder of the repository.</summary>
    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Gtc.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The test does not stand in the repository: Gtc.slnx was not found above it.");
    }

    private async Task<bool> RunAsync(string verb)
    {
        using var running = Process.Start(new ProcessStartInfo(Path.Combine(Root(), "eng", "kube-node"), [verb, "--dir", _folder!]))!;
        await running.WaitForExitAsync(CancellationToken.None);
        return running.ExitCode == 0;
    }
}
