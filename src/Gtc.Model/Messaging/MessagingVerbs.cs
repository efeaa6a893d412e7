using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>The verbs on messaging endpoints (environment-model.md §4.9). Pure: a webhook secret is provisioned by the caller.</summary>
public static class MessagingVerbs
{
    /// <summary>Adds an endpoint. The same key with the same identity is a replay; a second endpoint of one identity is a conflict.</summary>
    public static Outcome<EndpointChange> Add(EnvironmentDocument document, AddEndpoint command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(command);
        if (document.MessagingEndpoints.FirstOrDefault(e => IdempotencyStamp.Matches(e, "add", command.IdempotencyKey)) is { } stamped)
        {
            return stamped.ProviderType == command.ProviderType && stamped.ProviderId == command.ProviderId
                ? Unchanged(document, stamped)
                : new Refusal.Conflict($"idempotency key `{command.IdempotencyKey}` was used for provider `{stamped.ProviderType}` instance `{stamped.ProviderId}`");
        }

        if (document.MessagingEndpoints.FirstOrDefault(e => e.ProviderType == command.ProviderType && e.ProviderId == command.ProviderId) is { } twin)
        {
            return new Refusal.Conflict($"provider `{twin.ProviderType}` instance `{twin.ProviderId}` is endpoint {twin.EndpointId} already") { IsDuplicate = true };
        }

        return CheckRefs(document, command.SecretRefs) is { } bad ? bad : WebhookSecret(document, command).Then(webhook =>
        {
            var added = new MessagingEndpoint
            {
                Schema = Schemas.MessagingEndpoint,
                EnvId = document.EnvironmentId,
                EndpointId = command.EndpointId,
                ProviderId = command.ProviderId,
                ProviderType = command.ProviderType,
                DisplayName = command.DisplayName,
                SecretRefs = command.SecretRefs,
                WebhookSecretRef = webhook,
                AcceptsUnsignedWebhooks = command.AcceptsUnsignedWebhooks ? true : null,
                CreatedAt = now,
                UpdatedAt = now,
                UpdatedBy = command.UpdatedBy,
            };
            var after = document with { MessagingEndpoints = document.MessagingEndpoints.Add(added) };
            return Find.Sound(after, new EndpointChange(after, added, true));
        });
    }

    /// <summary>Lets a deployed bundle use an endpoint.</summary>
    public static Outcome<EndpointChange> Link(EnvironmentDocument document, EndpointRequest request, string bundleId, DateTimeOffset now) =>
        On(document, request, "link-bundle", endpoint =>
        {
            if (document.Bundles.All(d => d.BundleId != bundleId))
            {
                return new Refusal.Missing($"bundle `{bundleId}` is not deployed in environment `{document.EnvironmentId}`");
            }

            return endpoint.LinkedBundles.Contains(bundleId) ? endpoint : endpoint with { LinkedBundles = endpoint.LinkedBundles.Add(bundleId) };
        }, now);

    /// <summary>Takes an endpoint away from a bundle. Refused while the bundle greets new conversations there.</summary>
    public static Outcome<EndpointChange> Unlink(EnvironmentDocument document, EndpointRequest request, string bundleId, DateTimeOffset now) =>
        On(document, request, "unlink-bundle", endpoint =>
        {
            if (!endpoint.LinkedBundles.Contains(bundleId))
            {
                return endpoint;
            }

            return endpoint.WelcomeFlow?.BundleId == bundleId
                ? new Refusal.Conflict($"bundle `{bundleId}` owns the welcome flow of endpoint {endpoint.EndpointId}")
                : endpoint with { LinkedBundles = endpoint.LinkedBundles.Remove(bundleId) };
        }, now);

    /// <summary>Says which flow greets a new conversation. Its bundle must be linked, its pack in a current revision, where packs are known.</summary>
    public static Outcome<EndpointChange> SetWelcomeFlow(EnvironmentDocument document, EndpointRequest request, WelcomeFlow flow, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return On(document, request, "set-welcome-flow", endpoint =>
        {
            if (!endpoint.LinkedBundles.Contains(flow.BundleId))
            {
                return new Refusal.InvalidArgument($"bundle `{flow.BundleId}` is not linked to endpoint {endpoint.EndpointId}");
            }

            var known = KnownPacks(document, flow.BundleId);
            if (!known.IsEmpty && !known.Contains(flow.PackId))
            {
                return new Refusal.InvalidArgument($"pack `{flow.PackId}` is in no current revision of bundle `{flow.BundleId}`") { Details = [new("known", string.Join(", ", known))] };
            }

            return endpoint.WelcomeFlow == flow ? endpoint : endpoint with { WelcomeFlow = flow };
        }, now);
    }

    /// <summary>Replaces the references to the provider's secrets.</summary>
    public static Outcome<EndpointChange> SetSecretRefs(EnvironmentDocument document, EndpointRequest request, ImmutableArray<string> references, DateTimeOffset now) =>
        On(document, request, "set-secret-refs", endpoint =>
        {
            if (CheckRefs(document, references) is { } bad)
            {
                return bad;
            }

            return endpoint.SecretRefs.SequenceEqual(references) ? endpoint : endpoint with { SecretRefs = references };
        }, now);

    /// <summary>Removes an endpoint; one that is absent is no error.</summary>
    public static EndpointChange Remove(EnvironmentDocument document, MessagingEndpointId id)
    {
        ArgumentNullException.ThrowIfNull(document);
        var present = document.MessagingEndpoints.FirstOrDefault(endpoint => endpoint.EndpointId == id);
        return present is null
            ? new EndpointChange(document, null, false)
            : new EndpointChange(document with { MessagingEndpoints = document.MessagingEndpoints.Remove(present) }, present, true);
    }

    /// <summary>Stamps a new webhook secret on an endpoint of the Telegram class: the caller's own reference, or how provisioning one ended.</summary>
    /// <param name="document">The document.</param>
    /// <param name="request">The endpoint, and who asks.</param>
    /// <param name="reference">The caller's own reference, or null.</param>
    /// <param name="provisioned">How provisioning ended; not looked at when there is a reference.</param>
    /// <param name="now">The time.</param>
    public static Outcome<EndpointChange> RotateWebhookSecret(
        EnvironmentDocument document, EndpointRequest request, string? reference, Outcome<string>? provisioned, DateTimeOffset now) =>
        On(document, request, "rotate-webhook-secret", endpoint => WebhookSecrets.IsTelegramClass(endpoint.ProviderType)
            ? WebhookSecret(document, endpoint.ProviderType, reference, provisioned).Then<MessagingEndpoint>(webhook => endpoint with { WebhookSecretRef = webhook })
            : new Refusal.InvalidArgument($"provider `{endpoint.ProviderType}` of endpoint {endpoint.EndpointId} has no webhook secret; only the Telegram class has"), now);

    private static Outcome<EndpointChange> On(
        EnvironmentDocument document,
        EndpointRequest request,
        string operation,
        Func<MessagingEndpoint, Outcome<MessagingEndpoint>> change,
        DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(request);
        if (!Find.Endpoint(document, request.EndpointId).TryGet(out var endpoint, out var refusal))
        {
            return refusal;
        }

        if (IdempotencyStamp.Matches(endpoint, operation, request.IdempotencyKey))
        {
            return Unchanged(document, endpoint);
        }

        if (!change(endpoint).TryGet(out var changed, out refusal))
        {
            return refusal;
        }

        if (ReferenceEquals(changed, endpoint))
        {
            return Unchanged(document, endpoint);
        }

        return Generations.Next(endpoint.Generation, $"messaging endpoint {endpoint.EndpointId}").Then(generation =>
        {
            var stamped = changed with { Generation = generation, UpdatedAt = now, UpdatedBy = request.UpdatedBy };
            var after = document with { MessagingEndpoints = document.MessagingEndpoints.Replace(endpoint, stamped) };
            return Find.Sound(after, new EndpointChange(after, stamped, true));
        });
    }

    private static EndpointChange Unchanged(EnvironmentDocument document, MessagingEndpoint endpoint) => new(document, endpoint, false);

    private static Outcome<string?> WebhookSecret(EnvironmentDocument document, AddEndpoint command) => !command.AcceptsUnsignedWebhooks
        ? WebhookSecret(document, command.ProviderType, command.WebhookSecretRef, command.Provisioned)
        : WebhookSecrets.IsTelegramClass(command.ProviderType) && command.WebhookSecretRef is null ? (string?)null
        : new Refusal.InvalidArgument("accepts_unsigned_webhooks is for a provider of the Telegram class without a webhook secret; the components of others check their callers themselves");

    /// <summary>The reference to stamp, or null for a provider that has no webhook secret.</summary>
    private static Outcome<string?> WebhookSecret(EnvironmentDocument document, string providerType, string? reference, Outcome<string>? provisioned)
    {
        if (!WebhookSecrets.IsTelegramClass(providerType))
        {
            return reference is null ? (string?)null : new Refusal.InvalidArgument($"provider `{providerType}` sends no webhook secret; webhook_secret_ref is for the Telegram class");
        }

        if (reference is not null)
        {
            return CheckRefs(document, [reference]) is { } bad ? bad : reference;
        }

        return provisioned is { } outcome
            ? outcome.Then<string?>(made => CheckRefs(document, [made]) is { } wrong ? wrong : made)
            : new Refusal.Conflict($"provider `{providerType}` needs a webhook secret, and none was provisioned");
    }

    private static Refusal.InvalidArgument? CheckRefs(EnvironmentDocument document, ImmutableArray<string> references) =>
        references.Select(reference => EnvironmentRules.CrossEnvironment(reference, document, "secret_refs")).FirstOrDefault(broken => broken is not null) is { } broken
            ? new Refusal.InvalidArgument(broken.Message)
            : null;

    private static ImmutableSortedSet<string> KnownPacks(EnvironmentDocument document, string bundleId)
    {
        var current = document.Bundles.Where(d => d.BundleId == bundleId).SelectMany(d => d.CurrentRevisions).ToHashSet();
        return document.Revisions
            .Where(revision => current.Contains(revision.RevisionId))
            .SelectMany(revision => revision.PackList.Select(pack => pack.PackId))
            .ToImmutableSortedSet(StringComparer.Ordinal);
    }
}
