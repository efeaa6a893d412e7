using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>
/// A process that the demo starts, in a session of its own so that Ctrl-C at the terminal does not reach it, with its output in a file. It is recorded, so
/// that a later call can end what an earlier one left.
/// </summary>
internal sealed class ChildProcess(string folder, string name, IReadOnlyList<string> words)
{
    private const string RecordSuffix = ".process";
    private Process? _process;

    /// <summary>What it is.</summary>
    public string Name => name;

    /// <summary>Where its output is.</summary>
    public string LogFile => Path.Combine(folder, name + ".log");

    /// <summary>Its process, while it was started.</summary>
    public int ProcessId => _process?.Id ?? 0;

    /// <summary>True while it runs.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Starts it, or starts it again.</summary>
    public Refusal? Start()
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec setsid \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", LogFile, .. words]);
        try
        {
            Directory.CreateDirectory(folder);
            _process = Process.Start(start)!;
            File.WriteAllText(Path.Combine(folder, name + RecordSuffix), string.Create(CultureInfo.InvariantCulture, $"{_process.Id} {StartTime(_process.Id)}"));
            return null;
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            return new Refusal.FileFailed($"{name} could not be started: {error.Message}");
        }
    }

    /// <summary>Ends it at once, as <c>kill -9</c> does.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync(cancellationToken);
        }

        _process?.Dispose();
        _process = null;
    }

    /// <summary>What it wrote last, for errors.</summary>
    public string LastLine()
    {
        try
        {
            return File.ReadLines(LogFile).LastOrDefault(line => !string.IsNullOrWhiteSpace(line)) ?? "it wrote nothing";
        }
        catch (IOException)
        {
            return "it wrote nothing";
        }
    }

    /// <summary>Ends every process that is recorded in a folder, and no other: process id and start time must both be the recorded ones.</summary>
    public static async Task KillRecordedAsync(string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var record in Directory.GetFiles(folder, "*" + RecordSuffix))
        {
            if ((await File.ReadAllTextAsync(record, cancellationToken)).Split(' ') is [var pidText, var started]
                && int.TryParse(pidText, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && started.Length > 0 && StartTime(pid) == started)
            {
                await KillAsync(pid, cancellationToken);
            }

            File.Delete(record);
        }
    }

    /// <summary>Ends a process that is not a child of this one.</summary>
    public static async Task KillAsync(int pid, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            // It has ended meanwhile, which is what was wanted.
        }
    }

    /// <summary>When a process began, in clock ticks since boot (proc(5), field 22); empty when there is none.</summary>
    private static string StartTime(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
