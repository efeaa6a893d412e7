namespace Gtc.Cli.Op.Secrets;

/// <summary>Reads a line from the terminal without showing it.</summary>
internal static class HiddenPrompt
{
    private const int MaxCharacters = 64 << 10;

    /// <summary>Asks on standard error, so that standard output stays a result.</summary>
    public static char[] Ask(string question)
    {
        Console.Error.Write(question);
        var typed = GC.AllocateArray<char>(MaxCharacters, pinned: true);
        var length = 0;
        try
        {
            while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
            {
                if (key.Key == ConsoleKey.Backspace)
                {
                    length = Math.Max(0, length - 1);
                }
                else if (key.KeyChar != '\0' && length < typed.Length)
                {
                    typed[length++] = key.KeyChar;
                }
            }

            Console.Error.WriteLine();
            return typed[..length];
        }
        finally
        {
            Array.Clear(typed);
        }
    }
}
