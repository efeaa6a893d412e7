using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Model;

/// <summary>The messaging endpoints, known by provider type and display name.</summary>
internal static class EndpointSteps
{
    public static Refusal? Draft(PlanDraft draft)
    {
        var endpoints = draft.Manifest.MessagingEndpoints ?? [];
        for (var index = 0; index < endpoints.Length; index++)
        {
            if ((CheckLinks(draft, endpoints[index], $"messaging_endpoints[{index}]") ?? (Refusal?)Draft(draft, endpoints[index])) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private static Refusal.InvalidArgument? CheckLinks(PlanDraft draft, ManifestEndpoint wanted, string at)
    {
        foreach (var bundle in wanted.Links ?? [])
        {
            if ((draft.Manifest.Bundles ?? []).Any(each => each.BundleId == bundle))
            {
                continue;
            }

            if (draft.Before.Bundles.All(deployment => deployment.BundleId != bundle))
            {
                return new Refusal.InvalidArgument($"{at}.links: bundle `{bundle}` is neither in the manifest nor in environment `{draft.Before.EnvironmentId}`");
            }

            draft.Warn($"{at}.links: bundle `{bundle}` is not in the manifest, only in the environment");
        }

        return null;
    }

    private static Refusal.Conflict? Draft(PlanDraft draft, ManifestEndpoint wanted)
    {
        var named = draft.Before.MessagingEndpoints.Where(endpoint => endpoint.DisplayName == wanted.Name).ToList();
        if (named.Count > 1)
        {
            return new Refusal.Conflict($"{named.Count} messaging endpoints are called `{wanted.Name}`; a manifest cannot tell which is meant");
        }

        var present = named.Count == 0 ? null : named[0];
        if (present is not null && present.ProviderType != wanted.ProviderType)
        {
            return new Refusal.Conflict($"messaging endpoint `{wanted.Name}` is of provider `{present.ProviderType}`, the manifest says `{wanted.ProviderType}`");
        }

        var id = present?.EndpointId ?? new MessagingEndpointId(draft.Mint());
        DraftEndpoint(draft, wanted, present, id);
        var key = $"{wanted.ProviderType}/{wanted.Name}";
        foreach (var bundle in wanted.Links ?? [])
        {
            var desired = JsonValue.Create(bundle);
            if (present?.LinkedBundles.Contains(bundle) == true)
            {
                draft.Unchanged(StepKinds.LinkEndpoint, $"{key}/{bundle}", desired);
                continue;
            }

            var head = draft.Head(StepKinds.LinkEndpoint, $"{key}/{bundle}", StepAction.Update, $"links bundle `{bundle}`", desired);
            draft.Add(new ApplyStep.LinkEndpoint(head, Request(draft, id, head), bundle));
        }

        DraftWelcome(draft, wanted, present, id, key);
        return null;
    }

    private static void DraftEndpoint(PlanDraft draft, ManifestEndpoint wanted, MessagingEndpoint? present, MessagingEndpointId id)
    {
        var key = $"{wanted.ProviderType}/{wanted.Name}";
        var desired = JsonSerializer.SerializeToNode(wanted with { Links = null, WelcomeFlow = null }, AuthoredJson.Default.ManifestEndpoint)!;
        if (present is null)
        {
            var head = draft.Head(StepKinds.AddEndpoint, key, StepAction.Create, $"adds a `{wanted.ProviderType}` endpoint", desired);
            draft.Add(new ApplyStep.AddEndpoint(head, new AddEndpoint
            {
                EndpointId = id,
                ProviderId = wanted.Name,
                ProviderType = wanted.ProviderType,
                DisplayName = wanted.Name,
                SecretRefs = wanted.SecretRefs ?? [],
                Provisioned = WebhookSecrets.IsTelegramClass(wanted.ProviderType) ? Webhook(draft, id) : (Outcome<string>?)null,
                UpdatedBy = draft.Facts.UpdatedBy,
                IdempotencyKey = head.IdempotencyKey,
            }));
        }
        else if (wanted.SecretRefs is { } references && !references.SequenceEqual(present.SecretRefs))
        {
            var head = draft.Head(StepKinds.AddEndpoint, key, StepAction.Update, "changes secret_refs", desired);
            draft.Add(new ApplyStep.UpdateEndpoint(head, Request(draft, id, head), references));
        }
        else
        {
            draft.Unchanged(StepKinds.AddEndpoint, key, desired);
        }
    }

    private static void DraftWelcome(PlanDraft draft, ManifestEndpoint wanted, MessagingEndpoint? present, MessagingEndpointId id, string key)
    {
        if (wanted.WelcomeFlow is not { } flow)
        {
            return;
        }

        var desired = JsonSerializer.SerializeToNode(flow, AuthoredJson.Default.ManifestWelcomeFlow)!;
        if (present?.WelcomeFlow is { } set && (set.BundleId, set.PackId, set.FlowId) == (flow.BundleId, flow.PackId, flow.FlowId))
        {
            draft.Unchanged(StepKinds.SetWelcomeFlow, key, desired);
            return;
        }

        var head = draft.Head(StepKinds.SetWelcomeFlow, key, StepAction.Update, $"greets with `{flow.FlowId}` of pack `{flow.PackId}`", desired);
        draft.Add(new ApplyStep.SetWelcomeFlow(head, Request(draft, id, head), new WelcomeFlow { BundleId = flow.BundleId, PackId = flow.PackId, FlowId = flow.FlowId }));
    }

    /// <summary>The owner that counts is the one after the host was changed.</summary>
    private static Outcome<string> Webhook(PlanDraft draft, MessagingEndpointId id)
    {
        var host = draft.Before.HostConfig with { TenantOrgId = draft.Manifest.Environment.TenantOrgId ?? draft.Before.HostConfig.TenantOrgId };
        return WebhookSecrets.Reference(draft.Before with { HostConfig = host }, id, SecretSteps.SecretsKind(draft)?.Path == SecretSteps.DevStore);
    }

    private static EndpointRequest Request(PlanDraft draft, MessagingEndpointId id, StepHead head) => new(id, draft.Facts.UpdatedBy, head.IdempotencyKey);
}
