using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Gtc.Model;
using Gtc.Runtime;

namespace Gtc.Cli.Demo;

/// <summary>The worker process that the demo started, and no other: process id and start time must both be the recorded ones.</summary>
internal sealed class DemoWorker
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly DemoFolder _folder;

    private DemoWorker(Process process, DemoFolder folder)
    {
        _process = process;
        _folder = folder;
    }

    public int ProcessId => _process.Id;

    /// <summary>Starts <c>gtc start --env local</c> with its output in files, so that it outlives the demo.</summary>
    public static Outcome<DemoWorker> Start(DemoFolder folder)
    {
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("out=$1 err=$2; shift 2; exec \"$@\" >\"$out\" 2>\"$err\" </dev/null");
        foreach (var word in (string[])["sh", folder.WorkerOutput, folder.WorkerErrors, .. ThisProgram.Words(), "start", "--env", EnvId.Local.ToString(), "--store-root", folder.Store])
        {
            start.ArgumentList.Add(word);
        }

        // Any free port: the demo must work where 8080 is taken. Settings of the person's shell must not reach into it.
        start.Environment["PORT"] = "0";
        foreach (var name in (string[])["GREENTIC_REVISION_ID", "GREENTIC_GATEWAY_LISTEN_ADDR", "GREENTIC_ENV", "GREENTIC_STORE_ROOT"])
        {
            start.Environment.Remove(name);
        }

        try
        {
            var process = Process.Start(start)!;
            File.WriteAllText(folder.WorkerRecord, $"{process.Id} {StartTime(process.Id)}");
            return new DemoWorker(process, folder);
        }
        catch (Win32Exception error)
        {
            return new Refusal.FileFailed($"the worker could not be started: {error.Message}");
        }
    }

    /// <summary>The running worker of an earlier demo, or null.</summary>
    public static DemoWorker? Find(DemoFolder folder)
    {
        if (!File.Exists(folder.WorkerRecord)
            || File.ReadAllText(folder.WorkerRecord).Split(' ') is not [var pidText, var started]
            || !int.TryParse(pidText, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            || StartTime(pid) != started)
        {
            return null;
        }

        try
        {
            return new DemoWorker(Process.GetProcessById(pid), folder);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>True when it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Asks it to stop and waits; a worker that does not listen is ended.</summary>
    public async Task StopAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        if (Directory.Exists(_folder.Environment))
        {
            StopRequest.Make(_folder.Environment);
        }

        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await _process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            _process.Kill();
        }

        File.Delete(_folder.WorkerRecord);
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
