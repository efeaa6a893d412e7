using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gtc.Store.Server.Tests.Linearizability;

/// <summary>A store server as a process of its own, to be killed, stopped and continued.</summary>
public sealed partial class Replica : IDisposable
{
    private const int Stop = 19;
    private const int Continue = 18;

    private static readonly string _program = Path.Combine(
        AppContext.BaseDirectory.Replace("Gtc.Store.Server.Tests", "Gtc.Store.Server.Worker", StringComparison.Ordinal), "Gtc.Store.Server.Worker");

    private readonly string _database;
    private readonly string _key;
    private Process? _process;

    public Replica(string database, string key) => (_database, _key) = (database, key);

    /// <summary>Where it listens; a new address after each start.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Starts it, and again when it ended because the database was not there.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            _process?.Dispose();
            _process = Process.Start(new ProcessStartInfo(_program, [_database, _key]) { RedirectStandardOutput = true, RedirectStandardInput = true, RedirectStandardError = true })!;
            if (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } address)
            {
                Address = new Uri(address);
                return;
            }

            await _process.WaitForExitAsync(cancellationToken);
        }
    }

    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    public void Pause() => Signal(_process!.Id, Stop);

    public void GoOn() => Signal(_process!.Id, Continue);

    /// <summary>Stops or continues a process and its children.</summary>
    public static void Signal(int process, bool isStop)
    {
        foreach (var one in Children(process).Prepend(process))
        {
            Signal(one, isStop ? Stop : Continue);
        }
    }

    public void Dispose()
    {
        if (_process is { } process)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }

    private static IEnumerable<int> Children(int process) =>
        File.Exists($"/proc/{process}/task/{process}/children")
            ? File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)
            : [];

    private static void Signal(int process, int signal) => _ = SendSignal(process, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
