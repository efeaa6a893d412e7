using System.Diagnostics;
using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op.Credentials;

/// <summary>A real API server with RBAC, started and ended by <c>eng/kube-node</c>.</summary>
internal sealed class KubeLab : IAsyncDisposable
{
    private KubeLab(string folder) => Folder = folder;

    /// <summary>The server's state; <c>kubeconfig</c> in it is an administrator's.</summary>
    public string Folder { get; }

    public string Kubeconfig => Path.Combine(Folder, "kubeconfig");

    /// <summary>Starts it; the test is skipped where none can be made.</summary>
    public static async Task<KubeLab> StartAsync()
    {
        Assert.SkipUnless(File.Exists("/etc/debian_version"), "eng/kube-node makes an API server from Debian's packages only");
        var lab = new KubeLab(Path.Combine(Directory.CreateTempSubdirectory("gtc-kube-").FullName, "node"));
        (await lab.RunAsync("api", TestContext.Current.CancellationToken)).ShouldBe(0, "eng/kube-node api");
        return lab;
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("down", CancellationToken.None);
        Directory.Delete(Path.GetDirectoryName(Folder)!);
    }

    private async Task<int> RunAsync(string verb, CancellationToken cancellationToken)
    {
        using var process = Process.Start(Path.Combine(TestBundles.RepositoryRoot(), "eng", "kube-node"), [verb, "--dir", Folder]);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }
}
