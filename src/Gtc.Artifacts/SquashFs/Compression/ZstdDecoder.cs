using System.Runtime.InteropServices;

namespace Gtc.Artifacts.SquashFs.Compression;

/// <summary>zstd frames, by libzstd, straight into the destination: no window is allocated, whatever the frame asks for.</summary>
internal sealed class ZstdDecoder : BlockDecoder
{
    private readonly Context _context = new();

    public override unsafe int Decode(byte[] source, int offset, int count, Span<byte> destination)
    {
        nuint frame;
        nuint written = 0;
        fixed (byte* from = source.AsSpan(offset, count))
        fixed (byte* to = destination)
        {
            frame = ZstdLibrary.FrameSize(from, (nuint)count);
            if (frame == (nuint)count)
            {
                written = ZstdLibrary.Decompress(_context.DangerousGetHandle(), to, (nuint)destination.Length, from, (nuint)count);
            }
        }

        // Error codes are the largest values of size_t, so both comparisons also catch them.
        return frame == (nuint)count && written <= (nuint)destination.Length
            ? (int)written
            : throw Damaged($"a broken zstd frame of {count} bytes");
    }

    public override void Dispose()
    {
        _context.Dispose();
        base.Dispose();
    }

    private sealed class Context : SafeHandle
    {
        public Context()
            : base(0, ownsHandle: true)
        {
            handle = ZstdLibrary.CreateContext();
            if (IsInvalid)
            {
                throw new InsufficientMemoryException("libzstd could not allocate a context.");
            }
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => ZstdLibrary.FreeContext(handle) == 0;
    }
}
