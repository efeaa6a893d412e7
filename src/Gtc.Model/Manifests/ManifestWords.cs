using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>The closed lists of a manifest, which the rules and the published schema share.</summary>
internal static class ManifestWords
{
    public const string Bootstrap = "bootstrap";

    public static ImmutableArray<string> Slots { get; } = [.. Enum.GetValues<CapabilitySlot>().Where(PackVerbs.BindsInPacks).Select(PackVerbs.Text)];

    public static ImmutableArray<string> Statuses { get; } = [.. Enum.GetNames<DeploymentStatus>().Select(name => name.ToLowerInvariant())];

    public static ImmutableArray<string> UpdateActions { get; } = ["record-only", "stage", "apply"];

    public static ImmutableArray<string> ClusterProviders { get; } = ["kind"];

    public static ImmutableArray<string> VaultModes { get; } = ["dev-in-cluster", "external"];

    public static ImmutableArray<string> SourceSchemes { get; } = ["oci", "repo", "store", "http", "https", "file"];

    public static CapabilitySlot Slot(string word) => (CapabilitySlot)Slots.IndexOf(word);

    public static DeploymentStatus Status(string word) => (DeploymentStatus)Statuses.IndexOf(word);

    public static UpdateAction Action(string word) => (UpdateAction)UpdateActions.IndexOf(word);
}
