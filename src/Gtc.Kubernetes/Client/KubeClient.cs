using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Gtc.Kubernetes;

/// <summary>
/// Calls the API of a cluster. Answers of 429 and of a server that is not ready are waited out as the server says (RFC 9110 §10.2.3); everything else
/// is the caller's to decide. The server's certificate is checked unless the kubeconfig says otherwise.
/// </summary>
public sealed class KubeClient : IDisposable
{
    private const int MaxRestarts = 6;
    private const int PageSize = 500;

    private readonly KubeTransport _transport;

    /// <summary>Makes a client.</summary>
    /// <param name="config">Where and as whom.</param>
    /// <param name="timeout">How long one call may take.</param>
    /// <param name="time">The clock.</param>
    public KubeClient(KubeConfig config, TimeSpan timeout, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(config);
        _transport = new KubeTransport(config, timeout, time);
    }

    /// <summary>
    /// How long a call that can be repeated goes on when the server cannot be reached, is too slow or fails (500, 502, 504), e.g. while it restarts.
    /// Zero answers at once.
    /// </summary>
    public TimeSpan Patience { get => _transport.Patience; init => _transport.Patience = value; }

    /// <summary>Reads an object.</summary>
    public Task<KubeResult<JsonDocument>> GetAsync(KubeKind kind, string? ns, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return _transport.SendAsync(HttpMethod.Get, kind.Item(ns, name), null, null, cancellationToken);
    }

    /// <summary>Makes or changes an object by server-side apply (<c>application/apply-patch+yaml</c>).</summary>
    /// <param name="item">The object: exactly the fields that the manager wants to own.</param>
    /// <param name="fieldManager">The manager.</param>
    /// <param name="isForced">Whether fields of others are taken over.</param>
    /// <param name="isDryRun">Whether the server only says what would be.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The object as it is afterwards; <see cref="KubeErrorKind.Conflict"/> names the owners of fields.</returns>
    public Task<KubeResult<JsonDocument>> ApplyAsync(JsonElement item, string fieldManager, bool isForced, bool isDryRun, CancellationToken cancellationToken)
    {
        if (!TryPath(item, out var path, out var error))
        {
            return Task.FromResult<KubeResult<JsonDocument>>(error!);
        }

        var query = $"?fieldManager={Uri.EscapeDataString(fieldManager)}&force={(isForced ? "true" : "false")}{(isDryRun ? "&dryRun=All" : "")}";
        return _transport.SendAsync(HttpMethod.Patch, path + query, item, "application/apply-patch+yaml", cancellationToken);
    }

    /// <summary>Changes some members of an object by a JSON merge patch (RFC 7396).</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="change">The members; null removes one.</param>
    /// <param name="fieldManager">Who changes them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<KubeResult<JsonDocument>> MergeAsync(KubeKind kind, string? ns, string name, JsonElement change, string fieldManager, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return _transport.SendAsync(HttpMethod.Patch, $"{kind.Item(ns, name)}?fieldManager={Uri.EscapeDataString(fieldManager)}", change, "application/merge-patch+json", cancellationToken);
    }

    /// <summary>The versions of a group that the server knows, the preferred one first; none when it does not know the group.</summary>
    /// <param name="group">The group, e.g. <c>policy</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Names as <c>policy/v1</c>.</returns>
    public async Task<KubeResult<string[]>> VersionsAsync(string group, CancellationToken cancellationToken)
    {
        var answer = await _transport.SendAsync(HttpMethod.Get, $"/apis/{Uri.EscapeDataString(group)}", null, null, cancellationToken);
        if (answer.Error is { } error)
        {
            return error.Kind == KubeErrorKind.NotFound ? (KubeResult<string[]>)Array.Empty<string>() : error;
        }

        using var document = answer.Value!;
        return document.RootElement.TryGetProperty("versions", out var versions) && versions.ValueKind == JsonValueKind.Array
            ? versions.EnumerateArray().Select(version => KubeTransport.Text(version, "groupVersion")).OfType<string>().ToArray()
            : new KubeError(KubeErrorKind.Unavailable, $"the server's answer about {group} is no group of the API");
    }

    /// <summary>Removes an object.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="uid">Only if it is still this one; null for whichever has the name.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<KubeResult<JsonDocument>> DeleteAsync(KubeKind kind, string? ns, string name, string? uid, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        using var options = uid is null ? null : JsonDocument.Parse($$"""{ "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": { "uid": "{{uid}}" } }""");
        return _transport.SendAsync(HttpMethod.Delete, kind.Item(ns, name), options?.RootElement.Clone(), "application/json", cancellationToken);
    }

    /// <summary>Asks something of the server that has no name, e.g. an access review.</summary>
    /// <param name="path">The collection.</param>
    /// <param name="question">The object.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<KubeResult<JsonDocument>> PostAsync(string path, JsonElement question, CancellationToken cancellationToken) =>
        _transport.SendAsync(HttpMethod.Post, path, question, "application/json", cancellationToken);

    /// <summary>All objects of a kind, page by page. A list whose pages took so long that the server forgot the rest (410) is begun again.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="ns">The namespace; null for all.</param>
    /// <param name="labelSelector">Which ones; null for all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<KubeResult<KubeList>> ListAsync(KubeKind kind, string? ns, string? labelSelector, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var items = new List<JsonElement>();
        var next = "";
        var restarts = 0;
        while (true)
        {
            var query = $"?limit={PageSize}{(labelSelector is null ? "" : $"&labelSelector={Uri.EscapeDataString(labelSelector)}")}{(next.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(next)}")}";
            var page = await _transport.SendAsync(HttpMethod.Get, kind.Collection(ns) + query, null, null, cancellationToken);
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

            using var document = page.Value!;
            var metadata = document.RootElement.GetProperty("metadata");
            next = metadata.TryGetProperty("continue", out var more) ? more.GetString() ?? "" : "";
            if (document.RootElement.TryGetProperty("items", out var found) && found.ValueKind == JsonValueKind.Array)
            {
                items.AddRange(found.EnumerateArray().Select(item => item.Clone()));
            }

            if (next.Length == 0)
            {
                return new KubeList(items, metadata.GetProperty("resourceVersion").GetString() ?? "");
            }
        }
    }

    /// <summary>
    /// What happens to the objects of a kind from a version on, until the server ends the watch. Bookmarks only move the version on. An error ends it;
    /// <see cref="KubeErrorKind.Gone"/> means that the caller must list again.
    /// </summary>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(KubeKind kind, string? ns, string? labelSelector, string resourceVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var path = $"{kind.Collection(ns)}?watch=true&allowWatchBookmarks=true&resourceVersion={Uri.EscapeDataString(resourceVersion)}"
            + (labelSelector is null ? "" : $"&labelSelector={Uri.EscapeDataString(labelSelector)}");
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (await _transport.AuthorizeAsync(request, cancellationToken) is { } refused)
        {
            yield return new WatchEvent(WatchEventKind.Failed, default, refused);
            yield break;
        }

        HttpResponseMessage? response = null;
        KubeError? lost = null;
        try
        {
            response = await _transport.OpenAsync(request, cancellationToken);
        }
        catch (Exception error) when (KubeTransport.IsLost(error, cancellationToken))
        {
            lost = KubeTransport.Unavailable(error);
        }

        using (response)
        {
            if (lost is null && !response!.IsSuccessStatusCode)
            {
                lost = await KubeTransport.ReadErrorAsync(response, cancellationToken);
            }

            if (lost is not null)
            {
                yield return new WatchEvent(WatchEventKind.Failed, default, lost);
                yield break;
            }

            using var reader = new StreamReader(await response!.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
            while (true)
            {
                var (line, error) = await ReadLineAsync(reader, cancellationToken);
                if (error is not null)
                {
                    yield return new WatchEvent(WatchEventKind.Failed, default, error);
                }

                if (line is null)
                {
                    yield break;
                }

                var happened = WatchEvent.Parse(line);
                yield return happened;
                if (happened.Kind == WatchEventKind.Failed)
                {
                    yield break;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    private static bool TryPath(JsonElement item, out string path, out KubeError? error)
    {
        path = "";
        var apiVersion = KubeTransport.Text(item, "apiVersion");
        var kind = KubeTransport.Text(item, "kind");
        var metadata = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("metadata", out var found) ? found : default;
        var name = KubeTransport.Text(metadata, "name");
        var ns = KubeTransport.Text(metadata, "namespace");
        if (apiVersion is null || kind is null || name is null)
        {
            error = new KubeError(KubeErrorKind.Unsupported, "the object lacks apiVersion, kind or metadata.name");
            return false;
        }

        if (KubeKind.Of(apiVersion, kind) is not { } known || (known.IsNamespaced && ns is null))
        {
            error = new KubeError(KubeErrorKind.Unsupported, KubeKind.Of(apiVersion, kind) is null ? $"unsupported object {apiVersion} {kind}" : $"{kind} {name} lacks metadata.namespace");
            return false;
        }

        path = known.Item(ns, name);
        error = null;
        return true;
    }

    private static async Task<(string? Line, KubeError? Error)> ReadLineAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return (await reader.ReadLineAsync(cancellationToken), null);
        }
        catch (Exception error) when (KubeTransport.IsLost(error, cancellationToken))
        {
            return (null, KubeTransport.Unavailable(error));
        }
    }
}

/// <summary>The objects of a kind at a version.</summary>
/// <param name="Items">The objects.</param>
/// <param name="ResourceVersion">The version from which a watch goes on.</param>
public sealed record KubeList(IReadOnlyList<JsonElement> Items, string ResourceVersion);
