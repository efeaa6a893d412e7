using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gtc.Podman;

/// <summary>One request and what it needs.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">Below <c>/libpod/</c>, with its query.</param>
internal sealed record PodmanCall(HttpMethod Method, string Path)
{
    public HttpContent? Body { get; init; }

    public string? RegistryAuth { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);
}

/// <summary>An answer that was read to its end.</summary>
internal sealed record PodmanAnswer(int Status, byte[] Body);

/// <summary>HTTP over podman's socket: time-outs, bounds and errors.</summary>
internal sealed class PodmanTransport : IDisposable
{
    private const int MaxAnswer = 16 * 1024 * 1024;
    private const int MaxError = 64 * 1024;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly string _socket;

    public PodmanTransport(string socket, TimeProvider time)
    {
        _socket = socket;
        _time = time;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            // A service that systemd starts on demand ends after some seconds without a request; its connections are not kept longer than that.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
            ConnectCallback = ConnectAsync,
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://podman/v4.0.0/libpod/"), Timeout = Timeout.InfiniteTimeSpan };
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Sends a request and reads the whole answer; statuses from 400 on are errors.</summary>
    public async Task<PodmanResult<PodmanAnswer>> SendAsync(PodmanCall call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(call.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await _http.SendAsync(Request(call), HttpCompletionOption.ResponseHeadersRead, either.Token);
            var status = (int)response.StatusCode;
            await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
            var body = await ReadAsync(stream, status >= 400 ? MaxError : MaxAnswer, either.Token);
            return status >= 400 ? ErrorText.Read(status, body) : new PodmanAnswer(status, body);
        }
        catch (Exception error) when (IsExpected(error, cancellationToken))
        {
            return Explain(error, call.Timeout);
        }
    }

    /// <summary>Sends a request and reads its answer as JSON.</summary>
    public async Task<PodmanResult<T>> ReadAsync<T>(PodmanCall call, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        if (!(await SendAsync(call, cancellationToken)).TryGet(out var answer, out var error))
        {
            return error;
        }

        try
        {
            return JsonSerializer.Deserialize(answer.Body, type) is { } value ? value : Unexpected(call);
        }
        catch (JsonException)
        {
            return Unexpected(call);
        }
    }

    /// <summary>Sends a request and hands over the answer as soon as its head is there; the caller owns it.</summary>
    public async Task<PodmanResult<HttpResponseMessage>> OpenAsync(PodmanCall call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(call.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            response = await _http.SendAsync(Request(call), HttpCompletionOption.ResponseHeadersRead, either.Token);
            if ((int)response.StatusCode < 400)
            {
                return response;
            }

            await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
            var refused = ErrorText.Read((int)response.StatusCode, await ReadAsync(stream, MaxError, either.Token));
            response.Dispose();
            return refused;
        }
        catch (Exception error) when (IsExpected(error, cancellationToken))
        {
            response?.Dispose();
            return Explain(error, call.Timeout);
        }
    }

    /// <summary>True for what a lost or slow connection throws; cancellation by the caller is not among it.</summary>
    public static bool IsExpected(Exception error, CancellationToken cancellationToken) =>
        error is HttpRequestException or IOException or SocketException or ProtocolException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>What a lost or slow connection means.</summary>
    public PodmanError Explain(Exception error, TimeSpan timeout) => error switch
    {
        OperationCanceledException => new(PodmanErrorKind.TimedOut, $"podman did not answer within {timeout.TotalSeconds:0.#} s"),
        ProtocolException => new(PodmanErrorKind.Protocol, error.Message),
        _ when error.GetBaseException() is SocketException { SocketErrorCode: SocketError.AddressNotAvailable or SocketError.ConnectionRefused or SocketError.AccessDenied } refused =>
            new(PodmanErrorKind.Unreachable, $"nobody answers on {_socket}: {refused.Message}"),
        _ => new(PodmanErrorKind.Unreachable, ErrorText.Line($"the connection to {_socket} was lost: {error.GetBaseException().Message}")),
    };

    private static HttpRequestMessage Request(PodmanCall call)
    {
        var request = new HttpRequestMessage(call.Method, call.Path) { Content = call.Body };
        if (call.RegistryAuth is { } auth)
        {
            request.Headers.Add("X-Registry-Auth", auth);
        }

        return request;
    }

    private static PodmanError Unexpected(PodmanCall call) =>
        new(PodmanErrorKind.Protocol, $"the answer to {call.Method} {call.Path.Split('?')[0]} is not the JSON that was expected");

    private static async Task<byte[]> ReadAsync(Stream stream, int most, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (body.Length + read > most)
            {
                throw new ProtocolException($"an answer is larger than {most} bytes");
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>What was sent breaks a bound or the framing; told as <see cref="PodmanErrorKind.Protocol"/>.</summary>
internal sealed class ProtocolException(string message) : Exception(message);
