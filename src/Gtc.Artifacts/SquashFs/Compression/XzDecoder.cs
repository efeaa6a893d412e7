namespace Gtc.Artifacts.SquashFs.Compression;

/// <summary>xz streams, by liblzma.</summary>
internal sealed class XzDecoder : BlockDecoder
{
    /// <summary>Admits dictionaries up to 16 MiB (xz preset 7), far beyond the largest block, and refuses what asks for gigabytes.</summary>
    private const ulong MemoryLimit = 24 << 20;

    public override unsafe int Decode(byte[] source, int offset, int count, Span<byte> destination)
    {
        var limit = MemoryLimit;
        nuint read = 0;
        nuint written = 0;
        int status;
        fixed (byte* from = source.AsSpan(offset, count))
        fixed (byte* to = destination)
        {
            status = LzmaLibrary.DecodeStream(
                ref limit, LzmaLibrary.RefuseUnknownChecks, 0, from, ref read, (nuint)count, to, ref written, (nuint)destination.Length);
        }

        return status == 0 && read == (nuint)count
            ? (int)written
            : throw Damaged($"{Reason(status)} in {count} bytes");
    }

    private static string Reason(int status) => status switch
    {
        0 => "bytes after the xz stream",
        3 => "an xz check that cannot be verified",
        6 => "an xz stream that needs more than 24 MiB of memory",
        7 => "no xz stream",
        8 => "xz options that are not supported",
        _ => "a broken xz stream",
    };
}
