using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Demo;

/// <summary>Looks at pods: whether they are ready, and what they logged.</summary>
internal sealed class ClusterView(KubeClient client, TimeProvider time)
{
    private const string Namespace = "gtc-local";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly string[] Hopeless = ["CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CreateContainerConfigError"];

    /// <summary>Waits until the pods of a selector are ready.</summary>
    /// <returns>The name of one of them; what it logged last when it cannot become ready.</returns>
    public async Task<Outcome<string>> WaitAsync(string ns, string selector, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        using var timer = new PeriodicTimer(LookEvery, time);
        var look = $"kubectl get pods -n {ns} -l {selector}";
        try
        {
            do
            {
                var pods = await client.ListAsync(KubeKind.Of("v1", "Pod")!, ns, selector, either.Token);
                if (pods.Error is { } error)
                {
                    return new Refusal.FetchFailed($"the pods could not be listed: {error.Message}") { Next = look };
                }

                var living = pods.Value!.Items.Where(static pod => !pod.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _)).ToList();
                if (living.Count > 0 && living.TrueForAll(IsReady))
                {
                    return NameOf(living[0]);
                }

                if (living.Find(static pod => Waiting(pod) is { } why && Hopeless.Contains(why)) is { ValueKind: JsonValueKind.Object } stuck)
                {
                    return new Refusal.Conflict($"pod {NameOf(stuck)} does not come up ({Waiting(stuck)}): {WorkerLog.LastMessage(await LogAsync(ns, NameOf(stuck), either.Token))}") { Next = look };
                }
            }
            while (await timer.WaitForNextTickAsync(either.Token));
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            // Said below, with what to look at.
        }

        return new Refusal.Conflict($"the pods of {selector} were not ready within {Patience.TotalMinutes:N0} minutes") { Next = look };
    }

    /// <summary>The lines that a pod has logged; none when they cannot be read.</summary>
    public async Task<IReadOnlyList<string>> LogAsync(string ns, string pod, CancellationToken cancellationToken)
    {
        var log = await client.ReadTextAsync($"/api/v1/namespaces/{ns}/pods/{pod}/log?tailLines=200", cancellationToken);
        return (log.Value ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Asks the router through the API server, which works from wherever the API server can be reached.</summary>
    public async Task<Outcome<string>> StatusAsync(CancellationToken cancellationToken)
    {
        var answer = await client.ReadTextAsync($"{Router}status", cancellationToken);
        return answer.Value is { } text ? text : new Refusal.FetchFailed($"the router did not answer: {answer.Error!.Message}");
    }

    /// <summary>Sends the router a message.</summary>
    public async Task<Outcome<string>> AskAsync(JsonElement question, CancellationToken cancellationToken)
    {
        var answer = await client.PostAsync(Router, question, cancellationToken);
        using var document = answer.Value;
        return document is not null ? document.RootElement.GetRawText() : new Refusal.FetchFailed($"the router did not answer: {answer.Error!.Message}");
    }

    private static string Router => $"/api/v1/namespaces/{Namespace}/services/gtc-router:8080/proxy/";

    private static string NameOf(JsonElement pod) => pod.GetProperty("metadata").GetProperty("name").GetString()!;

    private static bool IsReady(JsonElement pod) =>
        pod.TryGetProperty("status", out var status) && status.TryGetProperty("conditions", out var conditions)
        && conditions.EnumerateArray().Any(static condition => condition.GetProperty("type").GetString() == "Ready" && condition.GetProperty("status").GetString() == "True");

    /// <summary>Why a container of the pod does not run, or null.</summary>
    private static string? Waiting(JsonElement pod) =>
        pod.TryGetProperty("status", out var status) && status.TryGetProperty("containerStatuses", out var containers)
            ? containers.EnumerateArray()
                .Select(static container => container.GetProperty("state").TryGetProperty("waiting", out var waiting) && waiting.TryGetProperty("reason", out var reason) ? reason.GetString() : null)
                .FirstOrDefault(static reason => reason is not null)
            : null;
}
