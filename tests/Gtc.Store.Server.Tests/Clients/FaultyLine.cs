using System.Net;

namespace Gtc.Store.Server.Tests.Clients;

/// <summary>A connection that cuts or falsifies bodies, each fault once.</summary>
internal sealed class FaultyLine : DelegatingHandler
{
    private readonly Queue<Fault> _requests = new();
    private readonly Queue<Fault> _answers = new();
    private bool _isFaulted;

    public FaultyLine()
        : base(new SocketsHttpHandler { AllowAutoRedirect = false, Expect100ContinueTimeout = TimeSpan.FromMinutes(2) })
    {
    }

    /// <summary>What was asked: the method, and the range of the request or of its body.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Runs when a request follows a fault.</summary>
    public Action? BeforeRetry { get; set; }

    public FaultyLine OnUpload(params Fault[] faults)
    {
        Array.ForEach(faults, _requests.Enqueue);
        return this;
    }

    public FaultyLine OnDownload(params Fault[] faults)
    {
        Array.ForEach(faults, _answers.Enqueue);
        return this;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (_isFaulted)
        {
            BeforeRetry?.Invoke();
        }

        Asked.Add($"{request.Method} {request.Headers.Range}{request.Content?.Headers.ContentRange}".Trim());
        if (request.Content is { } content && _requests.TryDequeue(out var fault))
        {
            request.Content = new FaultyContent(content, fault);
            _isFaulted = true;
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (request.Method == HttpMethod.Get && _answers.TryDequeue(out fault))
        {
            response.Content = new FaultyContent(response.Content, fault);
        }

        return response;
    }

    /// <param name="Offset">Where in the body.</param>
    /// <param name="IsFlip">Whether a bit is flipped there; else the body is cut.</param>
    internal sealed record Fault(long Offset, bool IsFlip = false);

    private sealed class FaultyContent : HttpContent
    {
        private readonly HttpContent _inner;
        private readonly Fault _fault;

        public FaultyContent(HttpContent inner, Fault fault)
        {
            (_inner, _fault) = (inner, fault);
            foreach (var (name, values) in inner.Headers)
            {
                Headers.TryAddWithoutValidation(name, values);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _inner.CopyToAsync(new FaultyStream(stream, _fault));

        protected override async Task<Stream> CreateContentReadStreamAsync() => new FaultyStream(await _inner.ReadAsStreamAsync(), _fault);

        protected override bool TryComputeLength(out long length)
        {
            length = _inner.Headers.ContentLength ?? 0;
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            _inner.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>Passes bytes on until the fault.</summary>
    private sealed class FaultyStream(Stream inner, Fault fault) : Stream
    {
        private long _position;

        public override bool CanRead => inner.CanRead;

        public override bool CanSeek => false;

        public override bool CanWrite => inner.CanWrite;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            return await PassAsync(buffer[..read], null);
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var copy = buffer.ToArray();
            await PassAsync(copy, inner);
            await inner.WriteAsync(copy, cancellationToken);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private async Task<int> PassAsync(Memory<byte> bytes, Stream? before)
        {
            var at = fault.Offset - _position;
            _position += bytes.Length;
            if (at < 0 || at >= bytes.Length)
            {
                return bytes.Length;
            }

            if (fault.IsFlip)
            {
                bytes.Span[(int)at] ^= 1;
                return bytes.Length;
            }

            if (before is not null)
            {
                await before.WriteAsync(bytes[..(int)at]);
                await before.FlushAsync();
            }

            throw new IOException("the line was cut");
        }
    }
}
