using System.IO.Pipelines;

namespace Gtc.Nats;

/// <summary>A stream to a server with what was read of it and is not used yet.</summary>
internal sealed class Wire : IAsyncDisposable
{
    public Wire(Stream stream, NatsOptions options)
    {
        Stream = stream;

        // Zero-byte reads: a connection on which nothing comes holds no buffer. A process may keep thousands.
        Input = PipeReader.Create(
            stream, new StreamPipeReaderOptions(bufferSize: options.ReceiveBufferBytes, minimumReadSize: options.ReceiveBufferBytes / 4, leaveOpen: true, useZeroByteReads: true));
    }

    public Stream Stream { get; }

    public PipeReader Input { get; }

    public FrameReader Reader { get; } = new();

    public ServerHello Hello { get; set; } = new();

    public bool IsSecure { get; set; }

    /// <summary>Hands the stream to another wire. A server says nothing after INFO until TLS is up; somebody in between might.</summary>
    public async ValueTask LeaveAsync()
    {
        if (Input.TryRead(out var more) && !more.Buffer.IsEmpty)
        {
            throw new NatsProtocolException("there is more than INFO before TLS is up");
        }

        await Input.CompleteAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Input.CompleteAsync();
        await Stream.DisposeAsync();
    }
}
