using System.Runtime.InteropServices;

namespace Gtc.Cli.Output;

/// <summary>The size of the terminal on standard output, by <c>ioctl(2)</c>.</summary>
internal static partial class TerminalSize
{
    private const int StandardOutput = 1;
    private const nuint GetWindowSize = 0x5413;

    /// <summary>Columns, or null when standard output is no terminal that knows its size.</summary>
    /// <remarks>The console class knows it too, but switches the keypad of whoever watches when it is asked.</remarks>
    public static unsafe int? Columns()
    {
        // struct winsize: rows, columns, and two that nobody fills.
        var size = stackalloc ushort[4];
        return Control(StandardOutput, GetWindowSize, size) == 0 && size[1] > 0 ? size[1] : null;
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static unsafe partial int Control(int file, nuint request, ushort* argument);
}
