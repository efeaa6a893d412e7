using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Building;

/// <summary>Writes the documents that a build generates (bundle-format.md §2.1, §2.2, §2.4).</summary>
internal sealed class BundleDocuments(BundleSource bundle, ImmutableArray<string> references, ImmutableArray<ResolvedTarget> targets)
{
    public byte[] Manifest() => DocumentText.Write(json =>
    {
        json.WriteString("format_version", BundleManifest.Format);
        json.WriteString("bundle_id", bundle.BundleId);
        json.WriteString("bundle_name", bundle.BundleName);
        json.WriteString("requested_mode", bundle.Mode);
        json.WriteString("locale", bundle.Locale);
        json.WriteString("artifact_extension", ".gtbundle");
        json.WriteTexts("generated_resolved_files", targets.Select(target => target.Path));
        json.WriteTexts("generated_setup_files", []);
        json.WriteTexts("app_packs", references);
        json.WriteTexts("extension_providers", bundle.ExtensionProviders);
        json.WriteTexts("catalogs", bundle.Catalogs);
        json.WriteTexts("hooks", bundle.Hooks);
        json.WriteTexts("subscriptions", bundle.Subscriptions);
        json.WriteTexts("capabilities", bundle.Capabilities);
        json.WriteStartArray("resolved_targets");
        foreach (var target in targets)
        {
            Target(json, target);
        }

        json.WriteEndArray();
    });

    /// <param name="toolVersion">The builder's version.</param>
    /// <param name="digests">Digests of the packs that are in the bundle, by reference.</param>
    public byte[] Lock(string toolVersion, IReadOnlyDictionary<string, Sha256Digest> digests) => DocumentText.Write(json =>
    {
        json.WriteNumber("schema_version", 1);
        json.WriteString("bundle_id", bundle.BundleId);
        json.WriteString("requested_mode", bundle.Mode);
        json.WriteString("execution", "execute");
        json.WriteString("cache_policy", "workspace-local");
        json.WriteString("tool_version", toolVersion);
        json.WriteString("build_format_version", BundleLock.Format);
        json.WriteString("workspace_root", BundleSource.FileName);
        json.WriteString("lock_file", "bundle.lock.json");
        json.WriteTexts("catalogs", bundle.Catalogs);
        References(json, "app_packs", references, digests);
        References(json, "extension_providers", bundle.ExtensionProviders, digests);
        json.WriteTexts("setup_state_files", []);
    });

    public byte[] Resolved(ResolvedTarget target) => YamlText.Write(DocumentText.Build(json =>
    {
        json.WriteNumber("version", 1);
        json.WriteString("tenant", target.Tenant);
        Text(json, "team", target.Team);
        json.WriteString("project_root", ".");
        json.WriteStartObject("bundle");
        json.WriteString("bundle_id", bundle.BundleId);
        json.WriteString("bundle_name", bundle.BundleName);
        json.WriteString("locale", bundle.Locale);
        json.WriteString("mode", bundle.Mode);
        json.WriteBoolean("advanced_setup", bundle.AdvancedSetup);
        json.WriteBoolean("setup_execution_intent", bundle.SetupExecutionIntent);
        json.WriteBoolean("export_intent", bundle.ExportIntent);
        json.WriteEndObject();
        json.WriteStartObject("policy");
        json.WriteStartObject("source");
        Text(json, "tenant_gmap", target.TenantGmap);
        Text(json, "team_gmap", target.TeamGmap);
        json.WriteEndObject();
        Text(json, "default", target.DefaultPolicy);
        json.WriteEndObject();
        json.WriteTexts("catalogs", bundle.Catalogs);
        Policies(json, "app_packs", target.AppPackPolicies);
        json.WriteTexts("extension_providers", bundle.ExtensionProviders);
        json.WriteTexts("hooks", bundle.Hooks);
        json.WriteTexts("subscriptions", bundle.Subscriptions);
        json.WriteTexts("capabilities", bundle.Capabilities);
    }));

    private static void Target(Utf8JsonWriter json, ResolvedTarget target)
    {
        json.WriteStartObject();
        json.WriteString("path", target.Path);
        json.WriteString("tenant", target.Tenant);
        Text(json, "team", target.Team);
        Text(json, "default_policy", target.DefaultPolicy);
        Text(json, "tenant_gmap", target.TenantGmap);
        Text(json, "team_gmap", target.TeamGmap);
        Policies(json, "app_pack_policies", target.AppPackPolicies);
        json.WriteEndObject();
    }

    private static void Policies(Utf8JsonWriter json, string name, ImmutableArray<AppPackPolicy> policies)
    {
        json.WriteStartArray(name);
        foreach (var policy in policies)
        {
            json.WriteStartObject();
            json.WriteString("reference", policy.Reference);
            json.WriteString("policy", policy.Policy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void References(Utf8JsonWriter json, string name, ImmutableArray<string> references, IReadOnlyDictionary<string, Sha256Digest> digests)
    {
        json.WriteStartArray(name);
        foreach (var reference in references)
        {
            json.WriteStartObject();
            json.WriteString("reference", reference);
            if (digests.TryGetValue(reference, out var digest))
            {
                json.WriteString("digest", digest.ToString());
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
