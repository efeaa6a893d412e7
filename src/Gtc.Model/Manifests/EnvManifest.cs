using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>What a person wants an environment to be, <c>greentic.env-manifest.v1</c> (op-cli.md §6). A section that is absent is left untouched.</summary>
public sealed record EnvManifest
{
    /// <summary>Always <see cref="Schemas.EnvManifest"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>The environment itself.</summary>
    public required ManifestEnvironment Environment { get; init; }

    /// <summary><c>bootstrap</c>, or null.</summary>
    public string? TrustRoot { get; init; }

    /// <summary>Secrets to put.</summary>
    public ImmutableArray<ManifestSecret>? Secrets { get; init; }

    /// <summary>Env-packs to bind.</summary>
    public ImmutableArray<ManifestPack>? Packs { get; init; }

    /// <summary>Bundles to deploy.</summary>
    public ImmutableArray<ManifestBundle>? Bundles { get; init; }

    /// <summary>Extensions to bind.</summary>
    public ImmutableArray<ManifestExtension>? Extensions { get; init; }

    /// <summary>Messaging endpoints to add.</summary>
    public ImmutableArray<ManifestEndpoint>? MessagingEndpoints { get; init; }

    /// <summary>The cluster that <c>env up</c> makes; <c>env apply</c> only checks its shape.</summary>
    public ManifestCluster? Cluster { get; init; }

    /// <summary>Where updates come from.</summary>
    public ManifestUpdates? Updates { get; init; }

    /// <summary>The Vault that <c>env up</c> makes; <c>env apply</c> only checks its shape.</summary>
    public ManifestVault? VaultBootstrap { get; init; }
}

/// <summary>The <c>environment</c> section (op-cli.md §6.2).</summary>
public sealed record ManifestEnvironment
{
    /// <summary>The id.</summary>
    public required string Id { get; init; }

    /// <summary>The public origin.</summary>
    public string? PublicBaseUrl { get; init; }

    /// <summary>A name for people.</summary>
    public string? Name { get; init; }

    /// <summary>A region label.</summary>
    public string? Region { get; init; }

    /// <summary>The owning tenant.</summary>
    public string? TenantOrgId { get; init; }

    /// <summary>An <c>ip:port</c>.</summary>
    public string? ListenAddr { get; init; }

    /// <summary>Whether the web console is on.</summary>
    public bool? GuiEnabled { get; init; }
}

/// <summary>One secret (op-cli.md §6.4).</summary>
public sealed record ManifestSecret
{
    /// <summary><c>tenant/team/pack/name</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The environment variable that holds the value; null means that a person pastes it.</summary>
    public string? FromEnv { get; init; }
}

/// <summary>One env-pack (op-cli.md §6.5).</summary>
public sealed record ManifestPack
{
    /// <summary>The slot.</summary>
    public required string Slot { get; init; }

    /// <summary><c>path@semver</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Where the pack comes from.</summary>
    public required string PackRef { get; init; }

    /// <summary>A file with the answers.</summary>
    public string? AnswersRef { get; init; }

    /// <summary>The answers themselves, an object. Undefined when absent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Answers { get; init; }
}

/// <summary>One extension (op-cli.md §6.6).</summary>
public sealed record ManifestExtension
{
    /// <summary><c>path@semver</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Where the pack comes from.</summary>
    public required string PackRef { get; init; }

    /// <summary>The instance.</summary>
    public string? InstanceId { get; init; }

    /// <summary>A file with the answers.</summary>
    public string? AnswersRef { get; init; }
}

/// <summary>One messaging endpoint (op-cli.md §6.8).</summary>
public sealed record ManifestEndpoint
{
    /// <summary>The display name, unique.</summary>
    public required string Name { get; init; }

    /// <summary>The provider.</summary>
    public required string ProviderType { get; init; }

    /// <summary>The bundles that may use it.</summary>
    public ImmutableArray<string>? Links { get; init; }

    /// <summary>The flow that greets a new conversation.</summary>
    public ManifestWelcomeFlow? WelcomeFlow { get; init; }

    /// <summary>Secrets of the provider.</summary>
    public ImmutableArray<string>? SecretRefs { get; init; }
}

/// <summary>The flow that greets a new conversation.</summary>
public sealed record ManifestWelcomeFlow
{
    /// <summary>One of the links.</summary>
    public required string BundleId { get; init; }

    /// <summary>A pack of it.</summary>
    public required string PackId { get; init; }

    /// <summary>A flow of the pack.</summary>
    public required string FlowId { get; init; }
}

/// <summary>The <c>cluster</c> section (op-cli.md §6.3).</summary>
public sealed record ManifestCluster
{
    /// <summary>Only <c>kind</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The context, when it is not the provider's own.</summary>
    public string? KubeconfigContext { get; init; }

    /// <summary>Images to load.</summary>
    public ImmutableArray<string>? LoadImages { get; init; }
}

/// <summary>The <c>updates</c> section (op-cli.md §6.9).</summary>
public sealed record ManifestUpdates
{
    /// <summary>Where plans are polled.</summary>
    public string? PlanEndpoint { get; init; }

    /// <summary>Whose keys sign the plans: a DID, null to opt out, undefined for the default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement TrustDid { get; init; }

    /// <summary>Whether updates are looked for.</summary>
    public bool? Enabled { get; init; }

    /// <summary>What happens with them.</summary>
    public string? OnNotify { get; init; }

    /// <summary>Seconds between two looks.</summary>
    public ulong? PollIntervalSecs { get; init; }

    /// <summary>Whether a stream of notices is listened to.</summary>
    public bool? PushEnabled { get; init; }

    /// <summary>Where the stream is.</summary>
    public string? StreamEndpoint { get; init; }
}

/// <summary>The <c>vault_bootstrap</c> section (op-cli.md §6.10).</summary>
public sealed record ManifestVault
{
    /// <summary><c>dev-in-cluster</c> or <c>external</c>.</summary>
    public required string Deploy { get; init; }

    /// <summary>The namespace; <c>greentic</c> when absent.</summary>
    public string? Namespace { get; init; }

    /// <summary>The root token of a development server; <c>root</c> when absent.</summary>
    public string? RootToken { get; init; }

    /// <summary>The server's image; <c>hashicorp/vault:1.17</c> when absent.</summary>
    public string? Image { get; init; }

    /// <summary>Secrets to seed.</summary>
    public ImmutableArray<ManifestSecret>? Seed { get; init; }
}
