using System.Text.Json;

namespace Gtc.Model;

/// <summary>The environment itself, its host and its trust root.</summary>
internal static class EnvironmentSteps
{
    public static Refusal? Draft(PlanDraft draft)
    {
        var wanted = draft.Manifest.Environment;
        var id = JsonSerializer.SerializeToNode(wanted.Id, AuthoredJson.Default.String)!;
        if (draft.IsNew)
        {
            draft.Add(new ApplyStep.EnsureEnvironment(draft.Head(StepKinds.EnsureEnvironment, wanted.Id, StepAction.Create, "made with its default env-packs", id)));
        }
        else
        {
            draft.Unchanged(StepKinds.EnsureEnvironment, wanted.Id, id);
        }

        DraftHost(draft, wanted);
        if (draft.Manifest.TrustRoot is { } root)
        {
            var desired = JsonSerializer.SerializeToNode(root, AuthoredJson.Default.String)!;
            if (draft.Facts.IsTrustRootBootstrapped)
            {
                draft.Unchanged(StepKinds.BootstrapTrustRoot, wanted.Id, desired);
            }
            else
            {
                draft.Add(new ApplyStep.BootstrapTrustRoot(draft.Head(StepKinds.BootstrapTrustRoot, wanted.Id, StepAction.Create, "trusts the operator key", desired)));
            }
        }

        if (draft.Manifest.Cluster is not null)
        {
            draft.Warn("cluster: only env up acts on it; env apply touches no cluster");
        }

        if (draft.Manifest.VaultBootstrap is not null)
        {
            draft.Warn("vault_bootstrap: only env up acts on it; env apply touches no Vault");
        }

        return null;
    }

    private static void DraftHost(PlanDraft draft, ManifestEnvironment wanted)
    {
        var host = draft.Before.HostConfig;
        var url = wanted.PublicBaseUrl is { } text ? PublicBaseUrl.Parse(text).Value : null;
        var patch = new UpdateEnvironment
        {
            Name = wanted.Name is { } name && name != draft.Before.Name ? name : null,
            Region = Patch(wanted.Region, host.Region),
            TenantOrgId = Patch(wanted.TenantOrgId, host.TenantOrgId),
            ListenAddr = Patch(wanted.ListenAddr, host.ListenAddr),
            PublicBaseUrl = Patch(url, host.PublicBaseUrl),
            GuiEnabled = wanted.GuiEnabled is { } gui && gui != host.GuiEnabled ? FieldUpdate.Set(gui) : default,
        };
        var desired = JsonSerializer.SerializeToNode(wanted, AuthoredJson.Default.ManifestEnvironment)!;
        if (patch == new UpdateEnvironment())
        {
            draft.Unchanged(StepKinds.UpdateHostConfig, wanted.Id, desired);
            return;
        }

        draft.Add(new ApplyStep.UpdateHost(draft.Head(StepKinds.UpdateHostConfig, wanted.Id, StepAction.Update, $"changes {string.Join(", ", Changed(patch))}", desired), patch));
    }

    private static FieldUpdate<string> Patch(string? wanted, string? present) => wanted is not null && wanted != present ? FieldUpdate.Set(wanted) : default;

    private static IEnumerable<string> Changed(UpdateEnvironment patch)
    {
        (string Name, bool IsSet)[] fields =
        [
            ("name", patch.Name is not null), ("region", patch.Region.IsSet), ("tenant_org_id", patch.TenantOrgId.IsSet), ("listen_addr", patch.ListenAddr.IsSet),
            ("public_base_url", patch.PublicBaseUrl.IsSet), ("gui_enabled", patch.GuiEnabled.IsSet),
        ];
        return fields.Where(field => field.IsSet).Select(field => field.Name);
    }
}
