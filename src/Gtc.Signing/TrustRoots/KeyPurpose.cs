namespace Gtc.Signing;

/// <summary>What a trusted key may be narrowed to (the optional <c>purposes</c> of a trust root's entry).</summary>
public static class KeyPurpose
{
    /// <summary>Signing revisions.</summary>
    public const string Revision = "revision";

    /// <summary>Signing revenue policies.</summary>
    public const string RevenuePolicy = "revenue-policy";

    /// <summary>Signing env-packs of other people.</summary>
    public const string EnvPack = "env-pack";

    /// <summary>Every purpose that is known.</summary>
    public static IReadOnlyList<string> All { get; } = [Revision, RevenuePolicy, EnvPack];
}
