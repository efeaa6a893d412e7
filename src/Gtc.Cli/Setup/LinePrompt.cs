using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Cli.Setup;

/// <summary>
/// Asks for a line at the terminal, as it is typed. The terminal hands over one line a read, so that nothing is taken from the hidden question
/// that may come next; the base library's console would read ahead.
/// </summary>
internal static class LinePrompt
{
    private const int MaxLine = 4096;

    /// <summary>Asks, and waits for a line; null when the terminal was closed.</summary>
    /// <param name="writer">Where the question goes: not to standard output, which holds results.</param>
    /// <param name="question">The question.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<string?> AskAsync(TextWriter writer, string question, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(question);
        return await Task.Run(Read, CancellationToken.None).WaitAsync(cancellationToken);
    }

    private static string? Read()
    {
        var line = new byte[MaxLine];
        using var input = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        var length = input.Read(line);
        return length == 0 ? null : Encoding.UTF8.GetString(line, 0, length).TrimEnd('\r', '\n');
    }
}
