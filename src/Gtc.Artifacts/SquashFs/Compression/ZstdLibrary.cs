using System.Runtime.InteropServices;

namespace Gtc.Artifacts.SquashFs.Compression;

/// <summary>The part of libzstd 1 in use.</summary>
internal static partial class ZstdLibrary
{
    public const string Name = "libzstd.so.1";

    public static bool IsPresent { get; } = NativeLibrary.TryLoad(Name, typeof(ZstdLibrary).Assembly, null, out _);

    [LibraryImport(Name, EntryPoint = "ZSTD_createDCtx")]
    public static partial nint CreateContext();

    [LibraryImport(Name, EntryPoint = "ZSTD_freeDCtx")]
    public static partial nuint FreeContext(nint context);

    [LibraryImport(Name, EntryPoint = "ZSTD_decompressDCtx")]
    public static unsafe partial nuint Decompress(nint context, byte* destination, nuint capacity, byte* source, nuint count);

    /// <summary>Bytes of the first frame, or an error that is larger than every size.</summary>
    [LibraryImport(Name, EntryPoint = "ZSTD_findFrameCompressedSize")]
    public static unsafe partial nuint FrameSize(byte* source, nuint count);
}
