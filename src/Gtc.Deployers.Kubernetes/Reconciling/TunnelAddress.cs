using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>
/// Where the tunnel of an environment's worker is reached (decision 31). cloudflared tells its address to the worker alone, which writes it to its log; that can
/// be read through the API server whatever the network policies allow.
/// </summary>
internal static class TunnelAddress
{
    /// <summary>By which key it is discovered.</summary>
    public const string Key = "tunnel_url";

    // The newest lines are enough, and a worker that writes a lot must not fill the memory.
    private const string Newest = "container=worker&tailLines=5000&limitBytes=4194304";
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private static readonly KubeKind Pods = KubeKind.Of("v1", "Pod")!;

    /// <summary>Waits for a tunnel to be open; one opens some seconds after its worker is ready.</summary>
    /// <returns>Its address, or why it is not known; that is no failure of the reconciliation.</returns>
    public static async Task<(string? Url, string? Warning)> FindAsync(KubeClient client, EnvId environment, string ns, ReconcileOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var patience = options.Wait is { } wait && wait < Longest ? wait : options.Wait is null ? TimeSpan.Zero : Longest;
        while (true)
        {
            var (url, why) = await LookAsync(client, environment, ns, cancellationToken);
            if (url is not null)
            {
                return (url, null);
            }

            if (why is not null || time.GetElapsedTime(began) >= patience)
            {
                return (null, $"the address of the tunnel is not known: {why ?? "the worker's log does not tell of an open one"}; reconcile again, or look at it: kubectl logs -n {ns} -l {Labels.Component}={Labels.Worker}");
            }

            await Task.Delay(options.Poll, time, cancellationToken);
        }
    }

    private static async Task<(string? Url, string? Why)> LookAsync(KubeClient client, EnvId environment, string ns, CancellationToken cancellationToken)
    {
        var listed = await client.ListAsync(Pods, ns, $"{Labels.Environment}={Labels.ValueOf(environment)},{Labels.Component}={Labels.Worker}", cancellationToken);
        if (listed.Error is { } unlisted)
        {
            return (null, unlisted.Message);
        }

        foreach (var pod in listed.Value!.Items.Where(pod => pod.Meta("deletionTimestamp") is null && pod.Text("status", "phase") == "Running"))
        {
            var log = await client.ReadTextAsync($"{Pods.Item(ns, pod.Meta("name")!)}/log?{Newest}", cancellationToken);
            if (log.Error is { Kind: KubeErrorKind.Forbidden } refused)
            {
                return (null, refused.Message);
            }

            if (log.Value is { } text && TunnelBanner.Last(text) is { } url)
            {
                return (url, null);
            }
        }

        return (null, null);
    }
}
