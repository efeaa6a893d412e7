using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>What <c>messaging endpoint add</c> asks for (environment-model.md §4.9).</summary>
public sealed record AddEndpoint
{
    /// <summary>The minted id.</summary>
    public required MessagingEndpointId EndpointId { get; init; }

    /// <summary>Which instance of the provider.</summary>
    public required string ProviderId { get; init; }

    /// <summary>Which provider.</summary>
    public required string ProviderType { get; init; }

    /// <summary>A name for people.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Secrets of the provider.</summary>
    public ImmutableArray<string> SecretRefs { get; init; } = [];

    /// <summary>The caller's own webhook secret, for a provider of the Telegram class only.</summary>
    public string? WebhookSecretRef { get; init; }

    /// <summary>
    /// How provisioning the webhook secret ended: its reference, or why there is none. Needed for a provider of the Telegram class without
    /// <see cref="WebhookSecretRef"/>, see <see cref="WebhookSecrets"/>; not looked at otherwise.
    /// </summary>
    public Outcome<string>? Provisioned { get; init; }

    /// <summary>Whether webhooks are accepted without a secret (decision 35); then none is needed. For a provider of the Telegram class only.</summary>
    public bool AcceptsUnsignedWebhooks { get; init; }

    /// <summary>Who adds it.</summary>
    public required string UpdatedBy { get; init; }

    /// <summary>The key of the request, or null.</summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>Who changes an endpoint, and under which key.</summary>
/// <param name="EndpointId">The endpoint.</param>
/// <param name="UpdatedBy">Who.</param>
/// <param name="IdempotencyKey">The key of the request, or null.</param>
public sealed record EndpointRequest(MessagingEndpointId EndpointId, string UpdatedBy, string? IdempotencyKey);

/// <summary>How a change of an endpoint ended.</summary>
/// <param name="Document">The document after; the same as before when nothing changed.</param>
/// <param name="Endpoint">The endpoint after, or the one that was removed, or null when there was none to remove.</param>
/// <param name="IsMutated">False on a replay and when it was so already: there is nothing to save.</param>
public sealed record EndpointChange(EnvironmentDocument Document, MessagingEndpoint? Endpoint, bool IsMutated);
