using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;

namespace Gtc.Kubernetes;

/// <summary>One request.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Path">Path and query.</param>
internal readonly record struct KubeCall(HttpMethod Method, string Path)
{
    /// <summary>What is sent; null for nothing.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>What is sent, when it is JSON already.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>What the body is.</summary>
    public string? MediaType { get; init; }

    /// <summary>In which form the answer is wanted; null for plain JSON.</summary>
    public string? Accept { get; init; }
}

/// <summary>Sends requests to one API server, with the credentials that its kubeconfig says, and waits out what passes by itself.</summary>
internal sealed class KubeTransport(KubeConfig config, TimeSpan timeout, TimeProvider time) : IDisposable
{
    private const int MaxTries = 6;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _renewing = new(1, 1);
    private readonly List<KubeSession> _old = [];
    private volatile KubeSession _session = new(config, timeout, time);
    private volatile bool _hasAnswered;

    /// <summary>How long calls that can be repeated go on when the server is away or fails.</summary>
    public TimeSpan Patience { get; set; }

    public void Dispose()
    {
        _session.Dispose();
        _old.ForEach(session => session.Dispose());
        _renewing.Dispose();
    }

    public static string? Text(JsonElement item, string member) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static bool IsLost(Exception error, CancellationToken cancellationToken) =>
        error is HttpRequestException or IOException or SocketException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    public static KubeError Unavailable(Exception error) => new(
        KubeErrorKind.Unavailable,
        error is OperationCanceledException ? "the API server did not answer in time" : (error.InnerException ?? error).Message.ReplaceLineEndings(" "));

    /// <summary>Sends a request and waits out what passes by itself.</summary>
    public async Task<KubeResult<JsonDocument>> SendAsync(KubeCall call, CancellationToken cancellationToken)
    {
        var giveUp = time.GetUtcNow() + Patience;
        for (var attempt = 1; ; attempt++)
        {
            var (result, pause) = await TryAsync(call, attempt, cancellationToken);
            if (pause is null && result.Error is { Kind: KubeErrorKind.Unavailable, Status: not (429 or 503) } && call.Method != HttpMethod.Post && _hasAnswered && time.GetUtcNow() < giveUp)
            {
                pause = Backoff(attempt);
            }

            if (pause is not { } wait)
            {
                return result;
            }

            await Task.Delay(wait, time, cancellationToken);
        }
    }

    /// <summary>
    /// Sends a request once; a caller that the server does not know (401) once more, if there are other credentials meanwhile. The answer is one of
    /// success, and its body is still to be read unless <paramref name="isWhole"/>.
    /// </summary>
    public async Task<KubeResult<HttpResponseMessage>> OpenAsync(KubeCall call, bool isWhole, CancellationToken cancellationToken)
    {
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var session = _session;
                var token = await session.TokenAsync(cancellationToken);
                if (token.Error is { } refused)
                {
                    return refused;
                }

                using var request = Request(call, token.Value!);
                var response = await session.Http.SendAsync(request, isWhole ? HttpCompletionOption.ResponseContentRead : HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                _hasAnswered = true;
                if (response.IsSuccessStatusCode)
                {
                    return response;
                }

                using (response)
                {
                    if (response.StatusCode == HttpStatusCode.Unauthorized && attempt == 1 && await RenewAsync(session, token.Value!, cancellationToken))
                    {
                        continue;
                    }

                    return await ReadErrorAsync(response, cancellationToken);
                }
            }
        }
        catch (Exception error) when (IsLost(error, cancellationToken))
        {
            return Unavailable(error);
        }
    }

    private static async Task<KubeError> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        var said = $"{Message(body) ?? response.ReasonPhrase ?? "no reason given"} (status {status.ToString(CultureInfo.InvariantCulture)})";
        return new KubeError(KindOf(status), status == 401 ? $"the API server does not know the caller; the credentials have expired or were withdrawn, and there are no newer ones: {said}" : said, status)
        {
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
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

    private static HttpRequestMessage Request(KubeCall call, string token)
    {
        var request = new HttpRequestMessage(call.Method, call.Path);
        request.Headers.TryAddWithoutValidation("Accept", call.Accept ?? "application/json");
        var body = call.Body is { } content ? JsonSerializer.SerializeToUtf8Bytes(content, KubeJson.Default.JsonElement) : call.Bytes;
        if (!body.IsEmpty)
        {
            request.Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(call.MediaType!) } };
        }

        KubeSession.Authorize(request, token);
        return request;
    }

    private async Task<(KubeResult<JsonDocument> Result, TimeSpan? Pause)> TryAsync(KubeCall call, int attempt, CancellationToken cancellationToken)
    {
        var opened = await OpenAsync(call, isWhole: true, cancellationToken);
        if (opened.Error is { } error)
        {
            return (error, error.Status is 429 or 503 && attempt < MaxTries ? Pause(error, attempt) : null);
        }

        using var response = opened.Value!;
        try
        {
            return (JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken)), null);
        }
        catch (JsonException broken)
        {
            return (new KubeError(KubeErrorKind.Unavailable, $"the API server's answer is no JSON: {broken.Message}"), null);
        }
    }

    /// <summary>Looks for other credentials after some were refused: another token in the same place first, then what the kubeconfig says now.</summary>
    /// <returns>Whether there are others.</returns>
    private async Task<bool> RenewAsync(KubeSession refused, string token, CancellationToken cancellationToken)
    {
        await _renewing.WaitAsync(cancellationToken);
        try
        {
            if (_session != refused || await refused.HasOtherTokenAsync(token, cancellationToken))
            {
                return true;
            }

            // Another server is another cluster, which nobody has agreed to.
            if (refused.Config.Renew is not { } renew || (await renew(cancellationToken)).Value is not { } fresh || fresh.Server != config.Server || !fresh.IsOtherCaller(refused.Config))
            {
                return false;
            }

            _old.Add(refused);
            _session = new KubeSession(fresh, timeout, time);
            return true;
        }
        finally
        {
            _renewing.Release();
        }
    }

    private static TimeSpan Pause(KubeError error, int attempt)
    {
        var wanted = error.RetryAfter ?? Backoff(attempt);
        return wanted < LongestPause ? wanted : LongestPause;
    }

    private static TimeSpan Backoff(int attempt) => TimeSpan.FromMilliseconds(100 << Math.Min(attempt, 4));
}
