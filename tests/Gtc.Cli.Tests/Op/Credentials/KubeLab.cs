using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gtc.Cli.Tests.Op.Credentials;

/// <summary>A real API server with RBAC, started and ended by the script that GTC_KUBE_LAB names (<c>SCRIPT api</c>, <c>SCRIPT down</c>).</summary>
internal sealed class KubeLab : IAsyncDisposable
{
    private readonly string _script;
    private readonly string _port;

    private KubeLab(string script, string folder, string port) => (_script, Folder, _port) = (script, folder, port);

    /// <summary>The server's state; <c>kubeconfig</c> in it is an administrator's.</summary>
    public string Folder { get; }

    public string Kubeconfig => Path.Combine(Folder, "kubeconfig");

    /// <summary>Starts it; the test is skipped where there is no script.</summary>
    public static async Task<KubeLab> StartAsync()
    {
        var script = Environment.GetEnvironmentVariable("GTC_KUBE_LAB");
        if (string.IsNullOrEmpty(script) || !File.Exists(script))
        {
            Assert.Skip("GTC_KUBE_LAB names no script that starts a Kubernetes API server");
        }

        var lab = new KubeLab(
            Path.GetFullPath(script),
            Environment.GetEnvironmentVariable("KUBE_LAB_DIR") ?? Directory.CreateTempSubdirectory("gtc-kube-").FullName,
            Environment.GetEnvironmentVariable("KUBE_LAB_PORT") ?? FreePort());
        await lab.RunAsync("api", TestContext.Current.CancellationToken);
        return lab;
    }

    public async ValueTask DisposeAsync() => await RunAsync("down", CancellationToken.None);

    private async Task RunAsync(string verb, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(_script, [verb]) { UseShellExecute = false };
        start.Environment["KUBE_LAB_DIR"] = Folder;
        start.Environment["KUBE_LAB_PORT"] = _port;
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(cancellationToken);
        process.ExitCode.ShouldBe(0, $"{_script} {verb}");
    }

    /// <summary>The script takes the port and the next two.</summary>
    private static string FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return $"{((IPEndPoint)probe.LocalEndpoint).Port}";
    }
}
