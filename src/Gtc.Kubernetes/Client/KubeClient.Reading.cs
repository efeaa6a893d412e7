using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Gtc.Kubernetes;

public sealed partial class KubeClient
{
    private const int MaxRestarts = 6;

    // A server that neither ends a watch in time nor says anything is not there any more.
    private static readonly TimeSpan WatchMargin = TimeSpan.FromSeconds(30);

    /// <summary>All objects of a kind, page by page. A list whose pages took so long that the server forgot the rest (410) is begun again.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="ns">The namespace; null for all.</param>
    /// <param name="labelSelector">Which ones; null for all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<KubeResult<KubeList>> ListAsync(KubeKind kind, string? ns, string? labelSelector, CancellationToken cancellationToken)
    {
        var scope = new KubeScope(kind) { Namespace = ns, LabelSelector = labelSelector };
        var items = new List<JsonElement>();
        var next = "";
        var restarts = 0;
        while (true)
        {
            var page = await ListPageAsync(scope, next, cancellationToken);
            if (page.Error is { Kind: KubeErrorKind.Gone } && next.Length > 0 && restarts++ < MaxRestarts)
            {
                items.Clear();
                next = "";
                continue;
            }

            if (page.Error is { } error)
            {
                return error;
            }

            items.AddRange(page.Value!.Items);
            next = page.Value.Next;
            if (next.Length == 0)
            {
                return new KubeList(items, page.Value.ResourceVersion);
            }
        }
    }

    /// <summary>One page of a list.</summary>
    /// <param name="scope">Which objects.</param>
    /// <param name="next">Where the page before this one ended: its <see cref="KubePage.Next"/>; empty for the first.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The page; <see cref="KubeErrorKind.Gone"/> when the server has forgotten the rest of the list.</returns>
    public async Task<KubeResult<KubePage>> ListPageAsync(KubeScope scope, string next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(next);
        var answer = await _transport.SendAsync(new(HttpMethod.Get, scope.ListPath(next)) { Accept = scope.Accept(isList: true) }, cancellationToken);
        if (answer.Error is { } error)
        {
            return error;
        }

        using var document = answer.Value!;
        var root = document.RootElement;
        return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("metadata", out var metadata) && KubeTransport.Text(metadata, "resourceVersion") is { } version
            ? new KubePage(
                root.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array ? [.. items.Clone().EnumerateArray()] : [],
                KubeTransport.Text(metadata, "continue") ?? "",
                version)
            : new KubeError(KubeErrorKind.Unavailable, $"the server's answer is no list of {scope.Kind.Plural}");
    }

    /// <summary>
    /// What happens to objects from a version on, until the server ends the watch. Bookmarks only move the version on. An error ends it;
    /// <see cref="KubeErrorKind.Gone"/> means that the caller must list again. <see cref="ResumingWatch"/> does all that.
    /// </summary>
    /// <param name="scope">Which objects.</param>
    /// <param name="resourceVersion">The version of a list, or of the last event.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(KubeScope scope, string resourceVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var opened = await _transport.OpenAsync(new(HttpMethod.Get, scope.WatchPath(resourceVersion)) { Accept = scope.Accept(isList: false) }, isWhole: false, cancellationToken);
        if (opened.Error is { } error)
        {
            yield return new WatchEvent(WatchEventKind.Failed, default, error);
            yield break;
        }

        using var response = opened.Value!;
        using var deadline = new CancellationTokenSource(scope.WatchTimeout + WatchMargin, _time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        await using var lines = new WatchLines(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await lines.NextAsync(ends.Token, cancellationToken) is { } happened)
        {
            yield return happened;
            if (happened.Kind == WatchEventKind.Failed)
            {
                yield break;
            }
        }
    }
}

/// <summary>The objects of a kind at a version.</summary>
/// <param name="Items">The objects.</param>
/// <param name="ResourceVersion">The version from which a watch goes on.</param>
public sealed record KubeList(IReadOnlyList<JsonElement> Items, string ResourceVersion);

/// <summary>Some of the objects of a list.</summary>
/// <param name="Items">The objects.</param>
/// <param name="Next">What the next page is asked with; empty when this is the last one.</param>
/// <param name="ResourceVersion">The version of the whole list, from which a watch goes on.</param>
public sealed record KubePage(IReadOnlyList<JsonElement> Items, string Next, string ResourceVersion);
