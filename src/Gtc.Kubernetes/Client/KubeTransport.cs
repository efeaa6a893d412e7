using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Gtc.Kubernetes;

/// <summary>Sends requests to one API server, with the credentials that its kubeconfig says, and waits out what passes by itself.</summary>
internal sealed class KubeTransport : IDisposable
{
    private const int MaxAnswer = 64 * 1024 * 1024;
    private const int MaxTries = 6;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly KubeConfig _config;
    private readonly TimeProvider _time;
    private readonly ExecTokens? _exec;

    public KubeTransport(KubeConfig config, TimeSpan timeout, TimeProvider time)
    {
        _config = config;
        _time = time;
        _exec = config.Exec is { } exec ? new ExecTokens(exec, time) : null;
        _http = new HttpClient(Handler(config)) { BaseAddress = config.Server, Timeout = timeout, MaxResponseContentBufferSize = MaxAnswer };
    }

    /// <summary>How long calls that can be repeated go on when the server is away or fails.</summary>
    public TimeSpan Patience { get; set; }

    /// <summary>Sends a request and returns as soon as the answer's head is there.</summary>
    public Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    public void Dispose() => _http.Dispose();

    public static string? Text(JsonElement item, string member) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

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

    public static bool IsLost(Exception error, CancellationToken cancellationToken) =>
        error is HttpRequestException or IOException || (error is TaskCanceledException && !cancellationToken.IsCancellationRequested);

    public static KubeError Unavailable(Exception error) => new(
        KubeErrorKind.Unavailable,
        error is TaskCanceledException ? "the API server did not answer in time" : (error.InnerException ?? error).Message.ReplaceLineEndings(" "));

    public static async Task<KubeError> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
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

    public async Task<KubeResult<JsonDocument>> SendAsync(HttpMethod method, string path, JsonElement? body, string? mediaType, CancellationToken cancellationToken)
    {
        var giveUp = _time.GetUtcNow() + Patience;
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
            if (pause is null && result.Error is { Kind: KubeErrorKind.Unavailable, Status: not (429 or 503) } && method != HttpMethod.Post && _time.GetUtcNow() < giveUp)
            {
                pause = Backoff(attempt);
            }

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
        var wanted = response.Headers.RetryAfter?.Delta ?? Backoff(attempt);
        return wanted < LongestPause ? wanted : LongestPause;
    }

    private static TimeSpan Backoff(int attempt) => TimeSpan.FromMilliseconds(100 << Math.Min(attempt, 4));

    public async Task<KubeError?> AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
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
