using System.Runtime.InteropServices;
using System.Text;

namespace Gtc.EnvPacks;

/// <summary>Paths without symbolic links, as the kernel sees them.</summary>
internal static partial class CanonicalPath
{
    private const int PathMax = 4096;
    private const int NoSuchFile = 2;
    private const int NotAFolder = 20;

    /// <summary>The canonical form of a path, or null when nothing is there.</summary>
    /// <exception cref="IOException">It cannot be followed, e.g. because links form a circle.</exception>
    public static string? Of(string path)
    {
        var resolved = new byte[PathMax];
        if (RealPath(path, resolved) != 0)
        {
            return Encoding.UTF8.GetString(resolved, 0, Array.IndexOf(resolved, (byte)0));
        }

        var error = Marshal.GetLastPInvokeError();
        return error is NoSuchFile or NotAFolder ? null : throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RealPath(string path, [Out] byte[] resolved);
}
