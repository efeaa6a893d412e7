namespace Gtc.Cli.Payloads;

/// <summary>The most that a payload may have, whichever way it comes in.</summary>
internal static class PayloadBounds
{
    /// <summary>Bytes of an answers file.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Levels of nesting.</summary>
    public const int MaxDepth = 32;

    /// <summary>Problems that one refusal lists.</summary>
    public const int MaxProblems = 10;
}
