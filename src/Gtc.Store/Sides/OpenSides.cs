using System.Collections.Frozen;

namespace Gtc.Store;

/// <summary>Which side documents hold no secret, so that whoever may read an environment may read them: answers, what is known of credentials and never they themselves, rules, signed policies, and where updates come from.</summary>
public static class OpenSides
{
    /// <summary>What is known of a deployer's credentials.</summary>
    public static SideName Credentials { get; } = SideName.Of("credentials.json");

    /// <summary>The id by which objects of a cluster are told from those of another store's environment of the same id.</summary>
    public static SideName StoreId { get; } = SideName.Of("store-id");

    /// <summary>Where updates come from.</summary>
    public static SideName UpdateChannel { get; } = SideName.Of(EnvironmentLayout.UpdateChannelName);

    private static readonly FrozenSet<string> Folders = FrozenSet.ToFrozenSet(["env-packs", "extensions", "rules", "billing-policies"], StringComparer.Ordinal);

    /// <summary>Whether it is one of them.</summary>
    public static bool Contains(SideName name) => name == Credentials || name == StoreId || name == UpdateChannel || Folders.Contains(name.ToString().Split('/')[0]);
}
