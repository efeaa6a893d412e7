using Gtc.Kubernetes;
using Gtc.Kubernetes.Tests;

namespace Gtc.Deployers.Kubernetes.Tests;

/// <summary>Every byte of every object, kept beside the tests: whoever changes one sees what clusters will see. GTC_WRITE_GOLDEN=1 writes them anew.</summary>
public sealed class Objects_are_those_of_the_golden_files
{
    private const string Source = "oci://registry.test/bundle@sha256:aa";

    public static TheoryData<string> Sets => ["default", "vault", "everything"];

    [Theory]
    [MemberData(nameof(Sets))]
    public void Every_object_of(string set)
    {
        var folder = Path.Combine(KubeLab.Root(), "tests", "Gtc.Deployers.Kubernetes.Tests", "Golden", set);
        var rendered = Of(set).Objects().Select((item, index) => (Name: RenderFolder.FileName(index, item), Text: YamlText.Of(KubeJson.ToElement(item)))).ToList();
        if (Environment.GetEnvironmentVariable("GTC_WRITE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(folder);
            Array.ForEach(Directory.GetFiles(folder), File.Delete);
            rendered.ForEach(file => File.WriteAllText(Path.Combine(folder, file.Name), file.Text));
        }

        Directory.GetFiles(folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal).ShouldBe(rendered.Select(file => file.Name).Order(StringComparer.Ordinal));
        foreach (var (name, text) in rendered)
        {
            text.ShouldBe(File.ReadAllText(Path.Combine(folder, name)), name);
        }
    }

    private static Rendered Of(string set) => (set switch
    {
        "default" => new Rendered { Secrets = new SecretsBackend.DevStore("QQ==") },
        "vault" => new Rendered { Secrets = new SecretsBackend.Vault([new EnvVar { Name = "VAULT_ADDR", Value = "https://vault:8200" }]) },
        _ => new Rendered { Answers = Everything, Secrets = new SecretsBackend.DevStore("QQ==") { IsSealed = true, Key = "a2V5" } },
    }).With(Rendered.First, Gtc.Model.RevisionLifecycle.Ready, 10_000, Source, drainSeconds: set == "everything" ? 120U : 30U);

    private const string Everything = """
        {
          "namespace": "shop", "runtime_image": "registry.test/gtc:1", "router_replicas": 3, "oci_insecure_registries": ["registry.test:5000"],
          "image_pull_secrets": ["one"], "image_pull_policy": "Always", "startup_and_liveness_probes": true, "worker_replicas": 2, "router_max_replicas": 9,
          "ingress_host": "bot.example.com", "ingress_class": "nginx", "ingress_tls_secret": "cert", "gateway": "edge/public", "gateway_host": "bot.example.com",
          "egress_allow": ["10.1.0.0/16:443"], "component_egress": "api.example.com,*.internal.example:8443,10.9.0.0/16:5432,fd00::/8", "secret_env": ["acme/_/billing/api_key=billing/key"],
          "external_secrets": ["acme/_/crm/token=prod/crm#token", "acme/_/crm/url=prod/crm-url"], "external_secrets_store": "ClusterSecretStore/vault", "external_secrets_refresh": "15m", "shared_signing_key": true, "console_through_routers": true
        }
        """;
}
