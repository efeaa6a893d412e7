using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>The sections of a manifest that can be pruned: what they do not name is removed. Secrets are never removed by an apply.</summary>
public static class PruneSections
{
    /// <summary>The env-packs.</summary>
    public const string Packs = "packs";

    /// <summary>The deployments.</summary>
    public const string Bundles = "bundles";

    /// <summary>The extensions.</summary>
    public const string Extensions = "extensions";

    /// <summary>The messaging endpoints.</summary>
    public const string MessagingEndpoints = "messaging_endpoints";

    /// <summary>All of them.</summary>
    public static ImmutableArray<string> All { get; } = [Packs, Bundles, Extensions, MessagingEndpoints];
}
