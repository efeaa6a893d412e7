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

    /// <summary>Findings or drift, where the caller asked to tell them from errors.</summary>
    public const int Drift = 3;

    /// <summary>Interrupted, as shells spell it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
