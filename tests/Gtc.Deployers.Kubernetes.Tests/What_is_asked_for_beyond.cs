using System.Collections.Immutable;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests;

public class What_is_asked_for_beyond
{
    private const string Digest = "sha256:0f0e0d0c0b0a09080706050403020100f0e0d0c0b0a090807060504030201000";

    [Fact]
    public void Pull_secrets_and_policy_reach_every_container()
    {
        var rendered = WithWorker("""{"image_pull_secrets":["one","two"],"image_pull_policy":"Always"}""");
        foreach (var pod in rendered.Objects().OfType<Deployment>().Select(deployment => deployment.Spec.Template.Spec))
        {
            pod.ImagePullSecrets!.Value.Select(secret => secret.Name).ShouldBe(["one", "two"]);
            pod.Containers.Concat(pod.InitContainers!.Value).ShouldAllBe(container => container.ImagePullPolicy == "Always");
        }
    }

    [Fact]
    public void Probes_restart_what_does_not_answer()
    {
        var container = WithWorker("""{"startup_and_liveness_probes":true}""").Worker(Rendered.First).Spec.Template.Spec.Containers[0];
        (container.StartupProbe!.PeriodSeconds, container.StartupProbe.FailureThreshold).ShouldBe((2, 30));
        (container.LivenessProbe!.PeriodSeconds, container.LivenessProbe.FailureThreshold).ShouldBe((10, 6));
        WithWorker("{}").Worker(Rendered.First).Spec.Template.Spec.Containers[0].LivenessProbe.ShouldBeNull();
    }

    [Fact]
    public void Several_pods_of_a_worker_are_spread_and_kept()
    {
        var rendered = WithWorker("""{"worker_replicas":3}""");
        rendered.Worker(Rendered.First).Spec.Replicas.ShouldBe(3);
        rendered.Worker(Rendered.First).Spec.Template.Spec.TopologySpreadConstraints!.Value.Length.ShouldBe(1);
        var last = rendered.Objects()[^1].ShouldBeOfType<PodDisruptionBudget>();
        last.Metadata.Name.ShouldBe("gtc-worker-01j9zk3v7t5w8q2r4n6m0p1xyz");
        last.Spec.Selector!.MatchLabels!["greentic.ai/revision"].ShouldBe(Rendered.First.ToString());
        rendered.Objects().Length.ShouldBe(15);
    }

    [Fact]
    public void An_autoscaler_owns_the_number_of_routers()
    {
        var rendered = new Rendered { Answers = """{"router_replicas":3,"router_max_replicas":9}""" };
        rendered.Find<Deployment>("gtc-router").Spec.Replicas.ShouldBeNull();
        var spec = rendered.Find<HorizontalPodAutoscaler>("gtc-router").Spec;
        (spec.MinReplicas, spec.MaxReplicas, spec.ScaleTargetRef.Name).ShouldBe((3, 9, "gtc-router"));
    }

    [Fact]
    public void An_ingress_leads_a_host_to_the_router()
    {
        var spec = new Rendered { Answers = """{"ingress_host":"bot.example.com","ingress_class":"nginx","ingress_tls_secret":"cert"}""" }.Find<Ingress>("gtc-router").Spec;
        spec.IngressClassName.ShouldBe("nginx");
        spec.Tls!.Value.Single().SecretName.ShouldBe("cert");
        var rule = spec.Rules.Single();
        (rule.Host, rule.Http.Paths.Single().Backend.Service.Name, rule.Http.Paths.Single().Backend.Service.Port.Number).ShouldBe(("bot.example.com", "gtc-router", 8080));
    }

    [Fact]
    public void A_gateway_leads_to_the_router()
    {
        var spec = new Rendered { Answers = """{"gateway":"edge/public"}""" }.Find<HttpRoute>("gtc-router").Spec;
        (spec.ParentRefs.Single().Namespace, spec.ParentRefs.Single().Name, spec.Hostnames).ShouldBe(("edge", "public", null));
        spec.Rules.Single().BackendRefs.Single().Name.ShouldBe("gtc-router");
    }

    [Fact]
    public void Pods_go_only_where_they_may_when_that_is_said()
    {
        var rendered = new Rendered { Answers = """{"egress_allow":"10.1.0.0/16:443, 2001:db8::/32:5000"}""" }.With(Rendered.First, RevisionLifecycle.Ready, 10_000, "oci://registry.test/b@sha256:aa");
        var rules = rendered.Find<NetworkPolicy>("gtc-allow-worker-egress").Spec.Egress!.Value;
        rules.Select(rule => (rule.To!.Value.Single().IpBlock!.Cidr, rule.Ports!.Value.Single().Port)).ShouldBe([("10.1.0.0/16", 443), ("2001:db8::/32", 5000)]);
        new Rendered { Answers = """{"egress_allow":"10.1.0.0/16:443"}""" }.Find<NetworkPolicy>("gtc-allow-worker-egress").Spec.Egress!.Value.ShouldBeEmpty("nothing is pulled");
    }

    [Theory]
    [InlineData("public", "443 -> public")]
    [InlineData("none", "")]
    [InlineData("api.example.com", "80,443 -> public")]
    [InlineData("api.example.com:8443,public", "443,8443 -> public")]
    [InlineData("10.9.0.0/16:5432,[::1]:9000", "5432 -> 10.9.0.0/16; 9000 -> ::1/128")]
    [InlineData("10.9.0.1", "all -> 10.9.0.1/32")]
    public void Components_reach_what_they_may_and_no_more(string egress, string expected)
    {
        var rendered = new Rendered { Answers = $$"""{"component_egress":"{{egress}}"}""" }.With(Rendered.First, RevisionLifecycle.Ready);

        var rules = rendered.Find<NetworkPolicy>("gtc-allow-worker-egress").Spec.Egress!.Value;
        string.Join("; ", rules.Select(rule =>
        {
            rule.Ports!.Value.ShouldAllBe(port => port.Protocol == "TCP");
            var blocks = rule.To!.Value.Select(to => to.IpBlock!).ToArray();
            var isPublic = blocks is [{ Cidr: "0.0.0.0/0" }, { Cidr: "2000::/3" }] && blocks[0].Except!.Value.Contains("10.0.0.0/8") && blocks[0].Except!.Value.Contains("169.254.0.0/16");
            return $"{string.Join(',', rule.Ports!.Value.Select(port => port.Port?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "all"))} -> {(isPublic ? "public" : blocks.Single().Cidr)}";
        })).ShouldBe(expected);
        rendered.Find<NetworkPolicy>("gtc-allow-router-egress").Spec.Egress!.Value.ShouldBeEmpty();
        var worker = rendered.Objects().OfType<Deployment>().Single(deployment => deployment.Metadata.Name != "gtc-router").Spec.Template.Spec.Containers.Single();
        worker.Env!.Value.Single(variable => variable.Name == "GREENTIC_EGRESS").Value.ShouldBe(egress);
        rendered.Find<Deployment>("gtc-router").Spec.Template.Spec.Containers.Single().Env!.Value.ShouldNotContain(variable => variable.Name == "GREENTIC_EGRESS");
    }

    [Fact]
    public void Routers_share_a_key_where_that_is_said()
    {
        const string Answers = """{"shared_signing_key":true}""";
        var rendered = new Rendered { Answers = Answers, SigningKey = "a2V5" }.With(Rendered.First, RevisionLifecycle.Ready);
        rendered.Find<Secret>("gtc-signing-key").Data!["revision-signing.key"].ShouldBe("a2V5");
        var template = rendered.Find<Deployment>("gtc-router").Spec.Template;
        template.Spec.Volumes!.Value.Single(volume => volume.Name == "gtc-signing-key").Secret!.DefaultMode.ShouldBe(288);
        template.Spec.InitContainers!.Value[^1].Args!.Value.ToArray().ShouldBe(
            ["stage-file", "--from", "/etc/greentic/signing-key/revision-signing.key", "--to", "/var/greentic/.greentic/environments/local/revision-signing.key"]);
        var stamp = template.Metadata.Annotations!["greentic.ai/signing-key-hash"];
        new Rendered { Answers = Answers, SigningKey = "b3Ro" }.Find<Deployment>("gtc-router").Spec.Template.Metadata.Annotations!["greentic.ai/signing-key-hash"].ShouldNotBe(stamp, "a new key rolls the routers");
        KubeJson.ToElement(rendered.Worker(Rendered.First)).GetRawText().ShouldNotContain("signing-key");
        new Rendered { Answers = Answers }.Find<Secret>("gtc-signing-key").Data!.ShouldBeEmpty("an offline render knows no keys");
        new Rendered { SigningKey = "a2V5" }.Objects().OfType<Secret>().ShouldBeEmpty();
    }

    [Fact]
    public void Routers_and_workers_share_a_key_of_its_own_for_the_console()
    {
        const string Answers = """{"console_through_routers":true}""";
        var rendered = new Rendered { Answers = Answers, ConsoleKey = "a2V5" }.With(Rendered.First, RevisionLifecycle.Ready);
        rendered.Find<Secret>("gtc-console-key").Data!["console.key"].ShouldBe("a2V5");
        var stamp = Stamp(rendered.Find<Deployment>("gtc-router"));
        Stamp(rendered.Worker(Rendered.First)).ShouldBe(stamp);
        var other = new Rendered { Answers = Answers, ConsoleKey = "b3Ro" }.With(Rendered.First, RevisionLifecycle.Ready);
        Stamp(other.Worker(Rendered.First)).ShouldNotBe(stamp, "a new key rolls the workers");
        Stamp(other.Find<Deployment>("gtc-router")).ShouldNotBe(stamp, "and the routers");
        static string Stamp(Deployment deployment) => deployment.Spec.Template.Metadata.Annotations!["greentic.ai/console-key-hash"];
        foreach (var pod in (PodSpec[])[rendered.Find<Deployment>("gtc-router").Spec.Template.Spec, rendered.Worker(Rendered.First).Spec.Template.Spec])
        {
            pod.Volumes!.Value.Single(volume => volume.Name == "gtc-console-key").Secret!.DefaultMode.ShouldBe(288);
            pod.Containers[0].VolumeMounts!.Value.Single(mount => mount.Name == "gtc-console-key").ShouldSatisfyAllConditions(mount => mount.MountPath.ShouldBe("/etc/greentic/console-key"), mount => mount.ReadOnly.ShouldBe(true));
            pod.Containers[0].Env!.Value.Single(variable => variable.Name == "GREENTIC_CONSOLE_KEY_FILE").Value.ShouldBe("/etc/greentic/console-key/console.key");
        }

        new Rendered { Answers = Answers }.Find<Secret>("gtc-console-key").Data!.ShouldBeEmpty("an offline render knows no keys");
        KubeJson.ToElement(new Rendered { ConsoleKey = "a2V5" }.With(Rendered.First, RevisionLifecycle.Ready).Worker(Rendered.First)).GetRawText().ShouldNotContain("console");
    }

    [Fact]
    public void Workers_find_what_was_discovered_in_the_map_that_they_mount_and_roll_not_for_it()
    {
        var discovered = ImmutableSortedDictionary<string, System.Text.Json.JsonElement>.Empty.Add("tone", System.Text.Json.JsonElement.Parse("3"));
        var rendered = new Rendered { Discovered = discovered }.With(Rendered.First, RevisionLifecycle.Ready).Bound();
        var map = rendered.Find<ConfigMap>("gtc-env-store").Data!;
        Documents.EnvironmentRuntime.Parse(System.Text.Encoding.UTF8.GetBytes(map["runtime.json"])).Value.Discovered["tone"].GetInt32().ShouldBe(3);
        var worker = rendered.Worker(Rendered.First).Spec.Template.Spec.Containers.Single();
        worker.Env!.Value.Single(variable => variable.Name == "GREENTIC_RUNTIME_PATH").Value.ShouldBe("/etc/greentic/env-store/runtime.json");
        worker.VolumeMounts!.Value.Single(mount => mount.Name == "env-store-src").MountPath.ShouldBe("/etc/greentic/env-store");

        var without = new Rendered().With(Rendered.First, RevisionLifecycle.Ready).Bound();
        without.Find<ConfigMap>("gtc-env-store").Data!.Keys.ShouldBe(["environment.json"]);
        KubeJson.ToElement(without.Worker(Rendered.First)).GetRawText().ShouldBe(KubeJson.ToElement(rendered.Worker(Rendered.First)).GetRawText());
    }

    [Fact]
    public void Workers_are_told_which_secret_says_where_sessions_are()
    {
        var rendered = new Rendered { SharedStores = [new("GREENTIC_PINS", "secret://local/default/_/sessions/redis_url")] }.With(Rendered.First, RevisionLifecycle.Ready);
        rendered.Worker(Rendered.First).Spec.Template.Spec.Containers.Single().Env!.Value.Single(variable => variable.Name == "GREENTIC_PINS").Value.ShouldBe("secret://local/default/_/sessions/redis_url");
        rendered.Find<Deployment>("gtc-router").Spec.Template.Spec.Containers.Single().Env!.Value.ShouldNotContain(variable => variable.Name == "GREENTIC_PINS");
    }

    [Fact]
    public void Pods_are_told_where_telemetry_goes_and_let_through()
    {
        var told = new PodTelemetry([new("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.observability:4318"), new("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")], 4318);
        var rendered = new Rendered { Telemetry = told }.With(Rendered.First, RevisionLifecycle.Ready);
        foreach (var deployment in rendered.Objects().OfType<Deployment>())
        {
            var variables = deployment.Spec.Template.Spec.Containers[0].Env!.Value;
            variables.Single(variable => variable.Name == "OTEL_EXPORTER_OTLP_ENDPOINT").Value.ShouldBe("http://collector.observability:4318");
        }

        foreach (var name in (string[])["gtc-allow-worker-egress", "gtc-allow-router-egress"])
        {
            var rule = rendered.Find<NetworkPolicy>(name).Spec.Egress!.Value.Single();
            (rule.To, rule.Ports!.Value.Single().Port).ShouldBe((null, 4318));
        }

        rendered.Objects().Length.ShouldBe(14);
    }

    [Fact]
    public void Workers_of_vault_hold_a_token_that_ends()
    {
        var pod = new Rendered { Secrets = new SecretsBackend.Vault([]) }.With(Rendered.First, RevisionLifecycle.Ready).Worker(Rendered.First).Spec.Template.Spec;
        (pod.ServiceAccountName, pod.AutomountServiceAccountToken).ShouldBe(("gtc-worker", false));
        pod.Volumes!.Value.Single(volume => volume.Projected is not null).Projected!.Sources.Single().ServiceAccountToken!.ExpirationSeconds.ShouldBe(3600);
        pod.Containers[0].VolumeMounts!.Value.ShouldContain(mount => mount.MountPath == "/var/run/secrets/kubernetes.io/serviceaccount");
    }

    [Theory]
    [InlineData($$"""{"require_image_digest":true,"runtime_image":"registry.test/gtc@{{Digest}}"}""", null)]
    [InlineData("""{"require_image_digest":true,"runtime_image":"registry.test/gtc:1"}""", "runtime_image")]
    [InlineData("""{"require_image_digest":true}""", "runtime_image")]
    [InlineData("""{"worker_replicas":0}""", "worker_replicas")]
    [InlineData("""{"worker_replicas":2,"tunnel":"cloudflared"}""", "worker_replicas")]
    [InlineData("""{"router_max_replicas":2,"router_replicas":3}""", "router_max_replicas")]
    [InlineData("""{"router_max_replicas":1001}""", "router_max_replicas")]
    [InlineData("""{"ingress_class":"nginx"}""", "ingress_host")]
    [InlineData("""{"gateway_host":"a.example.com"}""", "gateway")]
    [InlineData("""{"gateway":"public"}""", "gateway")]
    [InlineData("""{"ingress_host":"Bad Host"}""", "ingress_host")]
    [InlineData("""{"egress_allow":["everywhere"]}""", "egress_allow")]
    [InlineData("""{"egress_allow":"10.1.0.0/33:443"}""", "egress_allow")]
    [InlineData("""{"egress_allow":"10.1.0.0/16:0"}""", "egress_allow")]
    [InlineData("""{"component_egress":"public,"}""", "component_egress")]
    [InlineData("""{"image_pull_secrets":"UPPER"}""", "image_pull_secrets")]
    [InlineData("""{"image_pull_policy":"Sometimes"}""", "image_pull_policy")]
    public void What_cannot_be_is_refused_by_name(string answers, string? named)
    {
        var refusal = new Rendered { Answers = answers }.Try().Refusal;
        if (named is null)
        {
            refusal.ShouldBeNull();
        }
        else
        {
            refusal.ShouldNotBeNull().Message.ShouldContain(named);
        }
    }

    private static Rendered WithWorker(string answers) => new Rendered { Answers = answers }.With(Rendered.First, RevisionLifecycle.Ready);
}
