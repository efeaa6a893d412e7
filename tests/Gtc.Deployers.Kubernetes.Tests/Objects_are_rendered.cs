using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests;

public class Objects_are_rendered
{
    private const string Source = "oci://registry.test/bundle@sha256:aa";

    private static readonly string[] EnvironmentLevel =
    [
        "Namespace gtc-local", "ConfigMap gtc-env-store", "ConfigMap gtc-runtime-config", "Deployment gtc-router", "Service gtc-router", "PodDisruptionBudget gtc-router",
        "NetworkPolicy gtc-default-deny", "NetworkPolicy gtc-allow-dns", "NetworkPolicy gtc-allow-router", "NetworkPolicy gtc-allow-workers",
        "NetworkPolicy gtc-allow-worker-egress", "NetworkPolicy gtc-allow-router-egress",
    ];

    private static readonly string[] Worker = ["Deployment gtc-worker-01j9zk3v7t5w8q2r4n6m0p1xyz", "Service gtc-worker-01j9zk3v7t5w8q2r4n6m0p1xyz"];

    [Fact]
    [Trait("fact", "k8s-deployer:17.1")]
    public void Twelve_without_revisions() => Names(new Rendered()).ShouldBe(EnvironmentLevel);

    [Fact]
    [Trait("fact", "k8s-deployer:17.2")]
    public void Thirteen_with_a_dev_store()
    {
        var rendered = new Rendered { Secrets = new SecretsBackend.DevStore(null) };
        Names(rendered).ShouldBe([.. EnvironmentLevel, "Secret gtc-dev-secrets"]);
        KubeJson.ToElement(rendered.Objects()[^1]).GetProperty("data").EnumerateObject().ShouldBeEmpty();
    }

    [Fact]
    [Trait("fact", "k8s-deployer:17.3")]
    public void Fifteen_with_one_live_revision_and_a_dev_store()
    {
        var rendered = new Rendered { Secrets = new SecretsBackend.DevStore(null) }.With(Rendered.First, RevisionLifecycle.Ready);
        Names(rendered).ShouldBe([.. EnvironmentLevel, "Secret gtc-dev-secrets", .. Worker]);
        rendered.Objects()[13].Metadata.Labels!["greentic.ai/revision"].ShouldBe("01J9ZK3V7T5W8Q2R4N6M0P1XYZ");
    }

    [Fact]
    [Trait("fact", "k8s-deployer:17.4")]
    public void Fourteen_without_secrets()
    {
        var rendered = new Rendered().With(Rendered.First, RevisionLifecycle.Ready);
        Names(rendered).ShouldBe([.. EnvironmentLevel, .. Worker]);
        var template = rendered.Worker(Rendered.First).Spec.Template;
        template.Metadata.Annotations.ShouldBeNull();
        template.Spec.InitContainers!.Value.Select(container => container.Name).ShouldBe(["stage-env-store"]);
    }

    [Theory]
    [Trait("fact", "k8s-deployer:17.5")]
    [InlineData(RevisionLifecycle.Inactive, false)]
    [InlineData(RevisionLifecycle.Staged, false)]
    [InlineData(RevisionLifecycle.Failed, false)]
    [InlineData(RevisionLifecycle.Archived, false)]
    [InlineData(RevisionLifecycle.Warming, true)]
    [InlineData(RevisionLifecycle.Ready, true)]
    [InlineData(RevisionLifecycle.Draining, true)]
    public void A_worker_runs_while_its_revision_is_live(RevisionLifecycle lifecycle, bool isPresent) =>
        Names(new Rendered().With(Rendered.First, lifecycle)).Count().ShouldBe(isPresent ? 14 : 12);

    [Fact]
    public void The_router_mounts_what_says_where_requests_go()
    {
        var pod = new Rendered().Find<Deployment>("gtc-router").Spec.Template.Spec;
        var router = pod.Containers.Single();
        router.Env!.Value.Single(variable => variable.Name == "GREENTIC_RUNTIME_CONFIG_PATH").Value.ShouldBe("/etc/greentic/runtime-config/runtime-config.json");
        router.VolumeMounts!.Value.Where(mount => mount.ReadOnly == true).Select(mount => (mount.Name, mount.MountPath)).ShouldBe(
            [("env-store-src", "/etc/greentic/env-store"), ("runtime-config", "/etc/greentic/runtime-config")]);
        pod.Volumes!.Value.Single(volume => volume.Name == "runtime-config").ConfigMap!.Name.ShouldBe("gtc-runtime-config");
        pod.InitContainers!.Value.Single().Args!.Value.ShouldContain("--link");
    }

    [Fact]
    public void A_worker_gets_the_drain_time_of_its_revision_where_it_is_not_the_usual_one()
    {
        var rendered = new Rendered().With(Rendered.First, RevisionLifecycle.Ready, drainSeconds: 120).With(Rendered.Second, RevisionLifecycle.Ready, drainSeconds: 30);
        var patient = rendered.Worker(Rendered.First).Spec.Template.Spec;
        patient.TerminationGracePeriodSeconds.ShouldBe(120);
        patient.Containers[0].Env!.Value.ShouldContain(new EnvVar { Name = "GREENTIC_DRAIN_SECONDS", Value = "120" });
        var usual = rendered.Worker(Rendered.Second).Spec.Template.Spec;
        usual.TerminationGracePeriodSeconds.ShouldBeNull();
        usual.Containers[0].Env!.Value.ShouldNotContain(variable => variable.Name == "GREENTIC_DRAIN_SECONDS");
    }

    [Fact]
    public void Sealed_secrets_bring_their_key_to_workers_and_to_nobody_else()
    {
        var rendered = new Rendered { Secrets = new SecretsBackend.DevStore("QQ==") { IsSealed = true, Key = "a2V5" } }.With(Rendered.First, RevisionLifecycle.Ready);
        Names(rendered).ShouldBe([.. EnvironmentLevel, "Secret gtc-dev-secrets", "Secret gtc-secrets-key", .. Worker]);
        rendered.Find<Secret>("gtc-secrets-key").Data!["master.key"].ShouldBe(Convert.ToBase64String("a2V5"u8));
        var pod = rendered.Worker(Rendered.First).Spec.Template.Spec;
        pod.Volumes!.Value.Single(volume => volume.Name == "secrets-key").Secret!.DefaultMode.ShouldBe(288);
        pod.Containers[0].Env!.Value.Single(variable => variable.Name == "GREENTIC_SECRETS_MASTER_KEY_FILE").Value.ShouldBe("/etc/greentic/secrets-key/master.key");
        KubeJson.ToElement(rendered.Find<Deployment>("gtc-router")).GetRawText().ShouldNotContain("secrets");
    }

    [Fact]
    [Trait("fact", "k8s-deployer:17.6")]
    public void The_same_bytes_every_time()
    {
        static string Text() => string.Concat(new Rendered { Secrets = new SecretsBackend.DevStore("QQ==") }.With(Rendered.First, RevisionLifecycle.Ready, 10_000, Source).With(Rendered.Second, RevisionLifecycle.Ready)
            .Objects().Select(item => YamlText.Of(KubeJson.ToElement(item))));
        Text().ShouldBe(Text());
    }

    [Theory]
    [Trait("fact", "k8s-deployer:17.12")]
    [InlineData("cloudflared", true)]
    [InlineData("off", false)]
    [InlineData("none", false)]
    public void A_tunnel_is_the_workers_matter(string tunnel, bool opens)
    {
        var rendered = new Rendered { Answers = $$"""{"tunnel":"{{tunnel}}"}""" }.With(Rendered.First, RevisionLifecycle.Ready);
        rendered.Worker(Rendered.First).Spec.Template.Spec.Containers[0].Args!.Value.ToArray().ShouldBe(opens
            ? ["start", "--env", "local", "--cloudflared", "on", "--cloudflared-binary", "/usr/local/bin/cloudflared"]
            : ["start", "--env", "local"]);
        rendered.Find<Deployment>("gtc-router").Spec.Template.Spec.Containers[0].Args!.Value.ToArray().ShouldBe(["start", "--env", "local"]);
        new Rendered { Answers = """{"tunnel":"ngrok"}""" }.Try().Refusal.ShouldNotBeNull().Message.ShouldContain("tunnel");
    }

    [Fact]
    public void Two_revisions_cannot_share_a_tunnel() =>
        new Rendered { Answers = """{"tunnel":"cloudflared"}""" }.With(Rendered.First, RevisionLifecycle.Ready).With(Rendered.Second, RevisionLifecycle.Ready)
            .Try().Refusal.ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain("2 revisions");

    [Theory]
    [Trait("fact", "k8s-deployer:17.13")]
    [InlineData("""{"oci_insecure_registries":"a:5000, ,b"}""", "a:5000,b")]
    [InlineData("""{"oci_insecure_registries":["a:5000","b"]}""", "a:5000,b")]
    [InlineData("""{"oci_insecure_registries":[]}""", null)]
    [InlineData("""{"oci_insecure_registries":""}""", null)]
    public void Registries_without_tls_are_told_to_the_pods(string answers, string? expected)
    {
        var variables = new Rendered { Answers = answers }.Find<Deployment>("gtc-router").Spec.Template.Spec.Containers[0].Env!.Value;
        variables.FirstOrDefault(variable => variable.Name == "GREENTIC_OCI_INSECURE_REGISTRIES")?.Value.ShouldBe(expected);
        variables.Any(variable => variable.Name == "GREENTIC_OCI_INSECURE_REGISTRIES").ShouldBe(expected is not null);
        new Rendered { Answers = """{"oci_insecure_registries":[1]}""" }.Try().Refusal.ShouldNotBeNull();
    }

    [Fact]
    [Trait("fact", "k8s-deployer:17.14")]
    public void Every_pod_passes_the_restricted_profile()
    {
        var rendered = new Rendered { Secrets = new SecretsBackend.DevStore(null) }.With(Rendered.First, RevisionLifecycle.Ready);
        var pods = rendered.Objects().OfType<Deployment>().Select(deployment => deployment.Spec.Template.Spec).ToList();
        pods.Count.ShouldBe(2);
        foreach (var pod in pods)
        {
            (pod.SecurityContext!.RunAsNonRoot, pod.SecurityContext.RunAsUser, pod.SecurityContext.SeccompProfile!.Type).ShouldBe((true, 65532L, "RuntimeDefault"));
            foreach (var container in pod.Containers.Concat(pod.InitContainers!.Value))
            {
                (container.SecurityContext!.AllowPrivilegeEscalation, container.SecurityContext.ReadOnlyRootFilesystem).ShouldBe((false, true));
                container.SecurityContext.Capabilities!.Drop!.Value.ToArray().ShouldBe(["ALL"]);
            }
        }
    }

    [Fact]
    [Trait("fact", "k8s-deployer:17.15")]
    public void Nothing_goes_out_unless_something_is_pulled()
    {
        Egress(new Rendered().With(Rendered.First, RevisionLifecycle.Ready, 10_000)).ShouldBe(("[]", "[]"));
        Egress(new Rendered().With(Rendered.First, RevisionLifecycle.Ready, 10_000, Source)).ShouldBe(("[{}]", "[{}]"));
        Egress(new Rendered { Secrets = new SecretsBackend.Vault([]) }.With(Rendered.First, RevisionLifecycle.Ready, 10_000)).ShouldBe(("[{}]", "[]"));
        Egress(new Rendered().With(Rendered.First, RevisionLifecycle.Staged, 0, Source)).ShouldBe(("[]", "[]"));

        // A new colour warms before it is routed, so its worker may pull (decision 15).
        Egress(new Rendered().With(Rendered.First, RevisionLifecycle.Warming, 0, Source)).ShouldBe(("[{}]", "[{}]"));
    }

    [Fact]
    [Trait("fact", "k8s-deployer:17.16")]
    public void With_vault_no_secret_enters_the_cluster()
    {
        Vault("""{"addr":"http://vault:8200","role":"worker"}""").TryGet(out var backend, out _).ShouldBeTrue();
        var rendered = new Rendered { Secrets = backend! }.With(Rendered.First, RevisionLifecycle.Ready);
        rendered.Objects().OfType<Secret>().ShouldBeEmpty();
        rendered.Objects().OfType<ServiceAccount>().Single().Metadata.Name.ShouldBe("gtc-worker");
        var pod = rendered.Worker(Rendered.First).Spec.Template.Spec;
        pod.ServiceAccountName.ShouldBe("gtc-worker");
        pod.Containers[0].Env!.Value.Where(variable => variable.Name.Contains("VAULT", StringComparison.Ordinal) || variable.Name == "GREENTIC_SECRETS_BACKEND").Select(variable => $"{variable.Name}={variable.Value}")
            .ShouldBe(["GREENTIC_SECRETS_BACKEND=vault", "VAULT_ADDR=http://vault:8200", "VAULT_K8S_ROLE=worker"]);
        rendered.Find<Deployment>("gtc-router").Spec.Template.Spec.Containers[0].Env!.Value.ShouldAllBe(variable => !variable.Name.Contains("VAULT", StringComparison.Ordinal));
    }

    [Theory]
    [Trait("fact", "k8s-deployer:17.17")]
    [InlineData("""{"role":"r"}""", "addr")]
    [InlineData("""{"addr":"","role":"r"}""", "addr")]
    [InlineData("""{"addr":"http://v","role":"r","kv_mountt":"x"}""", "kv_mountt")]
    [InlineData("""{"addr":"http://v","role":"r","kv_mount":5}""", "kv_mount")]
    public void Answers_of_vault_are_read_strictly(string answers, string named) => Vault(answers).Refusal.ShouldNotBeNull().Message.ShouldContain(named);

    [Fact]
    [Trait("fact", "k8s-deployer:17.18")]
    public void Pods_are_stamped_with_the_digest_of_their_secrets()
    {
        Stamp(new SecretsBackend.DevStore("QQ==")).ShouldBe(Convert.ToHexStringLower(SHA256.HashData("QQ=="u8)));
        Stamp(new SecretsBackend.DevStore(null)).ShouldBe("80852ffca8497a651fbbecfbfe9d086df79e3fbfa5cde7fa331402478e545996");
        Stamp(new SecretsBackend.DevStore(null) { StampsPods = false }).ShouldBeNull();
    }

    [Fact]
    public void A_bundle_id_that_no_label_can_hold_is_refused() =>
        new Rendered().With(Rendered.First, RevisionLifecycle.Ready, bundle: new string('b', 64)).Try().Refusal.ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain("label");

    [Fact]
    public void The_documents_are_those_of_the_store()
    {
        var rendered = new Rendered().With(Rendered.First, RevisionLifecycle.Ready, 10_000);
        rendered.Find<ConfigMap>("gtc-env-store").Data!["environment.json"].ShouldBe(Encoding.UTF8.GetString(Documents.Environment.ToLine(rendered.Document)));
        using var config = JsonDocument.Parse(rendered.Find<ConfigMap>("gtc-runtime-config").Data!["runtime-config.json"]);
        config.RootElement.GetProperty("revisions").EnumerateArray().Single().GetProperty("weight_bps").GetInt32().ShouldBe(10_000);
    }

    private static string? Stamp(SecretsBackend secrets) =>
        new Rendered { Secrets = secrets }.With(Rendered.First, RevisionLifecycle.Ready).Worker(Rendered.First).Spec.Template.Metadata.Annotations?["greentic.ai/dev-store-hash"];

    private static Outcome<SecretsBackend> Vault(string answers)
    {
        PackDescriptor.TryParse("greentic.secrets.vault@0.1.0", out var kind).ShouldBeTrue();
        var binding = new EnvPackBinding { Slot = CapabilitySlot.Secrets, Kind = kind, PackRef = "builtin" };
        return Rendered.Read("greentic.secrets.vault@0.1.0", answers).Then(read => SecretsBackend.Of(binding, read, null));
    }

    private static (string Worker, string Router) Egress(Rendered rendered) =>
        (Text(rendered.Find<NetworkPolicy>("gtc-allow-worker-egress")), Text(rendered.Find<NetworkPolicy>("gtc-allow-router-egress")));

    private static string Text(NetworkPolicy policy) => KubeJson.ToElement(policy).GetProperty("spec").GetProperty("egress").GetRawText();

    private static IEnumerable<string> Names(Rendered rendered) => rendered.Objects().Select(item => $"{item.Kind} {item.Metadata.Name}");
}
