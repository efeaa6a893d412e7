using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gtc.Cli.Op;
using Gtc.Cli.Op.Apply;
using Gtc.Cli.Op.Secrets;
using Gtc.Cli.Payloads;
using Gtc.Model;

namespace Gtc.Cli.Tests.Payloads;

/// <summary>Manifests and answers with one to four wounds each, on the whole way from bytes to a plan. GTC_FUZZ says how many; eng/fuzz runs 200,000.</summary>
public class Damaged_input_is_refused_with_its_place
{
    private const int DefaultCount = 20_000;

    private const string Manifest = """
        {"schema":"greentic.env-manifest.v1","environment":{"id":"local","name":"N","region":"r","tenant_org_id":"t","listen_addr":"127.0.0.1:1","public_base_url":"https://a.test","gui_enabled":true},
        "trust_root":"bootstrap","secrets":[{"path":"acme/_/p/n","from_env":"V"}],
        "packs":[{"slot":"deployer","kind":"a.b@1.0.0","pack_ref":"builtin","answers":{"k":[1,null]}}],
        "bundles":[{"bundle_id":"b","bundle_source_uri":"oci://h/b:1","bundle_digest":"sha256:4f560749ec709e75b6063cdeccab15ed5074c2e60bc5f772c2d3b7d4bd992363","customer_id":"c","status":"paused",
        "revenue_share":[{"party_id":"p","basis_points":10000}],"config_overrides":{"p":{"k":1}},"route_binding":{"hosts":["h"],"path_prefixes":["/"],"tenant_selector":{"tenant":"t","team":"u"}}},
        {"bundle_id":"s","revisions":[{"name":"x","bundle_path":"x","weight_percent":90,"drain_seconds":1},{"name":"y","bundle_path":"y","weight_bps":1000,"abort_metrics":["m"]}]}],
        "extensions":[{"kind":"a.c@1.0.0","pack_ref":"builtin","instance_id":"eu"}],
        "messaging_endpoints":[{"name":"m","provider_type":"webchat","links":["b"],"welcome_flow":{"bundle_id":"b","pack_id":"p","flow_id":"f"},"secret_refs":["secret://local/t/_/p/n"]}],
        "cluster":{"provider":"kind","name":"c","load_images":["i"]},"updates":{"enabled":true,"trust_did":"did:web:a.test","poll_interval_secs":60,"on_notify":"stage","plan_endpoint":"https://a.test/plan"}}
        """;

    private const string Yaml = """
        schema: greentic.env-manifest.v1
        environment: { id: local, name: "N" }
        packs:
          - slot: secrets
            kind: greentic.secrets.dev-store@0.1.0
            pack_ref: builtin
            answers: &answers
              mode: dev
        bundles:
          - bundle_id: helpdesk
            bundle_path: dist/helpdesk.gtbundle
            route_binding:
              hosts: [help.acme.test]
              path_prefixes: ['/']
        """;

    private static readonly (string Name, string Sound, Func<JsonElement, Refusal?> Read)[] Inputs =
    [
        ("manifest.json", Manifest, ReadManifest),
        ("manifest.yaml", Manifest, ReadManifest),
        ("block.yaml", Yaml, ReadManifest),
        Payload("create", OpJson.Default.CreatePayload, """{"environment_id":"e","name":"n","region":"r","tenant_org_id":"t","listen_addr":"127.0.0.1:1","public_base_url":"https://a.test"}"""),
        Payload("add", OpJson.Default.AddDeploymentPayload, """{"bundle_id":"b","route_binding":{"hosts":["h"],"path_prefixes":["/"],"tenant_selector":{"tenant":"t"}},"revenue_share":[{"party_id":"p","basis_points":10000}],"config_overrides":{"p":{"k":[1,null,{"x":"y"}]}}}"""),
        Payload("stage", OpJson.Default.StagePayload, """{"bundle_source_uri":"http://h/b","bundle_digest":"sha256:00","pack_list":[{"pack_id":"p","version":"1.0.0","digest":"sha256:00"}],"drain_seconds":30}"""),
        Payload("traffic", OpJson.Default.SetTrafficPayload, """{"entries":[{"revision_id":"r","weight_bps":9000},{"revision_id":"s","weight_percent":10}],"idempotency_key":"k"}"""),
        Payload("secret", SecretsJson.Default.RotateSecretPayload, """{"path":"acme/_/p/n","generate":{"length":32,"alphabet":"hex"}}"""),
        Payload("deploy", ApplyJson.Default.DeployPayload, """{"bundle_path":"b","remote_pins":{"bundle_digest":"sha256:00","drain_seconds":1},"config_override":["p:k=v"],"route_binding":{"hosts":["h"]},"retire_superseded":true}"""),
    ];

    [Fact]
    public void It_never_throws()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("GTC_FUZZ"), CultureInfo.InvariantCulture, out var asked) ? asked : DefaultCount;
        var random = new Random(20261121);
        var refused = 0;
        for (var turn = 0; turn < count; turn++)
        {
            var (name, sound, read) = Inputs[turn % Inputs.Length];
            var bytes = Encoding.UTF8.GetBytes(sound).ToList();
            for (var wound = random.Next(1, 5); wound > 0; wound--)
            {
                Damage(bytes, random);
            }

            if (Read(name, bytes.ToArray(), read) is not { } refusal)
            {
                continue;
            }

            refused++;
            ErrorKinds.Of(refusal).ShouldBeOneOf("answers-parse", "invalid-argument", "spec", "conflict");
            HasPlace(refusal).ShouldBeTrue($"{turn}: {refusal.Message}");
            refusal.Message.ShouldNotContain("Gtc.");
        }

        refused.ShouldBeGreaterThan(count / 2);
    }

    [Fact]
    public void The_sound_ones_are_read()
    {
        foreach (var (name, sound, read) in Inputs)
        {
            Read(name, Encoding.UTF8.GetBytes(sound), read).ShouldBeNull(name);
        }
    }

    private static Refusal? Read(string name, byte[] bytes, Func<JsonElement, Refusal?> read) => AnswersFile.Parse(name, bytes).Match(read, refusal => refusal);

    /// <summary>What cannot be parsed at all names its file, what can be names the member.</summary>
    private static bool HasPlace(Refusal refusal) =>
        refusal.Details.Any(detail => detail.Label == "at") || refusal.Message.Contains('`', StringComparison.Ordinal) || refusal.Message.StartsWith("missing: ", StringComparison.Ordinal)
        || refusal.Message.StartsWith("the manifest ", StringComparison.Ordinal);

    /// <summary>What is accepted must also be planned, or refused.</summary>
    private static Refusal? ReadManifest(JsonElement element)
    {
        byte minted = 0;
        return Manifests.Parse(Encoding.UTF8.GetBytes(element.GetRawText())).Then(manifest =>
            ManifestDiff.Plan(null, manifest, new ApplyFacts { Variables = ["V"] }, () => Ulid.From(DateTimeOffset.UnixEpoch, [0, 0, 0, 0, 0, 0, 0, 0, 0, minted++]))).Match(_ => null, Tolerated);
    }

    /// <summary>A manifest for another environment is sound; that the environment is not there is a matter of the store.</summary>
    private static Refusal? Tolerated(Refusal refusal) => refusal is Refusal.Missing ? null : refusal;

    private static (string, string, Func<JsonElement, Refusal?>) Payload<T>(string name, JsonTypeInfo<T> type, string sound)
        where T : class => ($"{name}.json", sound, element => PayloadReader.Read(element, type, "example").Refusal);

    private static void Damage(List<byte> bytes, Random random)
    {
        const string Interesting = "{}[]\",:\\0-9eEtrufalsn_&*!|>#\n ";
        var at = random.Next(bytes.Count);
        switch (random.Next(6))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 1:
                bytes[at] = (byte)Interesting[random.Next(Interesting.Length)];
                break;
            case 2 when bytes.Count > 1:
                bytes.RemoveAt(at);
                break;
            case 3:
                bytes.RemoveRange(at, Math.Min(random.Next(1, 40), bytes.Count - at));
                bytes.Add((byte)'}');
                break;
            case 4:
                bytes.Insert(at, (byte)Interesting[random.Next(Interesting.Length)]);
                break;
            default:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 60), bytes.Count - at)));
                break;
        }
    }
}
