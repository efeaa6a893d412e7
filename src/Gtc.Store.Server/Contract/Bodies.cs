using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>A body that holds documents of the model. Those keep members that nobody knows; in a request they are refused.</summary>
internal interface IHoldsDocuments
{
    /// <summary>The documents and where they are.</summary>
    IEnumerable<(string Path, KeepsUnknownMembers? Document)> Held { get; }
}

/// <summary>Body of <c>env.create</c>.</summary>
internal sealed record CreateBody(EnvId EnvId, string Name, HostConfig HostConfig) : IHoldsDocuments
{
    public IEnumerable<(string Path, KeepsUnknownMembers? Document)> Held => [("$.host_config", HostConfig)];
}

/// <summary>Body of <c>env.init</c>.</summary>
internal sealed record InitBody(string? PublicBaseUrl = null);

/// <summary>Body of <c>env.set-public-url</c>.</summary>
internal sealed record PublicUrlBody(string PublicBaseUrl);

/// <summary>Body of <c>env.migrate-bindings</c>.</summary>
internal sealed record MigrateBody : IHoldsDocuments
{
    public required ImmutableArray<EnvPackBinding> Packs { get; init; }

    public required ImmutableArray<ExtensionBinding> Extensions { get; init; }

    public MigrationSeed? SeedIfMissing { get; init; }

    public IEnumerable<(string Path, KeepsUnknownMembers? Document)> Held =>
    [
        .. Packs.Select((pack, index) => ($"$.packs[{index}]", (KeepsUnknownMembers?)pack)),
        .. Extensions.Select((extension, index) => ($"$.extensions[{index}]", (KeepsUnknownMembers?)extension)),
        ("$.seed_if_missing.host_config", SeedIfMissing?.HostConfig),
        ("$.seed_if_missing.revocation", SeedIfMissing?.Revocation),
        ("$.seed_if_missing.retention", SeedIfMissing?.Retention),
        ("$.seed_if_missing.health", SeedIfMissing?.Health),
    ];
}

/// <summary>Body of <c>env.restore</c>: the generation to go back to.</summary>
internal sealed record RestoreBody(ulong Generation);

/// <summary>What the caller of <c>backup.restore</c> saw; one of both at least.</summary>
internal sealed record BackupPrecondition(string? IfMatch = null, ulong? ExpectedGeneration = null);

/// <summary>Body of <c>backup.restore</c>.</summary>
internal sealed record RestoreBackupBody(string BackupId, BackupPrecondition Precondition);

/// <summary>Body of <c>backup.import</c>: the artifact as it was exported, and the id of the key that signed it where that is not the server's own.</summary>
internal sealed record ImportBody(JsonElement Artifact, string? ConfirmSigner = null);

/// <summary>How a convergence of a target ended.</summary>
internal sealed record CompletionBody
{
    public required string Status { get; init; }

    public ulong? Applied { get; init; }

    public ulong? Pruned { get; init; }

    public string? Error { get; init; }
}

/// <summary>Body of <c>env.reconcile-complete</c>.</summary>
internal sealed record ReconcileCompleteBody(ulong AuthorizedGeneration, string AuthorizedEtag, CompletionBody Completion);

/// <summary>Body of <c>revisions.stage</c>.</summary>
internal sealed record StageBody : IHoldsDocuments
{
    public required RevisionId RevisionId { get; init; }

    public required DeploymentId DeploymentId { get; init; }

    public required string BundleDigest { get; init; }

    public string? BundleSourceUri { get; init; }

    public required ImmutableArray<PackListEntry> PackList { get; init; }

    public required string PackListLockRef { get; init; }

    public required ImmutableArray<string> PackConfigRefs { get; init; }

    public required string ConfigDigest { get; init; }

    public required string SignatureSidecarRef { get; init; }

    public required uint DrainSeconds { get; init; }

    public IEnumerable<(string Path, KeepsUnknownMembers? Document)> Held => PackList.Select((pack, index) => ($"$.pack_list[{index}]", (KeepsUnknownMembers?)pack));
}

/// <summary>Why a health gate failed.</summary>
internal sealed record GateFailureBody(ImmutableArray<string> FailedChecks, string Message);

/// <summary>What a health gate found.</summary>
internal sealed record GateBody
{
    public required bool Ok { get; init; }

    public GateFailureBody? Failure { get; init; }

    public static GateBody Of(HealthGate gate) => new() { Ok = gate.IsPassed, Failure = gate.IsPassed ? null : new GateFailureBody(gate.FailedChecks, gate.Message) };
}

/// <summary>Body of <c>revisions.warm</c>.</summary>
internal sealed record WarmBody(RevisionId RevisionId, GateBody HealthGate, RevisionLifecycle ExpectedLifecycle);

/// <summary>Body of <c>revisions.archive</c> with force: who takes the traffic away.</summary>
internal sealed record ForceArchiveBody(string UpdatedBy);

/// <summary>Body of <c>traffic.preview.add</c>: the caller minted the token and says its digest only.</summary>
internal sealed record AddPreviewBody
{
    public required DeploymentId DeploymentId { get; init; }

    public required RevisionId RevisionId { get; init; }

    public string? Host { get; init; }

    public required string TokenHash { get; init; }

    public required ulong LifetimeSeconds { get; init; }
}

/// <summary>What a caller found out about a revision that it is about to deploy.</summary>
internal sealed record DeployGateBody(RevisionId RevisionId, GateBody HealthGate);

/// <summary>Body of <c>deploy.run</c>.</summary>
internal sealed record DeployBody(DeployWork Work, ImmutableArray<DeployGateBody> Gates) : IHoldsDocuments
{
    public IEnumerable<(string Path, KeepsUnknownMembers? Document)> Held =>
    [
        .. Work.Stages.SelectMany((stage, at) => stage.PackList.Select((pack, index) => ($"$.work.stages[{at}].pack_list[{index}]", (KeepsUnknownMembers?)pack))),
        .. (Work.Traffic?.Entries ?? []).Select((entry, index) => ($"$.work.traffic.entries[{index}]", (KeepsUnknownMembers?)entry)),
        .. (Work.Add?.RevenueShare ?? []).Select((share, index) => ($"$.work.add.revenue_share[{index}]", (KeepsUnknownMembers?)share)),
        ("$.work.add.route_binding", Work.Add?.RouteBinding),
        ("$.work.add.route_binding.tenant_selector", Work.Add?.RouteBinding.TenantSelector),
    ];
}

/// <summary>Body of <c>traffic.set</c>.</summary>
internal sealed record TrafficBody : IHoldsDocuments
{
    public required DeploymentId DeploymentId { get; init; }

    public required ImmutableArray<TrafficShare> Entries { get; init; }

    public required string UpdatedBy { get; init; }

    public string? AuthorizationRef { get; init; }

    /// <summary>Whether shares that are in force already stay as they are, so that no generation is made.</summary>
    public bool KeepsSame { get; init; }

    public IEnumerable<(string Path, KeepsUnknownMembers? Document)> Held => Entries.Select((entry, index) => ($"$.entries[{index}]", (KeepsUnknownMembers?)entry));
}

/// <summary>Body of <c>traffic.rollback</c>.</summary>
internal sealed record RollbackBody(DeploymentId DeploymentId);

/// <summary>Body of <c>traffic.clear</c>.</summary>
internal sealed record ClearBody(DeploymentId DeploymentId, string UpdatedBy);

/// <summary>Body of <c>env-packs.add</c> and <c>update</c>.</summary>
internal sealed record PackBody(EnvPackBinding Binding, JsonElement? Answers = null) : IHoldsDocuments
{
    public IEnumerable<(string Path, KeepsUnknownMembers? Document)> Held => [("$.binding", Binding)];
}

/// <summary>The identity of an extension.</summary>
internal sealed record ExtensionKeyBody(string KindPath, string? InstanceId = null);

/// <summary>Body of <c>extensions.add</c>.</summary>
internal sealed record ExtensionBody(ExtensionBinding Binding, JsonElement? Answers = null) : IHoldsDocuments
{
    public IEnumerable<(string Path, KeepsUnknownMembers? Document)> Held => [("$.binding", Binding)];
}

/// <summary>Body of <c>extensions.update</c>.</summary>
internal sealed record ExtensionUpdateBody(ExtensionKeyBody Key, ExtensionBinding Binding, JsonElement? Answers = null) : IHoldsDocuments
{
    public IEnumerable<(string Path, KeepsUnknownMembers? Document)> Held => [("$.binding", Binding)];
}

/// <summary>Body of <c>extensions.remove</c> and <c>rollback</c>.</summary>
internal sealed record KeyedBody(ExtensionKeyBody Key);

/// <summary>Body of <c>bundles.add</c>; the server mints the deployment's id.</summary>
internal sealed record AddBundleBody : IHoldsDocuments
{
    public required string BundleId { get; init; }

    public required string CustomerId { get; init; }

    public required ImmutableArray<RevenueShareEntry> RevenueShare { get; init; }

    public RouteBinding? RouteBinding { get; init; }

    public string? AuthorizationRef { get; init; }

    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>? ConfigOverrides { get; init; }

    public IEnumerable<(string Path, KeepsUnknownMembers? Document)> Held =>
    [
        .. RevenueShare.Select((share, index) => ($"$.revenue_share[{index}]", (KeepsUnknownMembers?)share)),
        ("$.route_binding", RouteBinding),
        ("$.route_binding.tenant_selector", RouteBinding?.TenantSelector),
    ];
}

/// <summary>Body of <c>bundles.update</c>; the id is that of the path.</summary>
internal sealed record UpdateBundleBody : IHoldsDocuments
{
    public required DeploymentId DeploymentId { get; init; }

    public DeploymentStatus? Status { get; init; }

    public RouteBinding? RouteBinding { get; init; }

    public ImmutableArray<RevenueShareEntry>? RevenueShare { get; init; }

    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>? ConfigOverrides { get; init; }

    public IEnumerable<(string Path, KeepsUnknownMembers? Document)> Held =>
    [
        .. (RevenueShare ?? []).Select((share, index) => ($"$.revenue_share[{index}]", (KeepsUnknownMembers?)share)),
        ("$.route_binding", RouteBinding),
        ("$.route_binding.tenant_selector", RouteBinding?.TenantSelector),
    ];
}

/// <summary>Body of <c>messaging.endpoint.add</c>.</summary>
internal sealed record AddEndpointBody
{
    /// <summary>The id, where the caller makes it to name a secret after it; null for one of the server's.</summary>
    public MessagingEndpointId? EndpointId { get; init; }

    /// <summary>Whether webhooks are accepted without a secret.</summary>
    public bool AcceptsUnsignedWebhooks { get; init; }

    public required string ProviderId { get; init; }

    public required string ProviderType { get; init; }

    public required string DisplayName { get; init; }

    public ImmutableArray<string> SecretRefs { get => field.IsDefault ? [] : field; init; }

    public string? WebhookSecretRef { get; init; }

    /// <summary>The file of secrets with one version more, of the secret that <see cref="WebhookSecretRef"/> names; null when the secret is there.</summary>
    public string? Secrets { get; init; }

    public required string UpdatedBy { get; init; }
}

/// <summary>Body of <c>messaging.endpoint.link-bundle</c> and <c>unlink-bundle</c>.</summary>
internal sealed record LinkBody(string BundleId, string UpdatedBy);

/// <summary>Body of <c>messaging.endpoint.set-welcome-flow</c>; the id is that of the path.</summary>
internal sealed record WelcomeBody(MessagingEndpointId EndpointId, string BundleId, string PackId, string FlowId, string UpdatedBy);

/// <summary>Body of <c>messaging.endpoint.set-secret-refs</c>.</summary>
internal sealed record SecretRefsBody(ImmutableArray<string> SecretRefs, string UpdatedBy);

/// <summary>Body of <c>messaging.endpoint.rotate-webhook-secret</c>; the secrets as in <see cref="AddEndpointBody"/>.</summary>
internal sealed record RotateBody(string UpdatedBy, string? WebhookSecretRef = null, string? Secrets = null);

/// <summary>Body of <c>trust-root.add</c>.</summary>
internal sealed record TrustKeyBody(string KeyId, string PublicKeyPem, DateTimeOffset? NotAfter = null, ImmutableArray<string>? Purposes = null, string? Source = null);

/// <summary>Body of <c>trust-root.add-did</c>: one key of a DID document, which the caller has read.</summary>
internal sealed record TrustDidBody(string Did, string KeyId, string PublicKeyPem);

/// <summary>Body of <c>runtime.set</c>: what a deployer discovered.</summary>
internal sealed record RuntimeBody(ImmutableSortedDictionary<string, JsonElement> Discovered, PackDescriptor GeneratedBy, ulong ExpectedGeneration);

/// <summary>Body of <c>attempts.record</c>: what a client refused before it asked for a change.</summary>
internal sealed record AttemptBody(string Noun, string Verb, JsonElement Target, JsonElement Refusal);

/// <summary>Body of <c>env-packs.answer</c>.</summary>
internal sealed record AnswersBody(JsonElement Answers);

/// <summary>Body of <c>secrets.put</c>, <c>rotate</c> and <c>delete</c>: the file of secrets as it is to be; none where a secret to be deleted is not there.</summary>
internal sealed record CiphertextBody(string? File = null);

/// <summary>Body of <c>secrets.seal</c>.</summary>
internal sealed record SealBody(string File, JsonElement Answers);

/// <summary>A file of a rules pack, e.g. <c>rules/greentic.deployer.k8s/index.json</c>; without content it is taken away.</summary>
internal sealed record RuleBody(string Name, string? Content = null);

/// <summary>Body of the routes of <c>credentials</c>.</summary>
internal sealed record CredentialsBody
{
    /// <summary>What the environment was bound to when the caller looked; null for nothing.</summary>
    public string? Expected { get; init; }

    /// <summary>What it is bound to from then on; null for nothing.</summary>
    public string? CredentialsRef { get; init; }

    /// <summary>What is known of the credentials, <c>credentials.json</c>; null to leave it, or to end it with them.</summary>
    public JsonElement? Document { get; init; }

    /// <summary>The rules that are written and taken away.</summary>
    public ImmutableArray<RuleBody> Rules { get => field.IsDefault ? [] : field; init; }

    /// <summary>The file of secrets with one version more of the credentials; null when they are not touched.</summary>
    public string? File { get; init; }

    /// <summary>The handle of the administrator whose credentials were used, for the log.</summary>
    public string? AdminProfile { get; init; }
}

/// <summary>Body of <c>env.destroy</c>, and of the permission for it.</summary>
internal sealed record DestroyBody(bool Force);
