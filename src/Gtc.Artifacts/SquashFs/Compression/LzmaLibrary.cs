using System.Runtime.InteropServices;

namespace Gtc.Artifacts.SquashFs.Compression;

/// <summary>The part of liblzma 5 in use.</summary>
internal static partial class LzmaLibrary
{
    public const string Name = "liblzma.so.5";

    /// <summary>LZMA_TELL_UNSUPPORTED_CHECK: a check that cannot be verified is an error. LZMA_CONCATENATED is absent on purpose.</summary>
    public const uint RefuseUnknownChecks = 0x02;

    public static bool IsPresent { get; } = NativeLibrary.TryLoad(Name, typeof(LzmaLibrary).Assembly, null, out _);

    [LibraryImport(Name, EntryPoint = "lzma_stream_buffer_decode")]
    public static unsafe partial int DecodeStream(
        ref ulong memoryLimit, uint flags, nint allocator, byte* source, ref nuint sourcePosition, nuint sourceSize,
        byte* destination, ref nuint destinationPosition, nuint destinationSize);
}
