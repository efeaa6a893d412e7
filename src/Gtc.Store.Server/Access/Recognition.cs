namespace Gtc.Store.Server;

/// <summary>What is known of who asks. A closed family.</summary>
internal abstract record Recognition
{
    private Recognition()
    {
    }

    /// <summary>It is known who asks; what they may is another question.</summary>
    public sealed record Known(Caller Caller) : Recognition;

    /// <summary>What was shown, if anything, counts for nothing.</summary>
    /// <param name="Policy">Which policy says so.</param>
    /// <param name="Why">Why.</param>
    public sealed record Stranger(string Policy, string Why) : Recognition;

    /// <summary>Whether it counts cannot be found out at the moment.</summary>
    public sealed record Undecided(string Why) : Recognition;
}
