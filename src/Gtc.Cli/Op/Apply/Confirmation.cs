using System.Text;

namespace Gtc.Cli.Op.Apply;

/// <summary>Asks a person at the terminal whether to go on.</summary>
internal static class Confirmation
{
    private const int MaxAnswer = 64;

    /// <summary>True for <c>y</c> or <c>yes</c>; anything else, and the end of the input, is no.</summary>
    public static async Task<bool> AskAsync(string question, CliContext context, CancellationToken cancellationToken)
    {
        await context.Stderr.WriteAsync(question);
        await using var input = context.OpenStdin();
        var answer = new byte[MaxAnswer];
        var length = await input.ReadAsync(answer, cancellationToken);
        return Encoding.UTF8.GetString(answer, 0, length).Trim().ToUpperInvariant() is "Y" or "YES";
    }
}
