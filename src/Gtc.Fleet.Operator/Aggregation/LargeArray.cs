using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Arrays that are read at random places. Of one that is larger than the processor's table of pages, each reading costs a walk through the kernel's; large
/// pages, which the kernel gives to who asks, save it.
/// </summary>
internal static partial class LargeArray
{
    private const int PageBytes = 4096;
    private const long Smallest = 8L << 20;
    private const int HugePages = 14;

    /// <summary>Makes an array of zeroes.</summary>
    public static T[] Make<T>(int length)
        where T : unmanaged
    {
        var bytes = (long)length * Unsafe.SizeOf<T>();
        if (bytes < Smallest || !OperatingSystem.IsLinux())
        {
            return new T[length];
        }

        // Pinned: the collector must not move what the kernel was told of.
        var array = GC.AllocateArray<T>(length, pinned: true);
        var first = Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
        var aligned = (first + PageBytes - 1) & ~(nint)(PageBytes - 1);

        // A kernel that has none to give says no, and everything works without.
        _ = Advise(aligned, (nuint)(bytes - (aligned - first)) & ~(nuint)(PageBytes - 1), HugePages);
        return array;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
