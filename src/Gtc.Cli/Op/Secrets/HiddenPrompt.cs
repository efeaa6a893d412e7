using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Cli.Op.Secrets;

/// <summary>
/// Reads a line from the terminal without showing it, as getpass(3) does: echo is off before the question appears and until the line is read.
/// The base library's console is not asked: it turns echo off only while it waits for one key, so that a pasted token would show in parts,
/// and its standard input echoes lines of its own accord.
/// </summary>
internal static partial class HiddenPrompt
{
    /// <summary>What a terminal hands over at once, in bytes; a longer line is cut by the kernel.</summary>
    private const int MaxLine = 4096;

    private const int StandardInput = 0;
    private const int AfterOutputAndWithoutTypedAhead = 2;
    private const uint Echo = 0x8;

    /// <summary>c_lflag lies behind three other flag words, on every processor that .NET runs Linux on.</summary>
    private const int LocalFlags = 3;

    /// <summary>More than any struct termios.</summary>
    private const int SettingsWords = 64;

    /// <summary>Asks, and waits for a line. Cancellation brings the echo back too.</summary>
    /// <param name="writer">Where the question goes: not to standard output, which holds results.</param>
    /// <param name="question">The question.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The line without its end; empty when the terminal is none or was closed.</returns>
    public static async Task<byte[]> AskAsync(TextWriter writer, string question, CancellationToken cancellationToken)
    {
        var before = new uint[SettingsWords];
        if (Get(StandardInput, before) != 0)
        {
            return [];
        }

        var silent = (uint[])before.Clone();
        silent[LocalFlags] &= ~Echo;
        if (Set(StandardInput, AfterOutputAndWithoutTypedAhead, silent) != 0)
        {
            return [];
        }

        try
        {
            await writer.WriteAsync(question);
            return await Task.Run(ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
        }
        finally
        {
            _ = Set(StandardInput, AfterOutputAndWithoutTypedAhead, before);
            await writer.WriteLineAsync();
        }
    }

    private static byte[] ReadLine()
    {
        var line = GC.AllocateArray<byte>(MaxLine, pinned: true);
        using var input = new FileStream(new SafeFileHandle(StandardInput, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        var length = input.Read(line);
        try
        {
            return line.AsSpan(0, length).TrimEnd("\r\n"u8).ToArray();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(line);
        }
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    private static partial int Get(int descriptor, [Out] uint[] settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    private static partial int Set(int descriptor, int when, uint[] settings);
}
