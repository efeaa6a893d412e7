namespace Gtc.Cli;

/// <summary>What the process answers to the shell (op-cli.md §2).</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>Refused.</summary>
    public const int Refused = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Done, and something was found: a check that failed, a drift. Only with <c>--exit-code detailed</c>.</summary>
    public const int Findings = 3;

    /// <summary>Interrupted, as shells spell it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
