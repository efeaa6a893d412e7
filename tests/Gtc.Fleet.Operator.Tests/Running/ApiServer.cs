using System.Diagnostics;
using System.Globalization;
using Gtc.Fleet.Operator.Tests.Running;
using Gtc.Kubernetes;

[assembly: AssemblyFixture(typeof(ApiServer))]

namespace Gtc.Fleet.Operator.Tests.Running;

/// <summary>A real API server, made by <c>eng/kube-node api</c> when the first test asks for it.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly SemaphoreSlim _once = new(1, 1);
    private string? _folder;

    /// <summary>How a process of its own reaches the server.</summary>
    internal string Kubeconfig => Path.Combine(_folder!, "kubeconfig");

    /// <summary>How the server is reached; the test skips where none can be made.</summary>
    internal async Task<KubeConfig> StartAsync()
    {
        Assert.SkipUnless(File.Exists("/etc/debian_version"), "eng/kube-node makes an API server from Debian's packages only");
        await _once.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_folder is null)
            {
                _folder = Path.Combine(Directory.CreateTempSubdirectory("gtc-kube-").FullName, "node");
                (await RunAsync("api")).ShouldBe(0, "eng/kube-node api");
            }

            return Config();
        }
        finally
        {
            _once.Release();
        }
    }

    /// <summary>Kills the API server and starts it again with what etcd holds.</summary>
    internal async Task RestartAsync()
    {
        var file = Path.Combine(_folder!, "kube-apiserver.pid");
        var pid = int.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);
        var words = (await File.ReadAllTextAsync($"/proc/{pid}/cmdline", TestContext.Current.CancellationToken)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        using (var old = Process.GetProcessById(pid))
        {
            old.Kill();
            await old.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        using var fresh = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", Path.Combine(_folder!, "kube-apiserver.log"), .. words]))!;
        await File.WriteAllTextAsync(file, fresh.Id.ToString(CultureInfo.InvariantCulture), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_folder is not null)
        {
            await RunAsync("down");
            Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);
        }

        _once.Dispose();
    }

    private KubeConfig Config() => KubeConfig.Find(null, name => name == "KUBECONFIG" ? Kubeconfig : null).Value
        ?? throw new InvalidOperationException("eng/kube-node left no kubeconfig");

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Gtc.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The test does not stand in the repository: Gtc.slnx was not found above it.");
    }

    private async Task<int> RunAsync(string verb)
    {
        using var running = Process.Start(new ProcessStartInfo(Path.Combine(Root(), "eng", "kube-node"), [verb, "--dir", _folder!]))!;
        await running.WaitForExitAsync(CancellationToken.None);
        return running.ExitCode;
    }
}
