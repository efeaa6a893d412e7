using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>One instance of a chat provider (environment-model.md §2.12).</summary>
public sealed record MessagingEndpoint : KeepsUnknownMembers
{
    /// <summary>Always <see cref="Schemas.MessagingEndpoint"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>The environment it belongs to.</summary>
    public required EnvId EnvId { get; init; }

    /// <summary>The id.</summary>
    public required MessagingEndpointId EndpointId { get; init; }

    /// <summary>Which instance of the provider.</summary>
    public required string ProviderId { get; init; }

    /// <summary>Which provider, e.g. <c>messaging.telegram.bot</c>.</summary>
    public required string ProviderType { get; init; }

    /// <summary>A name for people.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Secrets of the provider, <c>secret://…</c>.</summary>
    public ImmutableArray<string> SecretRefs { get => field.IsDefault ? [] : field; init; }

    /// <summary>The secret that the provider sends along, or null.</summary>
    public string? WebhookSecretRef { get; init; }

    /// <summary>Whether webhooks are accepted although it has no secret (decision 35). An additive member; absent means no.</summary>
    public bool? AcceptsUnsignedWebhooks { get; init; }

    /// <summary>The bundles that may use it.</summary>
    public ImmutableArray<string> LinkedBundles { get => field.IsDefault ? [] : field; init; }

    /// <summary>The flow that greets a new conversation, or null.</summary>
    public WelcomeFlow? WelcomeFlow { get; init; }

    /// <summary>Counts the changes, from 0.</summary>
    public ulong Generation { get; init; }

    /// <summary>When it was added.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Who changed it last.</summary>
    public required string UpdatedBy { get; init; }
}

/// <summary>The flow that greets a new conversation.</summary>
public sealed record WelcomeFlow : KeepsUnknownMembers
{
    /// <summary>One of the linked bundles.</summary>
    public required string BundleId { get; init; }

    /// <summary>A pack of that bundle.</summary>
    public required string PackId { get; init; }

    /// <summary>A flow of that pack.</summary>
    public required string FlowId { get; init; }
}
