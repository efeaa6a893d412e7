using System.Diagnostics;
using System.Globalization;

namespace Gtc.Load.Fleet;

/// <summary>The operator, as the published executable; it can be killed and started again.</summary>
internal sealed class LoadOperator(FleetOptions options, string nats, string kubeconfig, string folder) : IAsyncDisposable
{
    private Process? _process;

    public int ProcessId => _process!.Id;

    public bool HasEnded => _process is not { HasExited: false };

    public string LogFile => Path.Combine(folder, "operator.log");

    public void Start()
    {
        string[] words = [Path.GetFullPath(options.Gtc), "fleet", "operator", "--nats-url", nats, "--namespace", FleetCluster.Namespace, "--api-budget", options.KubeBudget.ToString(CultureInfo.InvariantCulture)];
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", LogFile, .. words]);
        start.Environment["KUBECONFIG"] = kubeconfig;
        _process = Process.Start(start)!;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Puts the log where it outlives the run.</summary>
    public async Task<string> KeepLogAsync()
    {
        var kept = Path.Combine(Path.GetTempPath(), "gtc-load-operator.log");
        await File.WriteAllTextAsync(kept, await File.ReadAllTextAsync(LogFile));
        return kept;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }
    }
}
