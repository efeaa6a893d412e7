using System.Text;
using System.Text.Json.Nodes;

namespace Gtc.Model.Tests.Manifests;

/// <summary>A manifest with every section, to be bent by tests.</summary>
internal static class ManifestText
{
    public const string Full = """
        {
          "schema": "greentic.env-manifest.v1",
          "environment": { "id": "staging", "name": "Staging", "region": "eu", "tenant_org_id": "acme", "listen_addr": "127.0.0.1:9000", "public_base_url": "https://a.test", "gui_enabled": true },
          "trust_root": "bootstrap",
          "packs": [
            { "slot": "deployer", "kind": "greentic.deployer.k8s@1.0.0", "pack_ref": "builtin", "answers": { "router_replicas": 2, "x": null } },
            { "slot": "secrets", "kind": "greentic.secrets.dev-store@1.0.0", "pack_ref": "builtin", "answers_ref": "s.json" }
          ],
          "secrets": [ { "path": "acme/_/messaging-telegram/bot_token", "from_env": "BOT" } ],
          "extensions": [ { "kind": "greentic.mem.long@1.0.0", "pack_ref": "builtin", "instance_id": "eu-1" } ],
          "bundles": [
            {
              "bundle_id": "helpdesk", "customer_id": "acme", "status": "active",
              "route_binding": { "hosts": ["help.acme.test"], "path_prefixes": ["/helpdesk"], "tenant_selector": { "tenant": "acme", "team": "default" } },
              "revenue_share": [ { "party_id": "a", "basis_points": 4000 }, { "party_id": "b", "basis_points": 6000 } ],
              "config_overrides": { "app": { "k": 1, "n": null } },
              "revisions": [
                { "name": "blue", "bundle_path": "b1.gtbundle", "weight_percent": 90, "drain_seconds": 5, "abort_metrics": ["errors"] },
                { "name": "green", "bundle_path": "b2.gtbundle", "weight_percent": 10 }
              ]
            },
            {
              "bundle_id": "webchat-bot", "customer_id": "acme", "bundle_source_uri": "oci://ghcr.io/x/webchat-bot:v1",
              "bundle_digest": "sha256:4f560749ec709e75b6063cdeccab15ed5074c2e60bc5f772c2d3b7d4bd992363"
            }
          ],
          "messaging_endpoints": [
            { "name": "bot", "provider_type": "messaging.telegram.bot", "links": ["helpdesk"], "secret_refs": ["secret://staging/acme/_/x/y"], "welcome_flow": { "bundle_id": "helpdesk", "pack_id": "app", "flow_id": "greet" } }
          ],
          "cluster": { "provider": "kind", "name": "c", "load_images": ["gtc:1"] },
          "updates": { "plan_endpoint": "https://updates.test/plan", "on_notify": "record-only", "poll_interval_secs": 60, "trust_did": null }
        }
        """;

    public static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);

    /// <summary>The full manifest after a change of its tree.</summary>
    public static byte[] With(Action<JsonNode> change)
    {
        var node = JsonNode.Parse(Full)!;
        change(node);
        return Bytes(node.ToJsonString());
    }

    public static Refusal? Refusal(Action<JsonNode> change) => Gtc.Model.Manifests.Parse(With(change)).Refusal;
}
