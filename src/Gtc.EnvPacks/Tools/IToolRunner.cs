namespace Gtc.EnvPacks;

/// <summary>Runs tools of other people to the end.</summary>
public interface IToolRunner
{
    /// <summary>Runs a program that is found in the search path.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <returns>What it said, or null when there is no such program.</returns>
    Task<ToolRun?> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken);
}

/// <summary>How a tool ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">The start of what it wrote on standard output.</param>
/// <param name="Error">The start of what it wrote on standard error.</param>
public sealed record ToolRun(int ExitCode, string Output, string Error);
