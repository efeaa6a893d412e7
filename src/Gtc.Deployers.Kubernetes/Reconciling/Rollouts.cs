using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>Waits until Deployments are as far as they were asked to be (k8s-deployer.md §12), and no longer when a pod says that it never will be.</summary>
internal sealed class Rollouts(KubeClient client, EnvId environment, string ns, ReconcileOptions options, TimeProvider time)
{
    private const int ManyRestarts = 3;

    private static readonly KubeKind Deployments = KubeKind.Of("apps/v1", "Deployment")!;
    private static readonly KubeKind Pods = KubeKind.Of("v1", "Pod")!;

    /// <summary>Whether a Deployment is as far as it should be.</summary>
    public static bool IsComplete(JsonElement live) => RolloutGate.IsComplete(
        live.Number("metadata", "generation") ?? 0,
        (int)(live.Number("spec", "replicas") ?? 1),
        live.At("status") is { ValueKind: JsonValueKind.Object } status ? status.Deserialize(KubeJson.Default.DeploymentStatus) : null);

    /// <summary>Waits for these.</summary>
    /// <param name="names">The Deployments.</param>
    /// <param name="known">What is known of them already, to ask nothing when all is well.</param>
    /// <param name="wait">How long at most.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null when all are there; else what is not, and why.</returns>
    public async Task<Refusal?> WaitAsync(IReadOnlyCollection<string> names, Func<string, JsonElement> known, TimeSpan wait, CancellationToken cancellationToken)
    {
        var open = names.Where(name => !IsComplete(known(name))).ToHashSet(StringComparer.Ordinal);
        var giveUp = time.GetUtcNow() + wait;
        while (open.Count > 0)
        {
            var listed = await client.ListAsync(Deployments, ns, $"{Labels.Environment}={Labels.ValueOf(environment)}", cancellationToken);
            if (listed.Error is { } error)
            {
                return Provider.Failed("waiting for rollouts", error);
            }

            var live = listed.Value!.Items.Where(item => open.Contains(item.Meta("name") ?? "")).ToDictionary(item => item.Meta("name")!, StringComparer.Ordinal);
            foreach (var (name, _) in live.Where(pair => IsComplete(pair.Value)))
            {
                open.Remove(name);
                options.Progress?.Invoke($"ready    Deployment {name}");
            }

            if (open.Count == 0)
            {
                return null;
            }

            var troubles = await TroublesAsync(open, live, cancellationToken);
            if (!troubles.IsEmpty || time.GetUtcNow() >= giveUp)
            {
                return Unready(open, live, troubles, wait);
            }

            await Task.Delay(options.Poll, time, cancellationToken);
        }

        return null;
    }

    private static DeployerRefusal.Provider Unready(HashSet<string> open, Dictionary<string, JsonElement> live, ImmutableArray<RefusalDetail> troubles, TimeSpan wait) =>
        new(troubles.IsEmpty ? $"{open.Count} Deployments were not ready within {wait.TotalSeconds:0} s" : $"{open.Count} Deployments will not get ready as they are")
        {
            Details = [.. troubles, .. open.Order(StringComparer.Ordinal).Take(5).Select(name => new RefusalDetail(name, Counters(live.GetValueOrDefault(name))))],
        };

    private static string Counters(JsonElement live) => live.ValueKind == JsonValueKind.Undefined
        ? "not there"
        : $"generation {live.Number("metadata", "generation") ?? 0} (observed {live.Number("status", "observedGeneration")?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}), "
            + $"{live.Number("status", "updatedReplicas") ?? 0} updated, {live.Number("status", "replicas") ?? 0} in all, {live.Number("status", "availableReplicas") ?? 0} available of {live.Number("spec", "replicas") ?? 1}";

    /// <summary>What keeps the open ones from ever getting ready; nothing when waiting may help, or when pods cannot be looked at.</summary>
    private async Task<ImmutableArray<RefusalDetail>> TroublesAsync(HashSet<string> open, Dictionary<string, JsonElement> live, CancellationToken cancellationToken)
    {
        ImmutableArray<RefusalDetail> late = [.. live.Values.SelectMany(item => item.Items("status", "conditions")
            .Where(condition => condition.Text("type") == "Progressing" && condition.Text("status") == "False")
            .Select(condition => new RefusalDetail(item.Meta("name")!, condition.Text("message") ?? condition.Text("reason") ?? "it makes no progress")))];
        var listed = await client.ListAsync(Pods, ns, $"{Labels.Environment}={Labels.ValueOf(environment)}", cancellationToken);
        return listed.Value is not { } pods ? late : [.. late, .. pods.Items
            .Where(pod => open.Any(name => pod.Meta("name")?.StartsWith($"{name}-", StringComparison.Ordinal) == true) && pod.Meta("deletionTimestamp") is null)
            .SelectMany(pod => pod.Items("status", "initContainerStatuses").Concat(pod.Items("status", "containerStatuses")).Select(container => (Pod: pod, Why: Trouble(container))))
            .Where(pair => pair.Why is not null)
            .Select(pair => new RefusalDetail($"pod {pair.Pod.Meta("name")}", pair.Why!))];
    }

    private static string? Trouble(JsonElement container) => container.Text("state", "waiting", "reason") switch
    {
        "ImagePullBackOff" or "ErrImageNeverPull" or "InvalidImageName" or "CreateContainerConfigError" or "CreateContainerError" => Why(container),
        "CrashLoopBackOff" when container.Number("restartCount") >= ManyRestarts => Why(container),
        _ => null,
    };

    private static string Why(JsonElement container)
    {
        var last = container.At("lastState", "terminated");
        var ended = last.Number("exitCode") is { } code ? $"; it ended with {code} {last.Text("message")}".TrimEnd() : "";
        return $"{container.Text("name")}: {container.Text("state", "waiting", "reason")}: {container.Text("state", "waiting", "message")}{ended}".ReplaceLineEndings(" ");
    }
}
