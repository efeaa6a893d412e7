using System.CommandLine;

namespace Gtc.Cli.Verbs;

/// <summary>The flags that make findings show in the exit code (op-cli.md §2): without them a report that could be made is a success.</summary>
internal sealed class FindingFlags
{
    private readonly Option<bool> _fail = new("--fail-on-findings") { Description = "exit 1 when something was found; the report is printed all the same" };
    private readonly Option<string> _detailed = new("--exit-code") { HelpName = "plain|detailed", Description = "detailed: exit 3 when something was found, to tell it from a failure" };

    private FindingFlags() => _detailed.AcceptOnlyFromAmong("plain", "detailed");

    /// <summary>Adds them to a command.</summary>
    public static FindingFlags AddTo(Command command)
    {
        var flags = new FindingFlags();
        command.Add(flags._fail);
        command.Add(flags._detailed);
        return flags;
    }

    /// <summary>The exit code of an answer with findings.</summary>
    public int ExitCode(ParseResult parsed) => parsed.GetValue(_detailed) == "detailed" ? ExitCodes.Findings
        : parsed.GetValue(_fail) ? ExitCodes.Refused
        : ExitCodes.Ok;
}
