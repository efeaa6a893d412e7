using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Artifacts.Materialisation;

/// <summary>Writes everything of one file system to its device, by <c>syncfs(2)</c>: one call for a whole unpacked tree.</summary>
internal static partial class FileSystemSync
{
    /// <exception cref="IOException">The kernel reported an error; nothing may be taken for durable.</exception>
    public static void Flush(SafeFileHandle anyFile)
    {
        if (SyncFileSystem(anyFile) != 0)
        {
            throw new IOException($"The file system could not be written to its device: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFileSystem(SafeFileHandle file);
}
