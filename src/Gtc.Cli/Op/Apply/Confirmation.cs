namespace Gtc.Cli.Op.Apply;

/// <summary>Asks a person at the terminal whether to go on.</summary>
internal static class Confirmation
{
    /// <summary>True for <c>y</c> or <c>yes</c>; anything else, a closed terminal, and none at all, is no.</summary>
    public static async Task<bool> AskAsync(string question, CliContext context, CancellationToken cancellationToken) =>
        context.AskLine is { } ask
        && await ask(context.Stderr, question, cancellationToken) is { } line
        && line.Trim().ToUpperInvariant() is "Y" or "YES";
}
