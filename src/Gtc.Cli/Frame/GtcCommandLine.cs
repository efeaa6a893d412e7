using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;

namespace Gtc.Cli;

/// <summary>Runs one command line.</summary>
internal static class GtcCommandLine
{
    /// <summary>Prints the version.</summary>
    public const string VersionFlag = "--version";

    private static readonly ParserConfiguration Parsing = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    /// <summary>Parses the words and runs the command that they name.</summary>
    /// <returns>The exit code (<see cref="ExitCodes"/>).</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliContext context, CancellationToken cancellationToken)
    {
        var typed = context with { Arguments = arguments };
        var root = CommandTree.Create(typed);
        var parsed = CommandLineParser.Parse(root, arguments, Parsing);
        var command = parsed.CommandResult.Command;
        if (IsGiven(parsed, HelpPage.Flag) || (command == root && arguments.Count == 0))
        {
            HelpPage.Write(command, typed, typed.Stdout);
            return ExitCodes.Ok;
        }

        if (command == root && IsGiven(parsed, VersionFlag) && parsed.UnmatchedTokens.Count == 0)
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

    /// <summary>Parses without running; for tests that check examples.</summary>
    public static ParseResult Parse(IReadOnlyList<string> arguments, CliContext context) =>
        CommandLineParser.Parse(CommandTree.Create(context with { Arguments = arguments }), arguments, Parsing);

    /// <summary>The version of this build.</summary>
    public static string Version { get; } =
        typeof(GtcCommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static bool IsGiven(ParseResult parsed, string flag) => parsed.GetResult(flag) is OptionResult { Implicit: false };
}

/// <summary>What the process answers to the shell (op-cli.md §2).</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>Refused.</summary>
    public const int Refused = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Interrupted, as shells spell it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
