using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gtc.Wasm;

/// <summary>
/// Where the current thread's stack ends. .NET cannot recover from an overflow, so guests stop well before: what is kept free is for functions of the host,
/// the unwinding of a trap and frames of compiled code that do not check because they call nothing.
/// </summary>
internal static unsafe partial class StackBounds
{
    /// <summary>Bytes that guests must leave free.</summary>
    public const int Reserve = 256 << 10;

    // pthread_attr_t has 56 bytes on x64 and 64 on arm64.
    private const int AttributeBytes = 256;

    [ThreadStatic]
    private static nuint t_lowest;

    /// <summary>The lowest stack address that a guest may use when it is called now.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static nuint LimitFor(int stackBytes)
    {
        byte here;
        if (t_lowest == 0)
        {
            t_lowest = Lowest();
        }

        var wanted = (nuint)(&here) - (nuint)stackBytes;
        return Math.Max(wanted, t_lowest);
    }

    private static nuint Lowest()
    {
        var attributes = stackalloc byte[AttributeBytes];
        if (Attributes(Self(), attributes) != 0)
        {
            throw new InvalidOperationException("The bounds of this thread's stack are not known, so no guest can run on it.");
        }

        var failed = Stack(attributes, out var address, out _);
        _ = Destroy(attributes);
        return failed == 0 ? address + Reserve : throw new InvalidOperationException("The bounds of this thread's stack are not known, so no guest can run on it.");
    }

    [LibraryImport("libc", EntryPoint = "pthread_self")]
    private static partial nint Self();

    [LibraryImport("libc", EntryPoint = "pthread_getattr_np")]
    private static partial int Attributes(nint thread, byte* attributes);

    [LibraryImport("libc", EntryPoint = "pthread_attr_getstack")]
    private static partial int Stack(byte* attributes, out nuint address, out nuint size);

    [LibraryImport("libc", EntryPoint = "pthread_attr_destroy")]
    private static partial int Destroy(byte* attributes);
}
