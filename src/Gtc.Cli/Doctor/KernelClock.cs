using System.Runtime.InteropServices;

namespace Gtc.Cli.Doctor;

/// <summary>What the kernel knows about its clock.</summary>
internal static partial class KernelClock
{
    /// <summary>struct timex of 64-bit Linux is 208 bytes long.</summary>
    private const int TimexBytes = 256;

    /// <summary>TIME_ERROR of adjtimex(2): nobody keeps the clock in step.</summary>
    private const int NotSynchronized = 5;

    /// <summary>Whether something, as an NTP daemon, keeps the clock in step.</summary>
    public static unsafe bool IsSynchronized()
    {
        // With no mode set the call only reads.
        var state = stackalloc byte[TimexBytes];
        new Span<byte>(state, TimexBytes).Clear();
        return Adjust(state) is >= 0 and not NotSynchronized;
    }

    [LibraryImport("libc", EntryPoint = "adjtimex", SetLastError = true)]
    private static unsafe partial int Adjust(byte* state);
}
