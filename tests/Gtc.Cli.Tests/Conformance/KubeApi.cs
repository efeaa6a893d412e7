using System.Diagnostics;

namespace Gtc.Cli.Tests.Conformance;

/// <summary>A real API server, made by <c>eng/kube-node api</c> when a test asks for it.</summary>
public sealed class KubeApi : IAsyncDisposable
{
    private string? _folder;

    /// <summary>Makes it.</summary>
    /// <returns>Its kubeconfig; the test skips where none can be made.</returns>
    internal async Task<string> StartAsync()
    {
        Assert.SkipUnless(File.Exists("/etc/debian_version"), "eng/kube-node makes an API server from Debian's packages only");
        _folder = Path.Combine(Directory.CreateTempSubdirectory("gtc-kube-").FullName, "node");
        (await RunAsync("api", "--dir", _folder)).ShouldBeTrue("eng/kube-node api did not bring an API server up");
        return Path.Combine(_folder, "kubeconfig");
    }

    public async ValueTask DisposeAsync()
    {
        if (_folder is not null)
        {
            await RunAsync("down", "--dir", _folder);
            Directory.Delete(Path.GetDirectoryName(_folder)!);
        }
    }

    private static string Script()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Gtc.slnx")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? throw new DirectoryNotFoundException("The test does not stand in the repository: Gtc.slnx was not found above it."), "eng", "kube-node");
    }

    private static async Task<bool> RunAsync(params string[] words)
    {
        using var running = Process.Start(new ProcessStartInfo(Script(), words))!;
        await running.WaitForExitAsync(CancellationToken.None);
        return running.ExitCode == 0;
    }
}
