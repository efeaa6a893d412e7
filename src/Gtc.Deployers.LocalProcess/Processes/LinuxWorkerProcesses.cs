using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gtc.Model;

namespace Gtc.Deployers.LocalProcess;

/// <summary>Workers as processes of a Linux machine.</summary>
public sealed class LinuxWorkerProcesses : IWorkerProcesses, IDisposable
{
    /// <summary>The variable that marks a worker: the environment's folder. The worker knows by it that it shares that folder with others.</summary>
    public const string Mark = "GREENTIC_SUPERVISED";

    private const string RevisionVariable = "GREENTIC_REVISION_ID";
    private const string ListenVariable = "GREENTIC_GATEWAY_LISTEN_ADDR";

    /// <summary>What a person's shell may hold and a worker must not take from it.</summary>
    private static readonly string[] NotInherited = ["PORT", "GREENTIC_ENV", "GREENTIC_STORE_ROOT"];

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = TimeSpan.FromSeconds(2) };
    private readonly string _bootId = ProcFiles.BootId();

    /// <inheritdoc/>
    public Outcome<ImmutableArray<FoundWorker>> Find(string folder)
    {
        try
        {
            var found = ProcFiles.Pids().Select(pid => Recognise(pid, folder)).OfType<(FoundWorker Worker, int Parent)>().ToList();

            // A child that a worker starts inherits its mark.
            var pids = found.Select(one => one.Worker.Process.Pid).ToHashSet();
            return found.Where(one => !pids.Contains(one.Parent)).Select(one => one.Worker).OrderBy(worker => worker.Process.StartedTicks).ToImmutableArray();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new DeployerRefusal.Provider($"the processes of this machine cannot be listed: {error.Message.TrimEnd('.')}");
        }
    }

    /// <inheritdoc/>
    public Outcome<WorkerProcess> Start(WorkerLaunch launch)
    {
        ArgumentNullException.ThrowIfNull(launch);
        try
        {
            Directory.CreateDirectory(launch.LogFolder);
            using var process = Process.Start(Describe(launch))!;
            return new WorkerProcess { Pid = process.Id, StartedTicks = ProcFiles.Running(process.Id)?.Started ?? 0, BootId = _bootId, Port = launch.Port };
        }
        catch (Exception error) when (error is Win32Exception or IOException or UnauthorizedAccessException)
        {
            return new DeployerRefusal.Provider($"the worker of revision `{launch.Revision}` could not be started: {error.Message.TrimEnd('.')}");
        }
    }

    /// <inheritdoc/>
    public bool IsRunning(WorkerProcess worker)
    {
        ArgumentNullException.ThrowIfNull(worker);
        return worker.BootId == _bootId && ProcFiles.Running(worker.Pid)?.Started == worker.StartedTicks;
    }

    /// <inheritdoc/>
    public void Signal(WorkerProcess worker, bool isFinal)
    {
        ArgumentNullException.ThrowIfNull(worker);
        Signals.Send(worker.Pid, isFinal ? Signals.Kill : Signals.Terminate, () => IsRunning(worker));
    }

    /// <inheritdoc/>
    public bool IsTaken(ushort port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <inheritdoc/>
    public async Task<string?> FindHealthFaultAsync(WorkerProcess worker, string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(worker);
        try
        {
            using var answer = await _client.GetAsync(new Uri($"http://{worker.Address}{path}"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK ? null : $"status {(int)answer.StatusCode}";
        }
        catch (Exception error) when (error is HttpRequestException or SocketException)
        {
            return (error.InnerException ?? error).Message;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "no answer within 2 s";
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>gtc start, with its output in a file: a terminal that goes away must not take the worker along.</summary>
    private static ProcessStartInfo Describe(WorkerLaunch launch)
    {
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, WorkingDirectory = launch.Folder };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("out=$1; shift; exec \"$@\" >\"$out\" 2>&1 </dev/null");
        foreach (var word in (string[])
            ["sh", Path.Combine(launch.LogFolder, "output.log"), .. launch.Program, "start", "--env", launch.Environment.ToString(), "--store-root", launch.StoreRoot,
            "--drain-seconds", launch.DrainSeconds.ToString(CultureInfo.InvariantCulture), "--log-dir", launch.LogFolder])
        {
            start.ArgumentList.Add(word);
        }

        foreach (var name in NotInherited)
        {
            start.Environment.Remove(name);
        }

        start.Environment["GREENTIC_ROLE"] = "worker";
        start.Environment[RevisionVariable] = launch.Revision.ToString();
        start.Environment[ListenVariable] = $"127.0.0.1:{launch.Port}";
        start.Environment[Mark] = launch.Folder;
        if (launch.ComponentEgress is { } egress)
        {
            start.Environment[EgressList.Variable] = egress;
        }

        return start;
    }

    private (FoundWorker Worker, int Parent)? Recognise(int pid, string folder)
    {
        // The start time first and last: what is read in between belongs to that process and no other.
        if (ProcFiles.Running(pid) is not { } before)
        {
            return null;
        }

        var variables = ProcFiles.Variables(pid);
        if (Value(variables, Mark) != folder
            || !RevisionId.TryParse(Value(variables, RevisionVariable), out var revision)
            || !IPEndPoint.TryParse(Value(variables, ListenVariable) ?? "", out var listens)
            || ProcFiles.Running(pid) is not { } after
            || after.Started != before.Started)
        {
            return null;
        }

        return (new FoundWorker(revision, new WorkerProcess { Pid = pid, StartedTicks = after.Started, BootId = _bootId, Port = (ushort)listens.Port }), after.Parent);
    }

    private static string? Value(string[] variables, string name) =>
        Array.Find(variables, variable => variable.Length > name.Length && variable[name.Length] == '=' && variable.StartsWith(name, StringComparison.Ordinal))?[(name.Length + 1)..];
}
