using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>Follows the environment's files while the worker runs (dispatcher.md §5). What cannot be taken over changes nothing and is told.</summary>
internal sealed partial class Reloader(WorkerOptions options, LiveServing live, ILogger logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private readonly Reload _reload = new(options, live.Pool, logger);
    private readonly ListenerSettings _listener = ListenerSettings.Of(live.Current.Document, options.Variable);

    /// <summary>Follows until it is stopped.</summary>
    /// <param name="seen">What the files held when the worker booted.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(ServedFiles seen, CancellationToken stop)
    {
        using var watch = new FolderWatch(options.EnvironmentFolder, LookEvery, options.Time, logger);
        var drains = new DrainsInPlace(options.Time, logger);
        var pins = new PinWatch(live.Pins, logger);
        var completion = new DrainCompletion(options, live, logger);
        var standby = new Standby(options, live, watch.Signal, logger);
        standby.Look(stop);
        var retryAt = options.Time.GetUtcNow() + options.HealthInterval;
        try
        {
            while (true)
            {
                await watch.WaitAsync(stop);
                Check(drains);
                var isRetry = standby.TakeNews() && IsIncomplete(live.Current);
                if (options.Time.GetUtcNow() >= retryAt)
                {
                    standby.Look(stop);
                    retryAt = options.Time.GetUtcNow() + options.HealthInterval;
                    RevisionHealth.Check(live.Current.Activation, options.EnvironmentFolder, logger, stop);
                    pins.Check();
                    await completion.CheckAsync(stop);
                    isRetry = IsIncomplete(live.Current) || live.Current.Activation.Table.Previews?.HasLapsed(options.Time.GetUtcNow()) == true;
                }

                var files = ServedFiles.Read(options.Store.Files(options.Environment));
                if (files.Equals(seen) && !isRetry)
                {
                    continue;
                }

                if (!files.Equals(seen))
                {
                    // A change often comes as several; a fixed wait, so that a steady stream of changes is followed too.
                    await Task.Delay(options.Debounce, options.Time, stop);
                    seen = ServedFiles.Read(options.Store.Files(options.Environment));
                }

                await TakeOverAsync(seen, isRetry, stop);
                standby.Look(stop);
                Check(drains);
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }

        await standby.EndAsync();
    }

    private void Check(DrainsInPlace drains)
    {
        var activation = live.Current.Activation;
        drains.Check(activation.Table, id => activation.Find(id)?.DrainTime);
    }

    private static bool IsIncomplete(Serving serving) => serving.Activation.Table.States.Any(state => serving.Activation.Find(state.Revision) is null);

    /// <summary>Whether trying again got nothing that was missing before.</summary>
    private static bool IsSame(Serving before, Serving after) =>
        ReferenceEquals(before.Config, after.Config) && before.Activation.Revisions.SequenceEqual(after.Activation.Revisions);

    private async Task TakeOverAsync(ServedFiles files, bool isRetry, CancellationToken stop)
    {
        var before = live.Current;
        if (files is { Problem: null, Document: null })
        {
            Reject("environment.json is gone");
            return;
        }

        if (!(await _reload.RunAsync(before, isRetry, stop)).TryGet(out var after, out var refusal))
        {
            Reject(refusal.Message);
            return;
        }

        if (after == before || (isRetry && IsSame(before, after)))
        {
            live.Settle();
            return;
        }

        var restart = ListenerSettings.Of(after.Document, options.Variable) != _listener;
        live.Swap(after with { RestartRequired = restart });
        RevisionEvents.Reloaded(
            logger,
            before.Activation.Table.Routes.Length,
            after.Activation.Table.Routes.Length,
            before.Activation.Revisions.Length,
            after.Activation.Revisions.Length);
        if (restart && !before.RestartRequired)
        {
            Log.RestartRequired(logger);
        }

        foreach (var problem in after.Problems)
        {
            Log.Incomplete(logger, problem);
        }
    }

    private void Reject(string reason)
    {
        live.Reject(reason);
        RevisionEvents.ReloadFailed(logger, reason);
    }

    /// <summary>What a running process cannot change.</summary>
    private sealed record ListenerSettings(string Address, bool Gui, string? Sessions, string? State)
    {
        public static ListenerSettings Of(EnvironmentDocument document, Func<string, string?> variable) =>
            new(ListenAddress.Resolve(document.HostConfig.ListenAddr, variable).EndPoint.ToString(), document.HostConfig.ResolveGuiEnabled(), Bound(document, CapabilitySlot.Sessions), Bound(document, CapabilitySlot.State));

        private static string? Bound(EnvironmentDocument document, CapabilitySlot slot) =>
            document.Packs.FirstOrDefault(pack => pack.Slot == slot) is { } binding ? $"{binding.Kind.Path} {binding.AnswersRef} {binding.AnswersDigest}" : null;
    }

    private static partial class Log
    {
        [LoggerMessage(4704, LogLevel.Warning, "The environment asks for another listener or another store of session pins; it takes effect at the next start")]
        public static partial void RestartRequired(ILogger logger);

        [LoggerMessage(4705, LogLevel.Error, "Not everything that is routed is served: {Problem}")]
        public static partial void Incomplete(ILogger logger, string problem);
    }
}
