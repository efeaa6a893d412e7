using System.Net;
using System.Security.Cryptography;

namespace Gtc.Runtime;

/// <summary>
/// Loads what a pull needs on another processor while environment.json is read: the cryptographic library, and the HTTP client by one
/// exchange over a connection that is a piece of memory. Nothing leaves the process, and nothing depends on the outcome.
/// </summary>
internal static class WarmUp
{
    private static readonly byte[] CannedAnswer = "HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 1\r\n\r\nx"u8.ToArray();

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        SHA256.HashData([]);
        using var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new CannedConnection()) };
        using var client = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{IPAddress.Loopback}/");
        using var response = await client.SendAsync(request, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        _ = await body.ReadAsync(new byte[16], cancellationToken);
    }

    /// <summary>Takes any request and answers it once.</summary>
    private sealed class CannedConnection : Stream
    {
        private readonly MemoryStream _answer = new(CannedAnswer, writable: false);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException("A connection has no length.");

        public override long Position
        {
            get => throw new NotSupportedException("A connection has no position.");
            set => throw new NotSupportedException("A connection has no position.");
        }

        public override int Read(byte[] buffer, int offset, int count) => _answer.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _answer.ReadAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count)
        {
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A connection has no position.");

        public override void SetLength(long value) => throw new NotSupportedException("A connection has no length.");
    }
}
