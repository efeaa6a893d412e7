using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>Waits until Deployments run on all of their devices, by what the operator counts in <c>.status.aggregate</c>.</summary>
internal sealed class FleetGate(KubeClient client, FleetSettings settings, ReconcileOptions options, TimeProvider time)
{
    /// <summary>Whether a Deployment runs on all of its devices.</summary>
    /// <param name="live">The Deployment.</param>
    /// <param name="skipsUnreachable">Whether devices that cannot be reached may be missing.</param>
    public static bool IsComplete(JsonElement live, bool skipsUnreachable) =>
        IsObserved(live)
        && Accepted(live) == "True"
        && live.Number("status", "aggregate", "failed") is null or 0
        && (live.Number("status", "aggregate", "pending") ?? 0) <= (skipsUnreachable ? live.Number("status", "aggregate", "stale") ?? 0 : 0);

    /// <summary>Whether the operator has taken a Deployment away from all devices.</summary>
    public static bool IsEmpty(JsonElement live) => IsObserved(live) && live.Number("status", "aggregate", "matchedDeviceCount") is null or 0;

    /// <summary>Waits.</summary>
    /// <param name="names">The Deployments by revision.</param>
    /// <param name="isThere">Whether one is as far as it should be.</param>
    /// <param name="wait">How long at most.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null when all are; else which are not, and why.</returns>
    public async Task<Refusal?> WaitAsync(IReadOnlyDictionary<RevisionId, ObjectRef> names, Func<JsonElement, bool> isThere, TimeSpan wait, CancellationToken cancellationToken)
    {
        var open = names.ToDictionary();
        var giveUp = time.GetUtcNow() + wait;
        while (true)
        {
            var seen = new Dictionary<RevisionId, JsonElement>();
            foreach (var (revision, name) in open.ToList())
            {
                var result = await client.GetAsync(name.Known, name.Namespace, name.Name, cancellationToken);
                if (result.Error is { Kind: not KubeErrorKind.NotFound } error)
                {
                    return Provider.Failed($"waiting for revision {revision}", error);
                }

                using var document = result.Value;
                var live = document?.RootElement.Clone() ?? default;
                if (live.ValueKind == JsonValueKind.Object && isThere(live))
                {
                    open.Remove(revision);
                    options.Progress?.Invoke($"ready    revision {revision}: {Counters(live)}");
                }
                else
                {
                    seen[revision] = live;
                }
            }

            if (open.Count == 0)
            {
                return null;
            }

            var isRefused = seen.Values.Any(live => IsObserved(live) && Accepted(live) == "False");
            if (isRefused || time.GetUtcNow() >= giveUp)
            {
                return Unready(seen, isRefused, wait);
            }

            await Task.Delay(options.Poll, time, cancellationToken);
        }
    }

    /// <summary>Waits until Deployments run on all of their devices.</summary>
    public Task<Refusal?> WaitAsync(IReadOnlyDictionary<RevisionId, ObjectRef> names, TimeSpan wait, CancellationToken cancellationToken) =>
        WaitAsync(names, live => IsComplete(live, settings.SkipsUnreachable), wait, cancellationToken);

    private static DeployerRefusal.Provider Unready(Dictionary<RevisionId, JsonElement> seen, bool isRefused, TimeSpan wait)
    {
        var first = seen.OrderBy(pair => pair.Key.Value).First();
        var others = seen.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" and {seen.Count - 1} more");
        return new(isRefused ? $"the operator does not accept revision {first.Key}{others}" : $"revision {first.Key}{others} is not on all of its devices within {wait.TotalSeconds:0} s")
        {
            Details = [.. seen.OrderBy(pair => pair.Key.Value).Take(5).SelectMany(pair => Told(pair.Key, pair.Value))],
        };
    }

    private static ImmutableArray<RefusalDetail> Told(RevisionId revision, JsonElement live)
    {
        var told = ImmutableArray.Create(new RefusalDetail(revision.ToString(), Counters(live)));
        if (live.Items("status", "conditions").FirstOrDefault(condition => condition.Text("type") == "Accepted" && condition.Text("status") == "False") is { ValueKind: JsonValueKind.Object } refused)
        {
            told = told.Add(new("not accepted", $"{refused.Text("reason")}: {refused.Text("message")}"));
        }

        return live.Text("status", "aggregate", "lastError", "message") is { } message ? told.Add(new($"device {live.Text("status", "aggregate", "lastError", "deviceId")}", message.ReplaceLineEndings(" "))) : told;
    }

    private static string Counters(JsonElement live) => live.ValueKind != JsonValueKind.Object
        ? "not there"
        : string.Create(CultureInfo.InvariantCulture, $"generation {live.Number("metadata", "generation") ?? 0} (observed {live.Number("status", "observedGeneration")?.ToString(CultureInfo.InvariantCulture) ?? "none"}), ")
            + $"{Count(live, "matchedDeviceCount")} devices, {Count(live, "succeeded")} run it, {Count(live, "failed")} failed, {Count(live, "pending")} pending";

    private static long Count(JsonElement live, string counter) => live.Number("status", "aggregate", counter) ?? 0;

    private static bool IsObserved(JsonElement live) => live.Number("status", "observedGeneration") >= (live.Number("metadata", "generation") ?? 0);

    private static string? Accepted(JsonElement live) => live.Items("status", "conditions").FirstOrDefault(condition => condition.Text("type") == "Accepted").Text("status");
}
