using System.Text.Json.Nodes;

namespace Gtc.Model;

/// <summary>What is removed because the manifest does not name it. Endpoints go before the bundles that they are linked to.</summary>
internal static class PruneSteps
{
    public static Refusal? Draft(PlanDraft draft)
    {
        var manifest = draft.Manifest;
        foreach (var section in draft.Facts.Prune)
        {
            bool? isPresent = section switch
            {
                PruneSections.Packs => manifest.Packs is not null,
                PruneSections.Bundles => manifest.Bundles is not null,
                PruneSections.Extensions => manifest.Extensions is not null,
                PruneSections.MessagingEndpoints => manifest.MessagingEndpoints is not null,
                _ => null,
            };
            if (isPresent != true)
            {
                return new Refusal.InvalidArgument(isPresent is null
                    ? $"section `{section}` cannot be pruned: {string.Join(", ", PruneSections.All)} can"
                    : $"section `{section}` is not in the manifest, so pruning it would remove everything; write it as an empty list if that is meant");
            }
        }

        DraftEndpoints(draft);
        DraftBundles(draft);
        DraftExtensions(draft);
        DraftPacks(draft);
        return null;
    }

    private static void DraftEndpoints(PlanDraft draft)
    {
        var named = Named(draft, PruneSections.MessagingEndpoints, draft.Manifest.MessagingEndpoints?.Select(endpoint => endpoint.Name));
        foreach (var endpoint in draft.Before.MessagingEndpoints.Where(endpoint => named?.Contains(endpoint.DisplayName) == false))
        {
            draft.Add(new ApplyStep.RemoveEndpoint(Head(draft, StepKinds.RemoveEndpoint, $"{endpoint.ProviderType}/{endpoint.DisplayName}", "removes the endpoint"), endpoint.EndpointId));
        }
    }

    private static void DraftBundles(PlanDraft draft)
    {
        var named = Named(draft, PruneSections.Bundles, draft.Manifest.Bundles?.Select(bundle => bundle.BundleId));
        foreach (var deployment in draft.Before.Bundles.Where(deployment => named?.Contains(deployment.BundleId) == false))
        {
            var routed = Find.Split(draft.Before, deployment.DeploymentId) is null ? "" : ", which takes traffic";
            draft.Add(new ApplyStep.RemoveBundle(
                Head(draft, StepKinds.RemoveBundle, $"{deployment.BundleId}/{deployment.CustomerId}", $"removes the deployment{routed}, and its revisions"), deployment.DeploymentId));
        }
    }

    private static void DraftExtensions(PlanDraft draft)
    {
        var named = Named(draft, PruneSections.Extensions, draft.Manifest.Extensions?.Select(KeyOf));
        foreach (var extension in draft.Before.Extensions.Where(extension => named?.Contains(ExtensionKey.Of(extension).ToString()) == false))
        {
            var key = ExtensionKey.Of(extension);
            draft.Add(new ApplyStep.RemoveExtension(Head(draft, StepKinds.RemoveExtension, key.ToString(), $"removes {extension.Kind}"), key));
        }
    }

    private static void DraftPacks(PlanDraft draft)
    {
        var named = Named(draft, PruneSections.Packs, draft.Manifest.Packs?.Select(pack => pack.Slot));
        foreach (var pack in draft.Before.Packs.Where(pack => named?.Contains(PackVerbs.Text(pack.Slot)) == false))
        {
            draft.Add(new ApplyStep.RemovePack(Head(draft, StepKinds.RemovePackBinding, PackVerbs.Text(pack.Slot), $"removes {pack.Kind}"), pack.Slot));
        }
    }

    /// <summary>What a section names, or null when it is not pruned.</summary>
    private static HashSet<string>? Named(PlanDraft draft, string section, IEnumerable<string>? names) =>
        draft.Facts.Prune.Contains(section) ? [.. names ?? []] : null;

    private static string KeyOf(ManifestExtension extension)
    {
        _ = PackDescriptor.TryParse(extension.Kind, out var kind);
        return new ExtensionKey(kind.Path, extension.InstanceId).ToString();
    }

    private static StepHead Head(PlanDraft draft, string kind, string key, string detail) => draft.Head(kind, key, StepAction.Delete, detail, JsonValue.Create("absent"));
}
