namespace Gtc.Cli.Payloads;

/// <summary>The most that a payload may have, whichever way it comes in. Nesting is bounded where JSON and YAML are read.</summary>
internal static class PayloadBounds
{
    /// <summary>Bytes of an answers file, or of one word's JSON.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Segments of a dotted key.</summary>
    public const int MaxSegments = 16;

    /// <summary>Problems that one refusal lists.</summary>
    public const int MaxProblems = 10;
}
