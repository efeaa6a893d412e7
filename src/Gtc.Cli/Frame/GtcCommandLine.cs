using System.CommandLine;
using System.Reflection;

namespace Gtc.Cli;

/// <summary>Runs one command line.</summary>
internal static class GtcCommandLine
{
    /// <summary>The version of this build.</summary>
    public static string Version { get; } =
        typeof(GtcCommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Parses the words and runs the command that they name.</summary>
    /// <returns>The exit code (<see cref="ExitCodes"/>).</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliContext context, CancellationToken cancellationToken)
    {
        var typed = context with { Arguments = arguments };
        var tree = new CommandTree(typed);
        var parsed = tree.Parse(arguments);
        var command = parsed.CommandResult.Command;
        if (tree.WantsHelp(parsed) || arguments.Count == 0)
        {
            HelpPage.Write(command, typed, typed.Stdout);
            return ExitCodes.Ok;
        }

        if (tree.WantsVersion(parsed) && parsed.UnmatchedTokens.Count == 0)
        {
            await typed.Stdout.WriteLineAsync($"{context.ProgramName} {Version}");
            return ExitCodes.Ok;
        }

        if (UsageErrors.Find(parsed) is { } error)
        {
            error.Write(typed);
            return ExitCodes.Usage;
        }

        var settings = new InvocationConfiguration
        {
            Output = typed.Stdout,
            Error = typed.Stderr,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        return await parsed.InvokeAsync(settings, cancellationToken);
    }
}
