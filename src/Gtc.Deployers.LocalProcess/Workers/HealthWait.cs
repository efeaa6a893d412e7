using System.Globalization;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Deployers.LocalProcess;

/// <summary>The health gate of a warm: waits until a worker answers for its revision, or says what was seen instead.</summary>
internal sealed class HealthWait(IWorkerProcesses processes, TimeProvider time, TimeSpan timeout, string logFolder)
{
    private const int MostOfLog = 64 * 1024;
    private const int LastLines = 3;

    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits.</summary>
    /// <returns>Null when it is healthy.</returns>
    public async Task<DeployerRefusal?> RunAsync(EnvironmentDocument environment, Revision revision, WorkerProcess worker, CancellationToken cancellationToken)
    {
        // A deployment that is not active is not served, so there is only the process to ask for.
        var isActive = environment.Bundles.FirstOrDefault(deployment => deployment.DeploymentId == revision.DeploymentId)?.Status == DeploymentStatus.Active;
        var path = isActive ? $"/healthz/{revision.RevisionId}" : "/healthz";
        var until = time.GetUtcNow() + timeout;
        using var timer = new PeriodicTimer(AskEvery, time);
        for (var asked = 1; ; asked++)
        {
            if (!processes.IsRunning(worker))
            {
                return Refuse(revision, worker, $"ended before it was healthy: {asked - 1} question(s) to http://{worker.Address}{path}");
            }

            if (await processes.FindHealthFaultAsync(worker, path, cancellationToken) is not { } fault)
            {
                return null;
            }

            if (time.GetUtcNow() >= until)
            {
                return Refuse(revision, worker, $"was not healthy within {timeout.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture)} s: {asked} question(s) to http://{worker.Address}{path}, the last one got: {fault}");
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private DeployerRefusal.Provider Refuse(Revision revision, WorkerProcess worker, string what) => new($"the worker of revision `{revision.RevisionId}` (process {worker.Pid}) {what}")
    {
        Details = [.. LastOf("worker.log").Concat(LastOf("output.log")).Select(line => new RefusalDetail("log", line)), new RefusalDetail("logs", logFolder)],
        Next = $"cat {Path.Combine(logFolder, "worker.log")}",
    };

    private IEnumerable<string> LastOf(string name)
    {
        try
        {
            using var file = new FileStream(Path.Combine(logFolder, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(Math.Max(0, file.Length - MostOfLog), SeekOrigin.Begin);
            using var reader = new StreamReader(file);
            return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(LastLines).Select(Readable)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The sentence of a log line, or the line.</summary>
    private static string Readable(string line)
    {
        try
        {
            return JsonElement.Parse(line) is { ValueKind: JsonValueKind.Object } parsed && parsed.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String ? message.GetString()! : line;
        }
        catch (JsonException)
        {
            return line;
        }
    }
}
