using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Gtc.Kubernetes;

/// <summary>
/// Calls the API of a cluster. Answers of 429 and of a server that is not ready are waited out as the server says (RFC 9110 §10.2.3); everything else
/// is the caller's to decide. The server's certificate is checked unless the kubeconfig says otherwise.
/// </summary>
public sealed class KubeClient : IDisposable
{
    private const int MaxAnswer = 64 * 1024 * 1024;
    private const int MaxTries = 6;
    private const int PageSize = 500;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly KubeConfig _config;
    private readonly TimeProvider _time;
    private readonly ExecTokens? _exec;

    /// <summary>Makes a client.</summary>
    /// <param name="config">Where and as whom.</param>
    /// <param name="timeout">How long one call may take.</param>
    /// <param name="time">The clock.</param>
    public KubeClient(KubeConfig config, TimeSpan timeout, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(config);
        _config = config;
        _time = time;
        _exec = config.Exec is { } exec ? new ExecTokens(exec, time) : null;
        _http = new HttpClient(Handler(config)) { BaseAddress = config.Server, Timeout = timeout, MaxResponseContentBufferSize = MaxAnswer };
    }

    /// <summary>Reads an object.</summary>
    public Task<KubeResult<JsonDocument>> GetAsync(KubeKind kind, string? ns, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return SendAsync(HttpMethod.Get, kind.Item(ns, name), null, null, cancellationToken);
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
        return SendAsync(HttpMethod.Patch, path + query, item, "application/apply-patch+yaml", cancellationToken);
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
        return SendAsync(HttpMethod.Delete, kind.Item(ns, name), options?.RootElement.Clone(), "application/json", cancellationToken);
    }

    /// <summary>Asks something of the server that has no name, e.g. an access review.</summary>
    /// <param name="path">The collection.</param>
    /// <param name="question">The object.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<KubeResult<JsonDocument>> PostAsync(string path, JsonElement question, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, question, "application/json", cancellationToken);

    /// <summary>All objects of a kind, page by page.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="ns">The namespace; null for all.</param>
    /// <param name="labelSelector">Which ones; null for all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<KubeResult<KubeList>> ListAsync(KubeKind kind, string? ns, string? labelSelector, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var items = new List<JsonElement>();
        var next = "";
        string version;
        do
        {
            var query = $"?limit={PageSize}{(labelSelector is null ? "" : $"&labelSelector={Uri.EscapeDataString(labelSelector)}")}{(next.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(next)}")}";
            var page = await SendAsync(HttpMethod.Get, kind.Collection(ns) + query, null, null, cancellationToken);
            if (page.Error is { } error)
            {
                return error;
            }

            using var document = page.Value!;
            var metadata = document.RootElement.GetProperty("metadata");
            version = metadata.GetProperty("resourceVersion").GetString() ?? "";
            next = metadata.TryGetProperty("continue", out var more) ? more.GetString() ?? "" : "";
            if (document.RootElement.TryGetProperty("items", out var found) && found.ValueKind == JsonValueKind.Array)
            {
                items.AddRange(found.EnumerateArray().Select(item => item.Clone()));
            }
        }
        while (next.Length > 0);
        return new KubeList(items, version);
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
        if (await AuthorizeAsync(request, cancellationToken) is { } refused)
        {
            yield return new WatchEvent(WatchEventKind.Failed, default, refused);
            yield break;
        }

        HttpResponseMessage? response = null;
        KubeError? lost = null;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception error) when (IsLost(error, cancellationToken))
        {
            lost = Unavailable(error);
        }

        using (response)
        {
            if (lost is null && !response!.IsSuccessStatusCode)
            {
                lost = await ReadErrorAsync(response, cancellationToken);
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
    public void Dispose() => _http.Dispose();

    private static SocketsHttpHandler Handler(KubeConfig config)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), AutomaticDecompression = DecompressionMethods.GZip };
        handler.SslOptions.TargetHost = config.ServerName;
        if (config.ClientCertificate is { } certificate)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        if (config.IsUnchecked)
        {
            // The kubeconfig's own words: insecure-skip-tls-verify.
#pragma warning disable CA5359
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (config.Authorities is { } authorities)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return handler;
    }

    private static bool TryPath(JsonElement item, out string path, out KubeError? error)
    {
        path = "";
        var apiVersion = Text(item, "apiVersion");
        var kind = Text(item, "kind");
        var metadata = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("metadata", out var found) ? found : default;
        var name = Text(metadata, "name");
        var ns = Text(metadata, "namespace");
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

    private static string? Text(JsonElement item, string member) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool IsLost(Exception error, CancellationToken cancellationToken) =>
        error is HttpRequestException or IOException || (error is TaskCanceledException && !cancellationToken.IsCancellationRequested);

    private static KubeError Unavailable(Exception error) => new(
        KubeErrorKind.Unavailable,
        error is TaskCanceledException ? "the API server did not answer in time" : (error.InnerException ?? error).Message.ReplaceLineEndings(" "));

    private static async Task<(string? Line, KubeError? Error)> ReadLineAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return (await reader.ReadLineAsync(cancellationToken), null);
        }
        catch (Exception error) when (IsLost(error, cancellationToken))
        {
            return (null, Unavailable(error));
        }
    }

    private static async Task<KubeError> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        return new KubeError(KindOf(status), $"{Message(body) ?? response.ReasonPhrase ?? "no reason given"} (status {status.ToString(CultureInfo.InvariantCulture)})", status);
    }

    private static KubeErrorKind KindOf(int status) => status switch
    {
        401 or 403 => KubeErrorKind.Forbidden,
        404 => KubeErrorKind.NotFound,
        409 => KubeErrorKind.Conflict,
        410 => KubeErrorKind.Gone,
        400 or 415 or 422 => KubeErrorKind.Invalid,
        _ => KubeErrorKind.Unavailable,
    };

    /// <summary>The message of a Status object, or null when the body is none.</summary>
    private static string? Message(string body)
    {
        try
        {
            using var status = JsonDocument.Parse(body);
            return Text(status.RootElement, "message");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<KubeResult<JsonDocument>> SendAsync(HttpMethod method, string path, JsonElement? body, string? mediaType, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            if (body is { } content)
            {
                request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(content, KubeJson.Default.JsonElement)) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType!) } };
            }

            if (await AuthorizeAsync(request, cancellationToken) is { } refused)
            {
                return refused;
            }

            var (result, pause) = await TryAsync(request, attempt, cancellationToken);
            if (pause is not { } wait)
            {
                return result;
            }

            await Task.Delay(wait, _time, cancellationToken);
        }
    }

    private async Task<(KubeResult<JsonDocument> Result, TimeSpan? Pause)> TryAsync(HttpRequestMessage request, int attempt, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return (JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken)), null);
            }

            var isBusy = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;
            var error = await ReadErrorAsync(response, cancellationToken);
            return (error, isBusy && attempt < MaxTries ? Pause(response, attempt) : null);
        }
        catch (JsonException error)
        {
            return (new KubeError(KubeErrorKind.Unavailable, $"the API server's answer is no JSON: {error.Message}"), null);
        }
        catch (Exception error) when (IsLost(error, cancellationToken))
        {
            return (Unavailable(error), null);
        }
    }

    private static TimeSpan Pause(HttpResponseMessage response, int attempt)
    {
        var wanted = response.Headers.RetryAfter?.Delta ?? TimeSpan.FromMilliseconds(100 << attempt);
        return wanted < LongestPause ? wanted : LongestPause;
    }

    private async Task<KubeError?> AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string? token;
        if (_exec is not null)
        {
            var given = await _exec.GetAsync(cancellationToken);
            if (given.Error is not null)
            {
                return given.Error;
            }

            token = given.Value;
        }
        else
        {
            token = _config.TokenFile is { } file ? (await File.ReadAllTextAsync(file, cancellationToken)).Trim() : _config.Token;
        }

        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return null;
    }
}

/// <summary>The objects of a kind at a version.</summary>
/// <param name="Items">The objects.</param>
/// <param name="ResourceVersion">The version from which a watch goes on.</param>
public sealed record KubeList(IReadOnlyList<JsonElement> Items, string ResourceVersion);
