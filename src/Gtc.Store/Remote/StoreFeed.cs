using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// Reads one environment of a store server and waits for its changes, for processes that follow it. What the server answers is bounded and checked before
/// it is believed.
/// </summary>
public sealed class StoreFeed : IDisposable
{
    /// <summary>The server sends something every 15 seconds; after three such times it is taken for dead.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    /// <summary>Takes the server; nothing is asked of it yet.</summary>
    /// <param name="target">The server.</param>
    /// <param name="transport">Carries the requests; it must not follow redirects, which would carry the token elsewhere. Disposed with this.</param>
    /// <param name="time">Measures silence.</param>
    public StoreFeed(StoreTarget target, HttpMessageHandler transport, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(target);
        _time = time;
        Artifacts = new RemoteArtifacts(target, transport, time);
        _http = new HttpClient(transport) { BaseAddress = target.Address, MaxResponseContentBufferSize = 2L * Documents.MaxBytes, Timeout = Timeout.InfiniteTimeSpan };
        if (target.Token is { } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>The server.</summary>
    public Uri Address => _http.BaseAddress!;

    /// <summary>Bytes by their digest, over the same transport.</summary>
    public RemoteArtifacts Artifacts { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Artifacts.Dispose();
        _http.Dispose();
    }

    /// <summary>Reads an environment.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="known">The entity tag that the caller has, or null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The environment; null when it is the one that the caller has; or why it cannot be had.</returns>
    public async Task<Outcome<FedEnvironment?>> ReadAsync(EnvId environment, string? known, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, RemoteStore.Path(environment, []));
        if (known is not null)
        {
            message.Headers.TryAddWithoutValidation("If-None-Match", $"\"{known}\"");
        }

        using var over = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            using var answer = await _http.SendAsync(message, either.Token);
            if (answer.StatusCode == HttpStatusCode.NotModified)
            {
                return (FedEnvironment?)null;
            }

            var bytes = await answer.Content.ReadAsByteArrayAsync(either.Token);
            return answer.StatusCode == HttpStatusCode.OK ? Read(environment, bytes) : Refused(environment, answer.StatusCode);
        }
        catch (Exception error) when (IsFailure(error, cancellationToken))
        {
            return Unreached.Of(Address, error);
        }
    }

    /// <summary>Waits for changes for as long as the server tells of them.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="from">The generation that the caller has.</param>
    /// <param name="told">Called one after the other: with a generation that is new, or null for a sign of life. What it refuses with ends the wait.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Why it ended.</returns>
    public async Task<Refusal> WatchAsync(EnvId environment, ulong from, Func<ulong?, Task<Refusal?>> told, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(told);
        using var message = new HttpRequestMessage(HttpMethod.Get, RemoteStore.Path(environment, ["watch"]) + string.Create(CultureInfo.InvariantCulture, $"?from={from}"));
        message.Headers.Accept.ParseAdd("text/event-stream");
        using var silence = new CancellationTokenSource(LongestSilence, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            using var answer = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                return Refused(environment, answer.StatusCode);
            }

            using var lines = new BoundedLines(await answer.Content.ReadAsStreamAsync(either.Token));
            while (await lines.ReadAsync(either.Token) is { } line)
            {
                silence.CancelAfter(LongestSilence);

                // The id of an event is the generation; a comment is a sign of life.
                if (line.StartsWith("id:", StringComparison.Ordinal) || line.StartsWith(':'))
                {
                    ulong? generation = ulong.TryParse(line.AsSpan(line.IndexOf(':', StringComparison.Ordinal) + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
                    if (await told(generation) is { } refusal)
                    {
                        return refusal;
                    }
                }
            }

            return new Refusal.Unreachable($"the store server {Address} ended the watch of environment `{environment}`");
        }
        catch (Exception error) when (IsFailure(error, cancellationToken))
        {
            return Unreached.Of(Address, error);
        }
    }

    private static bool IsFailure(Exception error, CancellationToken cancellationToken) =>
        error is HttpRequestException or IOException or SocketException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private Outcome<FedEnvironment?> Read(EnvId environment, byte[] bytes)
    {
        try
        {
            using var body = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 128 });
            var document = JsonMarshal.GetRawUtf8Value(body.RootElement.GetProperty("environment")).ToArray();
            if (!Documents.Environment.Parse(document).TryGet(out var parsed, out var refusal))
            {
                return Unbelievable(refusal.Message);
            }

            return parsed.EnvironmentId != environment ? Unbelievable($"it sends environment `{parsed.EnvironmentId}`")
                : EnvironmentRules.Validate(parsed) is { } broken ? Unbelievable(broken.Message)
                : new FedEnvironment(document, body.RootElement.GetProperty("etag").GetString() ?? "", body.RootElement.GetProperty("generation").GetUInt64());
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return Unbelievable("it is no environment");
        }
    }

    private Refusal.Unreachable Unbelievable(string why) => new($"{Address} answers with something that cannot be taken over: {why}");

    private Refusal Refused(EnvId environment, HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => new Refusal.Unauthorized($"the store server {Address} does not know the token, or the certificate, that it is shown"),
        HttpStatusCode.Forbidden => new Refusal.Unauthorized($"environment `{environment}` may not be read with the token, or the certificate, that is shown to {Address}"),
        HttpStatusCode.NotFound => new Refusal.Missing($"the store server {Address} has no environment `{environment}`"),
        _ => new Refusal.Unreachable($"the store server {Address} answers with status {(int)status}"),
    };
}

/// <summary>An environment as a store server sent it.</summary>
/// <param name="Document">The document's bytes, checked.</param>
/// <param name="Etag">Its entity tag.</param>
/// <param name="Generation">Its generation.</param>
public sealed record FedEnvironment(ReadOnlyMemory<byte> Document, string Etag, ulong Generation);
