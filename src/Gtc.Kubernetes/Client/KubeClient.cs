using System.Text.Json;

namespace Gtc.Kubernetes;

/// <summary>
/// Calls the API of a cluster. Answers of 429 and of a server that is not ready are waited out as the server says (RFC 9110 §10.2.3); everything else
/// is the caller's to decide. The server's certificate is checked unless the kubeconfig says otherwise.
/// </summary>
public sealed partial class KubeClient : IDisposable
{
    private const string Status = "/status";

    private readonly KubeTransport _transport;
    private readonly TimeProvider _time;

    /// <summary>Makes a client.</summary>
    /// <param name="config">Where and as whom.</param>
    /// <param name="timeout">How long one call may take.</param>
    /// <param name="time">The clock.</param>
    public KubeClient(KubeConfig config, TimeSpan timeout, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(config);
        _transport = new KubeTransport(config, timeout, time);
        _time = time;
    }

    /// <summary>
    /// How long a call that can be repeated goes on when the server cannot be reached, is too slow or fails (500, 502, 504), e.g. while it restarts.
    /// Zero answers at once. A server that has never answered is not waited for: its address may be wrong.
    /// </summary>
    public TimeSpan Patience { get => _transport.Patience; init => _transport.Patience = value; }

    /// <summary>Reads an object.</summary>
    public Task<KubeResult<JsonDocument>> GetAsync(KubeKind kind, string? ns, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return _transport.SendAsync(new(HttpMethod.Get, kind.Item(ns, name)), cancellationToken);
    }

    /// <summary>Makes or changes an object by server-side apply (<c>application/apply-patch+yaml</c>).</summary>
    /// <param name="item">The object: exactly the fields that the manager wants to own.</param>
    /// <param name="fieldManager">The manager.</param>
    /// <param name="isForced">Whether fields of others are taken over.</param>
    /// <param name="isDryRun">Whether the server only says what would be.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The object as it is afterwards; <see cref="KubeErrorKind.Conflict"/> names the owners of fields.</returns>
    public Task<KubeResult<JsonDocument>> ApplyAsync(JsonElement item, string fieldManager, bool isForced, bool isDryRun, CancellationToken cancellationToken) =>
        ApplyAsync(item, "", fieldManager, isForced, isDryRun, cancellationToken);

    /// <summary>Changes the status of an object by server-side apply; the rest of the object stays as it is.</summary>
    /// <param name="item">The object: kind, name, and exactly the fields of <c>status</c> that the manager wants to own.</param>
    /// <param name="fieldManager">The manager.</param>
    /// <param name="isForced">Whether fields of others are taken over.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<KubeResult<JsonDocument>> ApplyStatusAsync(JsonElement item, string fieldManager, bool isForced, CancellationToken cancellationToken) =>
        ApplyAsync(item, Status, fieldManager, isForced, false, cancellationToken);

    /// <summary>Changes some members of an object by a JSON merge patch (RFC 7396).</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="change">The members; null removes one.</param>
    /// <param name="fieldManager">Who changes them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<KubeResult<JsonDocument>> MergeAsync(KubeKind kind, string? ns, string name, JsonElement change, string fieldManager, CancellationToken cancellationToken) =>
        PatchAsync(kind, ns, name, "", change, "application/merge-patch+json", fieldManager, cancellationToken);

    /// <summary>Changes some members of an object's status by a JSON merge patch (RFC 7396); members that are not named stay as they are.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="change">The object with nothing but <c>status</c> in it; null removes a member.</param>
    /// <param name="fieldManager">Who changes them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<KubeResult<JsonDocument>> MergeStatusAsync(KubeKind kind, string? ns, string name, JsonElement change, string fieldManager, CancellationToken cancellationToken) =>
        PatchAsync(kind, ns, name, Status, change, "application/merge-patch+json", fieldManager, cancellationToken);

    /// <summary>
    /// Changes some members of an object's status by a JSON merge patch (RFC 7396) for a caller that does so very often: the patch is sent as it is, and
    /// of the object nothing but its metadata comes back.
    /// </summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="change">The object in UTF-8 with nothing but <c>status</c> in it, and its version when no other is to be changed; null removes a member.</param>
    /// <param name="fieldManager">Who changes them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The object's metadata as they are afterwards; <see cref="KubeErrorKind.Conflict"/> when it has another version.</returns>
    public Task<KubeResult<JsonDocument>> MergeStatusAsync(KubeKind kind, string? ns, string name, ReadOnlyMemory<byte> change, string fieldManager, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var path = $"{kind.Item(ns, name)}{Status}?fieldManager={Uri.EscapeDataString(fieldManager)}";
        return _transport.SendAsync(new(HttpMethod.Patch, path) { Bytes = change, MediaType = "application/merge-patch+json", Accept = KubeScope.Metadata }, cancellationToken);
    }

    /// <summary>Changes an object by a JSON patch (RFC 6902), e.g. a finalizer only while it still stands where it was seen.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="operations">The operations, in order: all of them are done or none.</param>
    /// <param name="fieldManager">Who changes it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The object as it is afterwards; <see cref="KubeErrorKind.Invalid"/> when a <c>test</c> failed, or a path is not there.</returns>
    public Task<KubeResult<JsonDocument>> PatchAsync(KubeKind kind, string? ns, string name, IReadOnlyList<PatchOperation> operations, string fieldManager, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(operations);
        return PatchAsync(kind, ns, name, "", PatchOperation.ToElement(operations), "application/json-patch+json", fieldManager, cancellationToken);
    }

    /// <summary>Makes an object that is not there yet. It is asked once only, since it may have been heard.</summary>
    /// <param name="item">The object.</param>
    /// <param name="fieldManager">Who makes it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The object; <see cref="KubeErrorKind.Conflict"/> when it is there.</returns>
    public Task<KubeResult<JsonDocument>> CreateAsync(JsonElement item, string fieldManager, CancellationToken cancellationToken) => Place(item, out var kind, out var ns, out _) is { } error
        ? Task.FromResult<KubeResult<JsonDocument>>(error)
        : _transport.SendAsync(new(HttpMethod.Post, $"{kind!.Collection(ns)}?fieldManager={Uri.EscapeDataString(fieldManager)}") { Body = item, MediaType = "application/json" }, cancellationToken);

    /// <summary>Replaces an object as a whole, if it is still at the version that <c>metadata.resourceVersion</c> says.</summary>
    /// <param name="item">The object.</param>
    /// <param name="fieldManager">Who replaces it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The object as it is afterwards; <see cref="KubeErrorKind.Conflict"/> when somebody was faster.</returns>
    public Task<KubeResult<JsonDocument>> ReplaceAsync(JsonElement item, string fieldManager, CancellationToken cancellationToken) => Place(item, out var kind, out var ns, out var name) is { } error
        ? Task.FromResult<KubeResult<JsonDocument>>(error)
        : _transport.SendAsync(new(HttpMethod.Put, $"{kind!.Item(ns, name)}?fieldManager={Uri.EscapeDataString(fieldManager)}") { Body = item, MediaType = "application/json" }, cancellationToken);

    /// <summary>The versions of a group that the server knows, the preferred one first; none when it does not know the group.</summary>
    /// <param name="group">The group, e.g. <c>policy</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Names as <c>policy/v1</c>.</returns>
    public async Task<KubeResult<string[]>> VersionsAsync(string group, CancellationToken cancellationToken)
    {
        var answer = await _transport.SendAsync(new(HttpMethod.Get, $"/apis/{Uri.EscapeDataString(group)}"), cancellationToken);
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
        return _transport.SendAsync(new(HttpMethod.Delete, kind.Item(ns, name)) { Body = options?.RootElement.Clone(), MediaType = "application/json" }, cancellationToken);
    }

    /// <summary>Asks something of the server that has no name, e.g. an access review.</summary>
    /// <param name="path">The collection.</param>
    /// <param name="question">The object.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<KubeResult<JsonDocument>> PostAsync(string path, JsonElement question, CancellationToken cancellationToken) =>
        _transport.SendAsync(new(HttpMethod.Post, path) { Body = question, MediaType = "application/json" }, cancellationToken);

    /// <summary>Reads what is no object as text: the log of a pod, or what a service answers through the server.</summary>
    /// <param name="path">The path, with its query.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<KubeResult<string>> ReadTextAsync(string path, CancellationToken cancellationToken)
    {
        var opened = await _transport.OpenAsync(new(HttpMethod.Get, path), isWhole: true, cancellationToken);
        if (opened.Error is { } error)
        {
            return error;
        }

        using var response = opened.Value!;
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    private Task<KubeResult<JsonDocument>> ApplyAsync(JsonElement item, string part, string fieldManager, bool isForced, bool isDryRun, CancellationToken cancellationToken)
    {
        if (Place(item, out var kind, out var ns, out var name) is { } error)
        {
            return Task.FromResult<KubeResult<JsonDocument>>(error);
        }

        var query = $"?fieldManager={Uri.EscapeDataString(fieldManager)}&force={(isForced ? "true" : "false")}{(isDryRun ? "&dryRun=All" : "")}";
        return _transport.SendAsync(new(HttpMethod.Patch, kind!.Item(ns, name) + part + query) { Body = item, MediaType = "application/apply-patch+yaml" }, cancellationToken);
    }

    private Task<KubeResult<JsonDocument>> PatchAsync(KubeKind kind, string? ns, string name, string part, JsonElement change, string mediaType, string fieldManager, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return _transport.SendAsync(new(HttpMethod.Patch, $"{kind.Item(ns, name)}{part}?fieldManager={Uri.EscapeDataString(fieldManager)}") { Body = change, MediaType = mediaType }, cancellationToken);
    }

    /// <summary>Where an object belongs, from what it says of itself.</summary>
    private static KubeError? Place(JsonElement item, out KubeKind? kind, out string? ns, out string name)
    {
        var apiVersion = KubeTransport.Text(item, "apiVersion");
        var named = KubeTransport.Text(item, "kind");
        var metadata = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("metadata", out var found) ? found : default;
        name = KubeTransport.Text(metadata, "name") ?? "";
        ns = KubeTransport.Text(metadata, "namespace");
        kind = apiVersion is null || named is null ? null : KubeKind.Of(apiVersion, named);
        return apiVersion is null || named is null || name.Length == 0 ? new KubeError(KubeErrorKind.Unsupported, "the object lacks apiVersion, kind or metadata.name")
            : kind is null ? new KubeError(KubeErrorKind.Unsupported, $"unsupported object {apiVersion} {named}")
            : kind.IsNamespaced && ns is null ? new KubeError(KubeErrorKind.Unsupported, $"{named} {name} lacks metadata.namespace")
            : null;
    }
}
