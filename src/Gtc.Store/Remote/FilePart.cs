using System.Net;
using System.Net.Http.Headers;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Store;

/// <summary>A file from one byte on.</summary>
internal sealed class FilePart : HttpContent
{
    private const int BlockBytes = 256 << 10;

    private readonly SafeFileHandle _file;
    private readonly long _from;
    private readonly long _length;
    private readonly Transfers.Progress _progress;
    private readonly IProgress<long>? _sent;

    public FilePart(SafeFileHandle file, long from, long length, Transfers.Progress progress, IProgress<long>? sent)
    {
        (_file, _from, _length, _progress, _sent) = (file, from, length, progress, sent);
        Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        if (from > 0)
        {
            // All of it arrived once, and the server was killed before it put it in place: nothing is sent but that.
            Headers.ContentRange = from == length ? new ContentRangeHeaderValue(length) : new ContentRangeHeaderValue(from, length - 1, length);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var block = new byte[BlockBytes];
        for (var offset = _from; offset < _length;)
        {
            var read = await RandomAccess.ReadAsync(_file, block.AsMemory(0, (int)Math.Min(block.Length, _length - offset)), offset, cancellationToken);
            if (read == 0)
            {
                throw new IOException("the file became shorter while it was sent");
            }

            await stream.WriteAsync(block.AsMemory(0, read), cancellationToken);
            offset += read;
            _progress.Report(offset);
            _sent?.Report(offset);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length - _from;
        return true;
    }
}
