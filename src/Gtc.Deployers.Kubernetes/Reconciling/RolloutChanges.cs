using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>Something new of a rollout; the object is undefined when it is not there any more.</summary>
internal abstract record RolloutChange
{
    /// <summary>A Deployment.</summary>
    public sealed record Deployment(string Name, JsonElement Live) : RolloutChange;

    /// <summary>A pod.</summary>
    public sealed record Pod(string Name, JsonElement Live) : RolloutChange;

    /// <summary>Deployments cannot be looked at.</summary>
    public sealed record Failed(KubeError Error) : RolloutChange;
}

/// <summary>Follows the Deployments of an environment and their pods; an identity that may list but not watch looks every now and then instead.</summary>
internal sealed class RolloutChanges(KubeClient client, EnvId environment, string ns, ReconcileOptions options, TimeProvider time)
{
    private const int MaxWaiting = 64;

    private static readonly KubeKind Deployments = KubeKind.Of("apps/v1", "Deployment")!;
    private static readonly KubeKind Pods = KubeKind.Of("v1", "Pod")!;

    /// <summary>Everything that happens, until no more is asked for.</summary>
    public async IAsyncEnumerable<RolloutChange> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var news = Channel.CreateBounded<RolloutChange>(MaxWaiting);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] following =
        [
            FollowAsync(Deployments, static (name, live) => new RolloutChange.Deployment(name, live), news.Writer, ends.Token),
            FollowAsync(Pods, static (name, live) => new RolloutChange.Pod(name, live), news.Writer, ends.Token),
        ];
        try
        {
            await foreach (var change in news.Reader.ReadAllAsync(cancellationToken))
            {
                yield return change;
            }
        }
        finally
        {
            await ends.CancelAsync();
            await Task.WhenAll(following).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(KubeKind kind, Func<string, JsonElement, RolloutChange> told, ChannelWriter<RolloutChange> news, CancellationToken cancellationToken)
    {
        try
        {
            var refused = await WatchAsync(kind, told, news, cancellationToken) ?? await LookAsync(kind, told, news, cancellationToken);

            // Without pods nobody knows why a rollout takes long; that it does is known all the same.
            if (kind == Deployments)
            {
                await news.WriteAsync(new RolloutChange.Failed(refused), cancellationToken);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            news.TryComplete(error);
        }
    }

    /// <summary>Watches. What others do meanwhile, e.g. a restart of the server, passes.</summary>
    /// <returns>Why it is of no use; null when it may be listed all the same.</returns>
    private async Task<KubeError?> WatchAsync(KubeKind kind, Func<string, JsonElement, RolloutChange> told, ChannelWriter<RolloutChange> news, CancellationToken cancellationToken)
    {
        var scope = new KubeScope(kind) { Namespace = ns, LabelSelector = $"{Labels.Environment}={Labels.ValueOf(environment)}" };
        var isListed = false;
        await foreach (var change in new ResumingWatch(client, scope, time, static () => 0.5).RunAsync(cancellationToken))
        {
            switch (change)
            {
                case WatchChange.Present present:
                    await news.WriteAsync(told(present.Key.Name, present.Item), cancellationToken);
                    break;
                case WatchChange.Absent absent:
                    await news.WriteAsync(told(absent.Key.Name, default), cancellationToken);
                    break;
                case WatchChange.Synced:
                    isListed = true;
                    break;
                case WatchChange.Interrupted { Error: { Kind: KubeErrorKind.Forbidden } error }:
                    return isListed && error.Status == 403 ? null : error;
            }
        }

        return null;
    }

    private async Task<KubeError> LookAsync(KubeKind kind, Func<string, JsonElement, RolloutChange> told, ChannelWriter<RolloutChange> news, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(options.Poll, time, cancellationToken);
            var listed = await client.ListAsync(kind, ns, $"{Labels.Environment}={Labels.ValueOf(environment)}", cancellationToken);
            if (listed.Error is { } error)
            {
                return error;
            }

            foreach (var item in listed.Value!.Items)
            {
                await news.WriteAsync(told(item.Meta("name") ?? "", item), cancellationToken);
            }
        }
    }
}
