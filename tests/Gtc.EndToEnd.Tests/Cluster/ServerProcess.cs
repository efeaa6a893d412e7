using System.Diagnostics;

namespace Gtc.EndToEnd.Tests.Cluster;

/// <summary>A server that a test starts, with its output in a file.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _log;

    private ServerProcess(Process process, string log) => (_process, _log) = (process, log);

    public int Id => _process.Id;

    public string Log => File.Exists(_log) ? File.ReadAllText(_log) : "";

    /// <summary>Starts one. A process of the same name writes on where the last one ended.</summary>
    public static ServerProcess Start(string folder, string name, IReadOnlyDictionary<string, string>? variables, params string[] words)
    {
        var log = Path.Combine(folder, name + ".log");
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", log, .. words]);
        foreach (var (variable, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[variable] = value;
        }

        return new ServerProcess(Process.Start(start)!, log);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
