using System.Runtime.InteropServices;

namespace Gtc.Deployers.LocalProcess;

/// <summary>Sessions of the kernel (setsid(2)).</summary>
public static partial class Session
{
    /// <summary>Leaves the session of the terminal that this process was started at, so that neither Ctrl-C there nor its end reach it.</summary>
    public static void Begin() => _ = SetSid();

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    private static partial int SetSid();
}
