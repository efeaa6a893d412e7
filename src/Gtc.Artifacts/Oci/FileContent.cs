using System.Buffers;
using System.Net;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Artifacts.Oci;

/// <summary>A request body streamed from a file of known length, with flat memory.</summary>
internal sealed class FileContent(SafeFileHandle file, long length, Action<long> sent) : HttpContent
{
    private const int BufferBytes = 256 * 1024;

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var offset = 0L; offset < length;)
            {
                var wanted = (int)Math.Min(BufferBytes, length - offset);
                var count = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, wanted), offset, cancellationToken);
                if (count == 0)
                {
                    throw new IOException("the file became shorter while it was sent");
                }

                await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                offset += count;
                sent(offset);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
