using System.Collections.Immutable;
using Gtc.Artifacts.Cbor;

namespace Gtc.Artifacts.Building;

/// <summary><c>bundle.yaml</c> as authored (bundle-format.md §2.3). Unknown members are refused.</summary>
internal sealed record BundleSource
{
    public const string FileName = "bundle.yaml";

    public required string BundleId { get; init; }

    public required string BundleName { get; init; }

    public required string Locale { get; init; }

    public required string Mode { get; init; }

    public required bool AdvancedSetup { get; init; }

    public required bool SetupExecutionIntent { get; init; }

    public required bool ExportIntent { get; init; }

    /// <summary>Null when the author leaves it to the packs that are there.</summary>
    public required ImmutableArray<string>? AppPacks { get; init; }

    public required ImmutableArray<string> ExtensionProviders { get; init; }

    public required ImmutableArray<string> Catalogs { get; init; }

    public required ImmutableArray<string> Hooks { get; init; }

    public required ImmutableArray<string> Subscriptions { get; init; }

    public required ImmutableArray<string> Capabilities { get; init; }

    public static BundleSource Read(DocumentValue yaml)
    {
        yaml.Only("schema_version", "bundle_id", "bundle_name", "locale", "mode", "advanced_setup", "app_packs", "app_pack_mappings", "extension_providers",
            "remote_catalogs", "hooks", "subscriptions", "capabilities", "setup_execution_intent", "export_intent");
        if (yaml.Required("schema_version").Count() != 1)
        {
            throw yaml.Required("schema_version").Wrong("1");
        }

        var id = yaml.Text("bundle_id");
        return new BundleSource
        {
            BundleId = id,
            BundleName = yaml.OptionalText("bundle_name") ?? id,
            Locale = yaml.OptionalText("locale") ?? "en",
            Mode = yaml.OptionalText("mode") ?? "create",
            AdvancedSetup = yaml.Flag("advanced_setup"),
            SetupExecutionIntent = yaml.Flag("setup_execution_intent"),
            ExportIntent = yaml.Flag("export_intent"),
            AppPacks = yaml.Optional("app_packs")?.List(pack => pack.Text()),
            ExtensionProviders = yaml.Texts("extension_providers"),
            Catalogs = yaml.Texts("remote_catalogs"),
            Hooks = yaml.Texts("hooks"),
            Subscriptions = yaml.Texts("subscriptions"),
            Capabilities = yaml.Texts("capabilities"),
        };
    }
}
