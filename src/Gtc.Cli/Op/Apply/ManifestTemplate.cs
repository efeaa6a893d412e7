using System.Text;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Apply;

/// <summary>An example manifest with one entry per section. <c>vault_bootstrap</c> is left out: it excludes <c>secrets</c>.</summary>
internal static class ManifestTemplate
{
    /// <summary>The example: it parses, but its bundle, its variable and its customer are invented.</summary>
    public const string Text = """
        {
          "schema": "greentic.env-manifest.v1",
          "environment": { "id": "local", "name": "Local", "region": "eu-central-1", "tenant_org_id": "acme" },
          "trust_root": "bootstrap",
          "packs": [
            {
              "slot": "secrets",
              "kind": "greentic.secrets.dev-store@0.1.0",
              "pack_ref": "builtin"
            }
          ],
          "secrets": [
            { "path": "acme/_/messaging-telegram/bot_token", "from_env": "ACME_BOT_TOKEN" }
          ],
          "bundles": [
            {
              "bundle_id": "helpdesk",
              "customer_id": "acme",
              "bundle_path": "dist/helpdesk.gtbundle",
              "route_binding": { "hosts": ["help.acme.test"], "path_prefixes": ["/helpdesk"] },
              "revenue_share": [{ "party_id": "acme", "basis_points": 10000 }],
              "config_overrides": {}
            }
          ],
          "extensions": [
            { "kind": "acme.geo.lookup@1.0.0", "pack_ref": "builtin", "instance_id": "eu" }
          ],
          "messaging_endpoints": [
            { "name": "helpdesk-bot", "provider_type": "messaging.telegram.bot", "links": ["helpdesk"] }
          ],
          "cluster": { "provider": "kind", "name": "acme" },
          "updates": { "enabled": false }
        }

        """;

    /// <summary>Writes the example to a file that must not exist yet.</summary>
    public static Outcome<Answer> Write(string name, VerbCall call)
    {
        var path = call.Context.PathOf(name);
        if (File.Exists(path))
        {
            return new Refusal.Conflict($"{path} exists already; an example does not replace it");
        }

        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
        {
            file.Write(Encoding.UTF8.GetBytes(Text));
        }

        return Answer.Of(new TemplateWritten(path), ApplyJson.Default.TemplateWritten, screen =>
        {
            screen.Say($"An example is in {path}; edit it.");
            screen.Facts(("next", $"gtc op env apply --answers {name} --dry-run"));
        });
    }
}
