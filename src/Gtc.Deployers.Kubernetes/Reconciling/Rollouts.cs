using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>Waits until Deployments are as far as they were asked to be (k8s-deployer.md §12), and no longer when a pod says that it never will be.</summary>
internal sealed class Rollouts(KubeClient client, EnvId environment, string ns, ReconcileOptions options, TimeProvider time)
{
    private const int MaxTold = 5;

    private readonly Dictionary<string, JsonElement> _live = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (JsonElement Pod, string Why)> _troubled = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    /// <summary>Whether a Deployment is as far as it should be.</summary>
    public static bool IsComplete(JsonElement live) => RolloutGate.IsComplete(
        live.Number("metadata", "generation") ?? 0,
        (int)(live.Number("spec", "replicas") ?? 1),
        live.At("status") is { ValueKind: JsonValueKind.Object } status ? status.Deserialize(KubeJson.Default.DeploymentStatus) : null);

    /// <summary>Waits for these, once.</summary>
    /// <param name="names">The Deployments.</param>
    /// <param name="known">What is known of them already, to ask nothing when all is well.</param>
    /// <param name="wait">How long at most.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null when all are there; else what is not, and why.</returns>
    public async Task<Refusal?> WaitAsync(IReadOnlyCollection<string> names, Func<string, JsonElement> known, TimeSpan wait, CancellationToken cancellationToken)
    {
        foreach (var name in names.Where(name => !IsComplete(known(name))))
        {
            _open.Add(name);
            _live[name] = known(name);
        }

        if (_open.Count == 0)
        {
            return null;
        }

        using var timeout = new CancellationTokenSource(wait, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await foreach (var change in new RolloutChanges(client, environment, ns, options, time).RunAsync(ends.Token))
            {
                if (Fold(change) is { IsOver: true, Refusal: var refusal })
                {
                    return refusal;
                }
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // What has been seen until now is told.
        }

        return Unready($"{_open.Count} Deployments were not ready within {wait.TotalSeconds:0} s", []);
    }

    /// <summary>Takes something new in.</summary>
    /// <returns>Whether the waiting is over, and why if not all is well.</returns>
    private (bool IsOver, Refusal? Refusal) Fold(RolloutChange change)
    {
        switch (change)
        {
            case RolloutChange.Deployment(var name, var live) when _open.Contains(name):
                _live[name] = live;
                if (IsComplete(live))
                {
                    _open.Remove(name);
                    options.Progress?.Invoke($"ready    Deployment {name}");
                }

                break;
            case RolloutChange.Pod(var name, var pod) when pod.ValueKind == JsonValueKind.Object && PodTrouble.Of(pod) is { } why:
                _troubled[name] = (pod, why);
                break;
            case RolloutChange.Pod(var name, _):
                _troubled.Remove(name);
                break;
            case RolloutChange.Failed(var error):
                return (true, Provider.Failed("waiting for rollouts", error));
        }

        if (_open.Count == 0)
        {
            return (true, null);
        }

        var troubles = Troubles();
        return troubles.IsEmpty ? (false, null) : (true, Unready($"{_open.Count} Deployments will not get ready as they are", troubles));
    }

    /// <summary>What keeps the open ones from ever getting ready; nothing when waiting may help, or when pods cannot be looked at.</summary>
    private ImmutableArray<RefusalDetail> Troubles() =>
    [
        .. _open.Select(name => _live[name]).Where(IsSeen).SelectMany(live => live.Items("status", "conditions")
            .Where(condition => condition.Text("type") == "Progressing" && condition.Text("status") == "False")
            .Select(condition => new RefusalDetail(live.Meta("name")!, condition.Text("message") ?? condition.Text("reason") ?? "it makes no progress"))),
        .. _troubled.Where(pair => _open.Any(name => pair.Key.StartsWith($"{name}-", StringComparison.Ordinal) && PodTrouble.IsOfTemplate(pair.Value.Pod, _live[name])))
            .Select(pair => new RefusalDetail($"pod {pair.Key}", pair.Value.Why)),
    ];

    /// <summary>Whether the controller has taken the newest wish in: what its conditions say before that is of an older one.</summary>
    private static bool IsSeen(JsonElement live) => live.Number("status", "observedGeneration") >= (live.Number("metadata", "generation") ?? 0);

    private DeployerRefusal.Provider Unready(string what, ImmutableArray<RefusalDetail> troubles) =>
        new(what) { Details = [.. troubles, .. _open.Order(StringComparer.Ordinal).Take(MaxTold).Select(name => new RefusalDetail(name, Counters(_live[name])))] };

    private static string Counters(JsonElement live) => live.ValueKind == JsonValueKind.Undefined
        ? "not there"
        : $"generation {live.Number("metadata", "generation") ?? 0} (observed {live.Number("status", "observedGeneration")?.ToString(CultureInfo.InvariantCulture) ?? "none"}), "
            + $"{live.Number("status", "updatedReplicas") ?? 0} updated, {live.Number("status", "replicas") ?? 0} in all, {live.Number("status", "availableReplicas") ?? 0} available of {live.Number("spec", "replicas") ?? 1}";
}
