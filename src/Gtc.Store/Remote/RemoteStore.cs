using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>
/// Speaks to a store server (store-server.md §11). The entity tag that it last saw of an environment goes along with the next change of it, so that
/// what others did in between is noticed. What a server answers is bounded and checked before it is believed.
/// </summary>
public sealed partial class RemoteStore : IDisposable
{
    private const int MostOfPage = 1000;

    private static readonly JsonDocumentOptions Bounds = new() { MaxDepth = 128 };

    private readonly HttpClient _http;
    private readonly ConcurrentDictionary<EnvId, string> _seen = new();

    /// <summary>Takes the server; nothing is asked of it yet.</summary>
    /// <param name="target">The server.</param>
    /// <param name="transport">Carries the requests; it must not follow redirects, which would carry the token elsewhere. Disposed with this.</param>
    public RemoteStore(StoreTarget target, HttpMessageHandler transport)
    {
        ArgumentNullException.ThrowIfNull(target);
        _http = new HttpClient(transport) { BaseAddress = target.Address, MaxResponseContentBufferSize = 2L * Documents.MaxBytes };
        if (target.Token is { } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>The server's address.</summary>
    public Uri Address => _http.BaseAddress!;

    /// <summary>The environments that the caller may see, in the order of their ids.</summary>
    public async Task<Outcome<ImmutableArray<EnvId>>> ListAsync(CancellationToken cancellationToken)
    {
        var found = ImmutableArray.CreateBuilder<EnvId>();
        for (string? after = null; ;)
        {
            var read = await ReadAsync(null, after is null ? "environments" : $"environments?after={Uri.EscapeDataString(after)}", page =>
            {
                foreach (var item in page.GetProperty("environments").EnumerateArray())
                {
                    found.Add(EnvId.TryParse(item.GetString(), out var id) ? id : throw new FormatException($"`{item}` is no environment id"));
                }

                return page.TryGetProperty("next", out var next) ? next.GetString() : string.Empty;
            }, cancellationToken);
            if (!read.TryGet(out after, out var refusal))
            {
                return refusal;
            }

            if (string.IsNullOrEmpty(after))
            {
                return found.ToImmutable();
            }
        }
    }

    /// <summary>An environment, now or at a generation.</summary>
    public async Task<Outcome<RemoteEnvironment>> ShowAsync(EnvId environment, ulong? generation, CancellationToken cancellationToken)
    {
        var path = Path(environment, []) + Query(("generation", generation is { } wanted ? Number(wanted) : null));
        var read = await ReadAsync(
            environment,
            path,
            body => new RemoteEnvironment(Parsed(Documents.Environment.Parse(Utf8(body.GetProperty("environment")))), body.GetProperty("etag").GetString()!, body.GetProperty("generation").GetUInt64()),
            cancellationToken);
        if (generation is null && read.TryGet(out var newest, out _))
        {
            _seen[environment] = newest.Etag;
        }

        return read;
    }

    /// <summary>The list of an environment's backups, or what lies below it: <c>[ID, "export"]</c> is a backup as an artifact.</summary>
    public Task<Outcome<JsonElement>> BackupsAsync(EnvId environment, ImmutableArray<string> below, CancellationToken cancellationToken) =>
        ReadAsync(environment, Path(environment, ["backups", .. below]), body => body, cancellationToken);

    /// <summary>The whole audit log with the checkpoint of what was pruned before it.</summary>
    public async Task<Outcome<ExportedAudit>> ExportAuditAsync(EnvId environment, CancellationToken cancellationToken)
    {
        if (!(await AuditAsync(environment, new AuditFilter { Limit = int.MaxValue }, cancellationToken)).TryGet(out var events, out var refusal))
        {
            return refusal;
        }

        var checkpoint = await ReadAsync(
            environment,
            Path(environment, ["audit"]) + Query(("limit", "1")),
            body => body.TryGetProperty("checkpoint", out var signed) ? signed.GetBytesFromBase64() : [],
            cancellationToken);
        return checkpoint.Then<ExportedAudit>(bytes => new ExportedAudit(
            [.. events.Select(line => (ReadOnlyMemory<byte>)Documents.AuditEvent.ToLine(line))], bytes.Length == 0 ? (ReadOnlyMemory<byte>?)null : bytes));
    }

    /// <summary>The newest lines of an audit log that a filter takes, oldest first.</summary>
    public async Task<Outcome<ImmutableArray<AuditEvent>>> AuditAsync(EnvId environment, AuditFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var found = ImmutableArray<AuditEvent>.Empty;
        for (string? before = filter.Before; ;)
        {
            var query = Query(
                ("limit", Number(Math.Min(filter.Limit - found.Length, MostOfPage))),
                ("before", before),
                ("noun", filter.Noun),
                ("verb", filter.Verb),
                ("actor", filter.Actor),
                ("outcome", filter.Outcome),
                ("since", filter.Since is { } since ? Rfc3339Json.Format(since) : null),
                ("until", filter.Until is { } until ? Rfc3339Json.Format(until) : null));
            var read = await ReadAsync(environment, Path(environment, ["audit"]) + query, body =>
            {
                found = [.. body.GetProperty("events").EnumerateArray().Select(line => Parsed(Documents.AuditEvent.Parse(Utf8(line)))), .. found];
                return body.TryGetProperty("next", out var next) ? next.GetString()! : string.Empty;
            }, cancellationToken);
            if (!read.TryGet(out before, out var refusal))
            {
                return refusal;
            }

            if (before.Length == 0 || found.Length >= filter.Limit)
            {
                return found;
            }
        }
    }

    /// <summary>The newest generations, newest first, at most 1,000.</summary>
    public Task<Outcome<ImmutableArray<GenerationEntry>>> HistoryAsync(EnvId environment, int limit, ulong? before, CancellationToken cancellationToken) => ReadAsync<ImmutableArray<GenerationEntry>>(
        environment,
        Path(environment, ["history"]) + Query(("limit", Number(limit)), ("before", before is { } first ? Number(first) : null)),
        body => [.. body.GetProperty("generations").EnumerateArray().Select(entry => entry.Deserialize(RemoteJson.Default.GenerationEntry) ?? throw new FormatException("a generation is null"))],
        cancellationToken);

    /// <summary>What a deployer discovered, or null.</summary>
    public async Task<Outcome<EnvironmentRuntime?>> RuntimeAsync(EnvId environment, CancellationToken cancellationToken) => await ReadAsync(
        environment,
        Path(environment, ["runtime"]),
        body => body.GetProperty("runtime") is { ValueKind: JsonValueKind.Object } runtime ? Parsed(Documents.EnvironmentRuntime.Parse(Utf8(runtime))) : null,
        cancellationToken);

    /// <summary>The trusted keys; none where there never was a trust root.</summary>
    public Task<Outcome<TrustRoot>> TrustRootAsync(EnvId environment, CancellationToken cancellationToken) => ReadAsync(
        environment,
        Path(environment, ["trust-root"]),
        body =>
        {
            var file = new JsonObject { ["schema"] = TrustRoot.SchemaId, ["keys"] = JsonNode.Parse(body.GetProperty("keys").GetRawText()) };
            return TrustRoot.Parse(Encoding.UTF8.GetBytes(file.ToJsonString())).TryGet(out var root, out var error) ? root : throw new FormatException(error.Message);
        },
        cancellationToken);

    /// <summary>Changes an environment.</summary>
    /// <returns>The change; or the server's refusal; or one that says that the change may stand, <see cref="Refusal.MayStand"/>: the same key tells.</returns>
    public async Task<Outcome<RemoteChange>> ChangeAsync(RemoteRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var message = new HttpRequestMessage(request.Method, request.Segments is { } segments ? Path(request.Environment, segments) : "environments");
        message.Headers.TryAddWithoutValidation("Idempotency-Key", request.Key);
        if (request.Asked is { } asked)
        {
            message.Headers.TryAddWithoutValidation("Idempotency-Digest", asked);
        }

        if (request.SideEtag is { } side)
        {
            message.Headers.TryAddWithoutValidation("If-Match", $"\"{side}\"");
        }
        else if (request.IsChained && _seen.TryGetValue(request.Environment, out var seen))
        {
            message.Headers.TryAddWithoutValidation("If-Match", $"\"{seen}\"");
        }

        if (request.Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        var change = await SendAsync(request.Environment, message, answer => RemoteAnswers.Change(request, answer), cancellationToken);
        if (change.TryGet(out var done, out _))
        {
            _seen[request.Environment] = done.Etag;
        }
        else
        {
            _seen.TryRemove(request.Environment, out _);
        }

        return change;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>The path of something in an environment. A dot is encoded too, since a segment of dots would be resolved on the way.</summary>
    internal static string Path(EnvId environment, ImmutableArray<string> segments)
    {
        var path = new StringBuilder("environments/").Append(Encoded(environment.ToString()));
        foreach (var segment in segments)
        {
            path.Append('/').Append(Encoded(segment));
        }

        return path.ToString();
    }

    private static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = new StringBuilder();
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        return query.ToString();
    }

    private static string Number<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    private static T Parsed<T>(Outcome<T> outcome) => outcome.Match(value => value, refusal => throw new FormatException(refusal.Message));

    private static string Encoded(string segment) => Uri.EscapeDataString(segment).Replace(".", "%2E", StringComparison.Ordinal);

    private static ReadOnlySpan<byte> Utf8(JsonElement value) => JsonMarshal.GetRawUtf8Value(value);

    private async Task<Outcome<T>> ReadAsync<T>(EnvId? environment, string path, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync<T>(environment, message, body =>
        {
            try
            {
                return read(body);
            }
            catch (Exception error) when (error is FormatException or KeyNotFoundException or InvalidOperationException or JsonException)
            {
                return new Refusal.Unreachable($"{_http.BaseAddress} answers with something else than a store server: {error.Message}");
            }
        }, cancellationToken);
    }

    private async Task<Outcome<T>> SendAsync<T>(EnvId? environment, HttpRequestMessage message, Func<JsonElement, Outcome<T>> read, CancellationToken cancellationToken)
    {
        int? status = null;
        Outcome<T> outcome;
        try
        {
            using var response = await _http.SendAsync(message, cancellationToken);
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            status = (int)response.StatusCode;
            var json = Parse(bytes);
            outcome = status is not (>= 200 and < 300) ? RemoteAnswers.Refuse(environment, status.Value, json)
                : json is { } answer ? read(answer)
                : new Refusal.Conflict($"{_http.BaseAddress} answers with something that is no JSON; ask again under the same key");
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            outcome = Unreached.Of(_http.BaseAddress, error);
        }

        return outcome.Refusal is { } refusal && message.Method != HttpMethod.Get && RemoteAnswers.MayStand(status, refusal) ? refusal with { MayStand = true } : outcome;
    }

    private static JsonElement? Parse(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, Bounds);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
