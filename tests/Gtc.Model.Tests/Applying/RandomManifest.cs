using System.Globalization;
using System.Text.Json.Nodes;

namespace Gtc.Model.Tests.Applying;

/// <summary>Draws manifests for environment <c>staging</c> from a seed.</summary>
internal sealed class RandomManifest(int seed)
{
    private static readonly string[] Paths = ["a", "b", "c"];
    private static readonly string[] Bundles = ["main", "shop"];
    private readonly Random _random = new(seed);
    private bool _hasEverything;

    public string Next(ApplyLab lab, bool withEverything = false)
    {
        _hasEverything = withEverything;
        var root = new JsonObject { ["schema"] = "greentic.env-manifest.v1", ["environment"] = Environment() };
        Maybe(() => root["trust_root"] = "bootstrap");
        root["packs"] = Packs(lab);
        Maybe(() => root["secrets"] = new JsonArray(new JsonObject { ["path"] = "acme/_/p/n", ["from_env"] = "BOT" }));
        var bundles = Bundles.Take(1 + _random.Next(2)).ToList();
        root["bundles"] = new JsonArray([.. bundles.Select(Bundle)]);
        Maybe(() => root["extensions"] = new JsonArray(Extension(lab)));
        Maybe(() => root["messaging_endpoints"] = new JsonArray(Endpoint(bundles)));
        Maybe(() => root["updates"] = new JsonObject { ["poll_interval_secs"] = 60 + _random.Next(3), ["on_notify"] = Pick("record-only", "stage", "apply") });
        return root.ToJsonString();
    }

    private JsonObject Environment()
    {
        var environment = new JsonObject { ["id"] = "staging" };
        Maybe(() => environment["name"] = Pick("One", "Two"));
        Maybe(() => environment["region"] = Pick("eu", "us"));
        Maybe(() => environment["public_base_url"] = Pick("https://a.test/", "https://b.test"));
        Maybe(() => environment["gui_enabled"] = _random.Next(2) == 0);
        return environment;
    }

    private JsonArray Packs(ApplyLab lab)
    {
        var packs = new JsonArray(new JsonObject { ["slot"] = "secrets", ["kind"] = "greentic.secrets.dev-store@0.1.0", ["pack_ref"] = "builtin" });
        Maybe(() =>
        {
            var pack = new JsonObject { ["slot"] = "deployer", ["kind"] = Pick("greentic.deployer.k8s@1.0.0", "greentic.deployer.local-process@0.1.0"), ["pack_ref"] = "builtin" };
            switch (_random.Next(3))
            {
                case 0:
                    pack["answers"] = new JsonObject { ["replicas"] = _random.Next(3) };
                    break;
                case 1:
                    pack["answers_ref"] = AnswersFile(lab);
                    break;
            }

            packs.Add((JsonNode)pack);
        });
        return packs;
    }

    private JsonObject Bundle(string id)
    {
        var bundle = new JsonObject { ["bundle_id"] = id, ["customer_id"] = "acme" };
        if (_random.Next(2) == 0)
        {
            Source(bundle);
        }
        else
        {
            bundle["revisions"] = Revisions();
        }

        Maybe(() => bundle["status"] = Pick("active", "paused"));
        Maybe(() => bundle["revenue_share"] = new JsonArray(
            new JsonObject { ["party_id"] = "a", ["basis_points"] = 4000 + _random.Next(2) },
            new JsonObject { ["party_id"] = "b", ["basis_points"] = 0 }));
        if (bundle["revenue_share"] is JsonArray shares)
        {
            shares[1]!["basis_points"] = 10_000 - shares[0]!["basis_points"]!.GetValue<int>();
        }

        Maybe(() => bundle["config_overrides"] = _random.Next(3) == 0 ? new JsonObject() : new JsonObject { ["app"] = new JsonObject { ["k"] = _random.Next(3) } });
        Maybe(() => bundle["route_binding"] = new JsonObject { ["hosts"] = new JsonArray(Pick("a.test", "b.test")), ["path_prefixes"] = new JsonArray("/" + id) });
        return bundle;
    }

    private JsonArray Revisions()
    {
        var count = 1 + _random.Next(3);
        var isWeighted = _random.Next(2) == 0;
        var rest = 10_000;
        var revisions = new JsonArray();
        for (var index = 0; index < count; index++)
        {
            var revision = new JsonObject { ["name"] = index.ToString(CultureInfo.InvariantCulture) };
            Source(revision);
            if (isWeighted)
            {
                var weight = index == count - 1 ? rest : _random.Next(rest + 1);
                rest -= weight;
                revision["weight_bps"] = weight;
            }

            revisions.Add((JsonNode)revision);
        }

        return revisions;
    }

    private void Source(JsonObject at)
    {
        at["bundle_path"] = Paths[_random.Next(3)];
        if (_random.Next(3) == 0)
        {
            at["bundle_source_uri"] = Pick("oci://x/y:1", "https://x.test/y");
        }
    }

    private JsonObject Extension(ApplyLab lab)
    {
        var extension = new JsonObject { ["kind"] = Pick("greentic.mem@1.0.0", "greentic.mem@1.1.0"), ["pack_ref"] = "builtin" };
        Maybe(() => extension["instance_id"] = "eu");
        Maybe(() => extension["answers_ref"] = AnswersFile(lab));
        return extension;
    }

    private JsonObject Endpoint(List<string> bundles)
    {
        var type = Pick("messaging.telegram.bot", "slack");
        var endpoint = new JsonObject { ["name"] = "bot-" + type, ["provider_type"] = type, ["secret_refs"] = new JsonArray($"secret://staging/{_random.Next(2)}") };
        Maybe(() =>
        {
            endpoint["links"] = new JsonArray([.. bundles.Select(bundle => (JsonNode)bundle)]);
            endpoint["welcome_flow"] = new JsonObject { ["bundle_id"] = bundles[0], ["pack_id"] = "app", ["flow_id"] = Pick("greet", "hello") };
        });
        return endpoint;
    }

    private string AnswersFile(ApplyLab lab)
    {
        lab.Facts = lab.Facts with { AnswersFiles = lab.Facts.AnswersFiles.SetItem("answers.json", ApplyLab.Digest(Pick("1", "2")[0])) };
        return "answers.json";
    }

    private string Pick(params string[] words) => words[_random.Next(words.Length)];

    private void Maybe(Action action)
    {
        if (_hasEverything || _random.Next(2) == 0)
        {
            action();
        }
    }
}
