using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Deployers.LocalProcess;

/// <summary>
/// Restarts workers that ended although nobody archived their revision: the router's process watches them. It starts nothing that was never warmed. A
/// worker that keeps ending is restarted ever less often, up to once a minute; one that holds for a minute starts over.
/// </summary>
/// <param name="store">Where the environment is.</param>
/// <param name="environment">The environment.</param>
/// <param name="deployer">Warms.</param>
/// <param name="processes">Looks.</param>
/// <param name="answersOf">The answers of the deployer's binding, or null when another deployer is bound.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it tells.</param>
public sealed partial class WorkerSupervisor(
    FileEnvironmentStore store,
    EnvId environment,
    LocalProcessDeployer deployer,
    IWorkerProcesses processes,
    Func<EnvironmentDocument, Outcome<JsonElement?>> answersOf,
    TimeProvider time,
    ILogger logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Watched> _watched = new(StringComparer.Ordinal);

    /// <summary>Watches until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                await LookAsync(stop);
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever watches stops; the workers go on.
        }
    }

    /// <summary>Looks once, and restarts what is due.</summary>
    internal async Task LookAsync(CancellationToken stop)
    {
        var recorded = WorkerRecords.Read(store, environment);
        foreach (var gone in _watched.Keys.Where(revision => !recorded.ContainsKey(revision) && _watched[revision].Restart.IsCompleted && _watched[revision].Failures == 0).ToList())
        {
            _watched.Remove(gone);
        }

        foreach (var (revision, worker) in recorded)
        {
            if (!_watched.TryGetValue(revision, out var watched))
            {
                _watched[revision] = watched = new Watched();
            }

            if (processes.IsRunning(worker))
            {
                watched.Settle(time.GetUtcNow());
            }
        }

        var due = _watched.Where(one => one.Value.Restart.IsCompleted && one.Value.NextAt <= time.GetUtcNow() && !(recorded.TryGetValue(one.Key, out var worker) && processes.IsRunning(worker))).ToList();
        if (due.Count == 0 || !(await store.LoadAsync(environment, stop)).TryGet(out var document, out _) || !answersOf(document).TryGet(out var answers, out _))
        {
            return;
        }

        foreach (var (name, watched) in due)
        {
            if (Wanted(document, name) is { } revision && LocalProcessSettings.Read(answers).TryGet(out var settings, out _) && settings.Supervises)
            {
                watched.Restart = RestartAsync(document, revision.RevisionId, answers, watched, stop);
            }
            else
            {
                _watched.Remove(name);
            }
        }
    }

    /// <summary>Waits for the restarts under way.</summary>
    internal Task SettledAsync() => Task.WhenAll(_watched.Values.Select(watched => watched.Restart));

    private static Revision? Wanted(EnvironmentDocument document, string name) => document.Revisions.FirstOrDefault(revision =>
        revision.RevisionId.ToString() == name && revision.Lifecycle is RevisionLifecycle.Warming or RevisionLifecycle.Ready or RevisionLifecycle.Draining);

    private async Task RestartAsync(EnvironmentDocument document, RevisionId revision, JsonElement? answers, Watched watched, CancellationToken stop)
    {
        watched.Fail(time.GetUtcNow());
        Log.Ended(logger, revision, watched.Failures);
        try
        {
            if (await deployer.WarmRevisionAsync(document, revision, answers, stop) is { } refusal)
            {
                Log.NotRestarted(logger, revision, watched.Wait.TotalSeconds, string.Join("; ", [refusal.Message, .. refusal.Details.Select(detail => detail.Value)]));
                return;
            }

            Log.Restarted(logger, revision);
        }
        catch (OperationCanceledException)
        {
            // Whoever watches stops.
        }
    }

    private sealed class Watched
    {
        private DateTimeOffset _failedAt;

        public int Failures { get; private set; }

        public TimeSpan Wait => TimeSpan.FromSeconds(Math.Min(Longest.TotalSeconds, Math.Pow(2, Failures - 1)));

        public DateTimeOffset NextAt { get; private set; }

        public Task Restart { get; set; } = Task.CompletedTask;

        /// <summary>The first restart is at once; then it waits 1 s, 2 s, 4 s and so on.</summary>
        public void Fail(DateTimeOffset now)
        {
            Failures = Math.Min(Failures + 1, 16);
            _failedAt = now;
            NextAt = now + Wait;
        }

        public void Settle(DateTimeOffset now)
        {
            if (now - _failedAt >= Longest)
            {
                Failures = 0;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4841, LogLevel.Warning, "The worker of revision {Revision} has ended and is started again ({Failures} in a row)")]
        public static partial void Ended(ILogger logger, RevisionId revision, int failures);

        [LoggerMessage(4842, LogLevel.Information, "The worker of revision {Revision} runs again")]
        public static partial void Restarted(ILogger logger, RevisionId revision);

        [LoggerMessage(4843, LogLevel.Error, "The worker of revision {Revision} could not be started again, next try in {Seconds} s: {Reason}")]
        public static partial void NotRestarted(ILogger logger, RevisionId revision, double seconds, string reason);
    }
}
