using System.Buffers;
using System.IO.Pipelines;

namespace Gtc.Kubernetes;

/// <summary>The events of one connection, a line of JSON each. An object that is larger than any that a server keeps ends it.</summary>
/// <param name="stream">The connection.</param>
internal sealed class WatchLines(Stream stream) : IAsyncDisposable
{
    // etcd takes 1.5 MiB; as JSON with the owners of its fields an object may be some times as large.
    private const int MaxLine = 16 * 1024 * 1024;

    private readonly PipeReader _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, minimumReadSize: 4 * 1024));

    /// <summary>The next event, null when the server has ended the connection in an orderly way.</summary>
    /// <param name="ends">Ends the reading.</param>
    /// <param name="cancellationToken">The caller's own wish to end, in which case it is no error of the connection.</param>
    public async ValueTask<WatchEvent?> NextAsync(CancellationToken ends, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await _reader.ReadAsync(ends);
                var buffer = read.Buffer;
                if (buffer.PositionOf((byte)'\n') is { } end)
                {
                    var happened = WatchEvent.Parse(buffer.Slice(0, end));
                    _reader.AdvanceTo(buffer.GetPosition(1, end));
                    return happened;
                }

                if (read.IsCompleted)
                {
                    return buffer.IsEmpty ? null : Failed("the connection ended in the middle of an event");
                }

                if (buffer.Length > MaxLine)
                {
                    return Failed($"an event is larger than {MaxLine} bytes");
                }

                _reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        catch (Exception error) when (KubeTransport.IsLost(error, cancellationToken))
        {
            return new WatchEvent(WatchEventKind.Failed, default, KubeTransport.Unavailable(error));
        }
    }

    public ValueTask DisposeAsync() => _reader.CompleteAsync();

    private static WatchEvent Failed(string why) => new(WatchEventKind.Failed, default, new KubeError(KubeErrorKind.Unavailable, why));
}
