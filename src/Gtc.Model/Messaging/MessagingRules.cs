namespace Gtc.Model;

/// <summary>The validity of messaging endpoints (environment-model.md §2.12 and §3 step 9).</summary>
internal static class MessagingRules
{
    internal static Refusal.InvalidDocument? Validate(EnvironmentDocument document)
    {
        var ids = new HashSet<MessagingEndpointId>();
        var instances = new HashSet<(string, string)>();
        var deployed = document.Bundles.Select(b => b.BundleId).ToHashSet(StringComparer.Ordinal);
        foreach (var endpoint in document.MessagingEndpoints)
        {
            var broken = ValidateAlone(endpoint, document) ?? EnvironmentRules.SameEnvironment(endpoint.EnvId, document, "messaging_endpoint");
            if (broken is not null)
            {
                return broken;
            }

            if (!ids.Add(endpoint.EndpointId))
            {
                return EnvironmentRules.Broken("DuplicateMessagingEndpoint", $"messaging endpoint {endpoint.EndpointId} stands twice");
            }

            if (!instances.Add((endpoint.ProviderType, endpoint.ProviderId)))
            {
                return EnvironmentRules.Broken("DuplicateProviderInstance", $"provider `{endpoint.ProviderType}` instance `{endpoint.ProviderId}` stands twice");
            }

            var stranger = endpoint.LinkedBundles.FirstOrDefault(bundle => !deployed.Contains(bundle));
            if (stranger is not null)
            {
                return EnvironmentRules.Broken("MessagingEndpointBundleNotLinked", $"messaging endpoint {endpoint.EndpointId} is linked to bundle `{stranger}`, which is not deployed here");
            }

            if (endpoint.WelcomeFlow is { } welcome && !endpoint.LinkedBundles.Contains(welcome.BundleId))
            {
                return EnvironmentRules.Broken("WelcomeFlowBundleNotLinked", $"the welcome flow of endpoint {endpoint.EndpointId} is in bundle `{welcome.BundleId}`, which is not linked");
            }
        }

        return null;
    }

    private static Refusal.InvalidDocument? ValidateAlone(MessagingEndpoint endpoint, EnvironmentDocument document)
    {
        if (EnvironmentRules.Schema(endpoint.Schema, Schemas.MessagingEndpoint) is { } schema)
        {
            return schema;
        }

        if (string.IsNullOrWhiteSpace(endpoint.ProviderId))
        {
            return EnvironmentRules.Broken("EmptyMessagingProviderId", $"messaging endpoint {endpoint.EndpointId} has no provider_id");
        }

        if (string.IsNullOrWhiteSpace(endpoint.ProviderType))
        {
            return EnvironmentRules.Broken("EmptyMessagingProviderType", $"messaging endpoint {endpoint.EndpointId} has no provider_type");
        }

        foreach (var reference in endpoint.SecretRefs)
        {
            if (EnvironmentRules.CrossEnvironment(reference, document, "messaging_endpoint.secret_refs") is { } cross)
            {
                return cross;
            }
        }

        return endpoint.WelcomeFlow is { } welcome && string.IsNullOrWhiteSpace(welcome.FlowId)
            ? EnvironmentRules.Broken("EmptyWelcomeFlowId", $"messaging endpoint {endpoint.EndpointId} has a welcome flow without flow_id")
            : EnvironmentRules.CrossEnvironment(endpoint.WebhookSecretRef, document, "messaging_endpoint.webhook_secret_ref");
    }
}
