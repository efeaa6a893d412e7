using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests;

public class Answers_and_names
{
    [Theory]
    [Trait("fact", "k8s-deployer:17.7")]
    [InlineData("local", "gtc-local")]
    [InlineData("prod", "gtc-prod")]
    [InlineData("Prod", "gtc-prod-5f56359e")]
    [InlineData("eu.west", "gtc-eu-west-6e292c9d")]
    [InlineData("eu_west", "gtc-eu-west-6d0e6321")]
    [InlineData("EU-West", "gtc-eu-west-c7cbc138")]
    [InlineData("...", "gtc-ab5df625")]
    [InlineData("-a", "gtc-a-c2748917")]
    [InlineData("a-", "gtc-a-9baf4407")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "gtc-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "gtc-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-42f2d973")]
    public void Every_environment_has_a_namespace_of_its_own(string id, string expected) => NamespaceName.Of(id).ShouldBe(expected);

    [Theory]
    [Trait("fact", "k8s-deployer:17.8")]
    [InlineData("""{"router_replicas":"3"}""", 3)]
    [InlineData("""{"router_replicas":3}""", 3)]
    [InlineData("{}", 2)]
    public void Replicas_are_a_number_or_its_text(string answers, int expected) =>
        new Rendered { Answers = answers }.Find<Deployment>("gtc-router").Spec.Replicas.ShouldBe(expected);

    [Theory]
    [InlineData("""{"router_replicas":"1"}""", "router_replicas")]
    [InlineData("""{"router_replicas":"two"}""", "router_replicas")]
    [InlineData("""{"router_replica":"3"}""", "router_replica")]
    [InlineData("""{"namespace":"Bad_NS"}""", "namespace")]
    [InlineData("""{"runtime_image":"Repo/Img:1"}""", "runtime_image")]
    [Trait("fact", "k8s-deployer:17.9")]
    [Trait("fact", "k8s-deployer:17.11")]
    public void What_does_not_fit_is_refused_by_name(string answers, string named) =>
        new Rendered { Answers = answers }.Try().Refusal.ShouldNotBeNull().Message.ShouldContain(named);

    [Theory]
    [Trait("fact", "k8s-deployer:17.10")]
    [InlineData("""{"namespace":""}""", "gtc-local")]
    [InlineData("""{"namespace":null}""", "gtc-local")]
    [InlineData("""{"namespace":"acme-shop"}""", "acme-shop")]
    public void An_empty_namespace_is_the_derived_one(string answers, string expected) =>
        new Rendered { Answers = answers }.Objects().Skip(1).ShouldAllBe(item => item.Metadata.Namespace == expected);

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("yes", "\"yes\"")]
    [InlineData("No", "\"No\"")]
    [InlineData("1e3", "\"1e3\"")]
    [InlineData("2026-11-20", "\"2026-11-20\"")]
    [InlineData("", "\"\"")]
    [InlineData("a: b", "\"a: b\"")]
    [InlineData("~", "\"~\"")]
    [InlineData("a\nb", "\"a\\nb\"")]
    public void Texts_stay_texts_in_yaml(string text, string expected)
    {
        using var json = System.Text.Json.JsonDocument.Parse(System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string> { ["key"] = text }));
        YamlText.Of(json.RootElement).ShouldBe($"key: {expected}\n");
    }

    [Theory]
    [InlineData("local", "local")]
    [InlineData("EU_West.1", "EU_West.1")]
    [InlineData("a_", "gtc-a-571fb0e3")]
    [InlineData("-a", "gtc-a-c2748917")]
    public void An_id_that_no_label_can_hold_is_labelled_by_its_namespace_and_annotated(string id, string label)
    {
        var environment = EnvId.TryParse(id, out var parsed) ? parsed : throw new InvalidOperationException(id);
        var document = EnvironmentVerbs.Create(environment, id, new HostConfig { EnvId = environment });
        var objects = Renderer.Render(document, RenderSettings.Of(environment, Rendered.Read("greentic.deployer.k8s@1.0.0", "{}").Value, new SecretsBackend.None(), "localhost/gtc:0.1.0")).Value;
        objects.ShouldAllBe(item => item.Metadata.Labels!["greentic.ai/env"] == label);
        objects.ShouldAllBe(item => (item.Metadata.Annotations == null ? null : item.Metadata.Annotations["greentic.ai/env-id"]) == (label == id ? null : id));
    }
}
