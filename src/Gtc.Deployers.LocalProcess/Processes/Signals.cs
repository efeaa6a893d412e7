using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Deployers.LocalProcess;

/// <summary>Signals that reach one very process: the id is turned into a handle first, and checked after that (pidfd_open(2)).</summary>
internal static partial class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    // The same numbers on every architecture that .NET runs on.
    private const nint PidFdSendSignal = 424;
    private const nint PidFdOpen = 434;
    private const int NoSuchCall = 38;

    /// <summary>Sends a signal, unless the check says that the process is not the wanted one.</summary>
    public static void Send(int pid, int signal, Func<bool> isTheOne)
    {
        var opened = Call(PidFdOpen, pid, 0, 0, 0);
        if (opened < 0)
        {
            // A kernel before 5.3, or a sandbox without the call: what is left is a check just before. Any other error: it has ended.
            if (Marshal.GetLastPInvokeError() == NoSuchCall && isTheOne())
            {
                _ = SendByPid(pid, signal);
            }

            return;
        }

        using var handle = new SafeFileHandle(opened, ownsHandle: true);
        if (isTheOne())
        {
            _ = Call(PidFdSendSignal, (int)opened, signal, 0, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, int first, int second, nint third, uint fourth);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendByPid(int pid, int signal);
}
