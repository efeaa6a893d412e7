using System.Collections.Immutable;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Bundles;

/// <summary><c>bundle-manifest.json</c>, the one member every bundle must have (bundle-format.md §2.1). Unknown members are ignored; an absent list is empty.</summary>
public sealed record BundleManifest
{
    /// <summary>The member's name.</summary>
    public const string Member = "bundle-manifest.json";

    /// <summary>The only format known.</summary>
    public const string Format = "gtbundle-v1";

    /// <summary>The largest accepted document, 1 MiB.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>The bundle's own id; a deployment may know the bundle by another.</summary>
    public required string BundleId { get; init; }

    /// <summary>The bundle's name.</summary>
    public required string BundleName { get; init; }

    /// <summary><c>create</c> in every bundle seen.</summary>
    public required string RequestedMode { get; init; }

    /// <summary>The language of texts, or null.</summary>
    public string? Locale { get; init; }

    /// <summary><c>.gtbundle</c>.</summary>
    public required string ArtifactExtension { get; init; }

    /// <summary>Resolved policy files, bundle-relative.</summary>
    public ImmutableArray<string> GeneratedResolvedFiles { get; init; } = [];

    /// <summary>Setup files, bundle-relative.</summary>
    public ImmutableArray<string> GeneratedSetupFiles { get; init; } = [];

    /// <summary>References of application packs as authored: informational, never resolved.</summary>
    public ImmutableArray<string> AppPacks { get; init; } = [];

    /// <summary>References of provider packs as authored: informational.</summary>
    public ImmutableArray<string> ExtensionProviders { get; init; } = [];

    /// <summary>Catalogs; carried, not used.</summary>
    public ImmutableArray<string> Catalogs { get; init; } = [];

    /// <summary>Hooks; carried, not used.</summary>
    public ImmutableArray<string> Hooks { get; init; } = [];

    /// <summary>Subscriptions; carried, not used.</summary>
    public ImmutableArray<string> Subscriptions { get; init; } = [];

    /// <summary>Capabilities; carried, not used.</summary>
    public ImmutableArray<string> Capabilities { get; init; } = [];

    /// <summary>Policies per tenant and team.</summary>
    public ImmutableArray<ResolvedTarget> ResolvedTargets { get; init; } = [];

    /// <summary>Reads the document.</summary>
    public static Outcome<BundleManifest> Read(ReadOnlySpan<byte> json) =>
        BoundedJson.Parse(json, Member, MaxBytes).Then(document => MalformedDocumentException.Guard(Member, () => Read(new DocumentValue(document))));

    /// <summary>Reads the document from an unpacked bundle.</summary>
    /// <returns>The manifest; <see cref="Refusal.MalformedArtifact"/> when the bundle has none or it is not sound.</returns>
    public static Outcome<BundleManifest> ReadFrom(string bundleFolder) =>
        BundleFile.Read(bundleFolder, Member, MaxBytes).Then(bytes => bytes is null
            ? new Refusal.MalformedArtifact($"the bundle has no {Member}, the one member every bundle must have")
            : Read(bytes));

    private static BundleManifest Read(DocumentValue root)
    {
        if (root.Text("format_version") != Format)
        {
            throw root.Required("format_version").Wrong(Format);
        }

        return new BundleManifest
        {
            BundleId = root.Text("bundle_id"),
            BundleName = root.Text("bundle_name"),
            RequestedMode = root.Text("requested_mode"),
            Locale = root.OptionalText("locale"),
            ArtifactExtension = root.Text("artifact_extension"),
            GeneratedResolvedFiles = root.Texts("generated_resolved_files"),
            GeneratedSetupFiles = root.Texts("generated_setup_files"),
            AppPacks = root.Texts("app_packs"),
            ExtensionProviders = root.Texts("extension_providers"),
            Catalogs = root.Texts("catalogs"),
            Hooks = root.Texts("hooks"),
            Subscriptions = root.Texts("subscriptions"),
            Capabilities = root.Texts("capabilities"),
            ResolvedTargets = root.List("resolved_targets", Target),
        };
    }

    private static ResolvedTarget Target(DocumentValue target) => new(
        target.Text("path"),
        target.Text("tenant"),
        target.OptionalText("team"),
        target.OptionalText("default_policy"),
        target.OptionalText("tenant_gmap"),
        target.OptionalText("team_gmap"),
        target.List("app_pack_policies", policy => new AppPackPolicy(policy.Text("reference"), policy.Text("policy"))));
}

/// <summary>The policy of one tenant or team.</summary>
/// <param name="Path">The resolved file, bundle-relative; it may be absent.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Team">The team, or null.</param>
/// <param name="DefaultPolicy"><c>public</c> or <c>forbidden</c>; recorded, not enforced.</param>
/// <param name="TenantGmap">The tenant's rule file; it may be absent.</param>
/// <param name="TeamGmap">The team's rule file, or null.</param>
/// <param name="AppPackPolicies">The policy of each application pack.</param>
public sealed record ResolvedTarget(
    string Path, string Tenant, string? Team, string? DefaultPolicy, string? TenantGmap, string? TeamGmap, ImmutableArray<AppPackPolicy> AppPackPolicies);

/// <summary>The policy of one application pack.</summary>
public sealed record AppPackPolicy(string Reference, string Policy);
