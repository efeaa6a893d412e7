using System.Text.Json;
using Gtc.Model;

namespace Gtc.EnvPacks.Tests.Answers;

public class Answers_fit_the_questions
{
    private const string Ecs = """
        "region":"eu-central-1","ecs_cluster_name":"c","ecr_repository_prefix":"p","execution_role_arn":"arn:aws:iam::123456789012:role/x","subnets":"subnet-1, subnet-2","security_groups":"sg-1"
        """;

    [Fact, Trait("fact", "env-packs:12.12")]
    public void An_unknown_key_is_a_conflict_that_names_it() =>
        Refused("greentic.deployer.k8s", """{"Namespace":"x"}""").ShouldContain("`Namespace`");

    [Fact, Trait("fact", "env-packs:12.12")]
    public void Where_every_answer_is_a_text_a_number_is_refused()
    {
        Refused("greentic.deployer.aws-ecs", $$"""{{{Ecs}},"cpu":256}""").ShouldContain("`cpu` must be a string");
        Read("greentic.deployer.aws-ecs", $$"""{{{Ecs}},"cpu":"256"}""").Get("cpu").ShouldBe("256");
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    public void Null_and_empty_mean_unset_everywhere(string nothing)
    {
        var answers = Read("greentic.deployer.aws-ecs", $$"""{{{Ecs}},"cpu":{{nothing}},"container_name":{{nothing}}}""");
        answers.Get("cpu").ShouldBe("256");
        answers.Set.ContainsKey("cpu").ShouldBeFalse();
        Refused("greentic.deployer.aws-ecs", $$"""{"region":{{nothing}}}""").ShouldContain("`region` is required");
        Read("greentic.deployer.k8s", $$"""{"namespace":{{nothing}}}""").Get("namespace").ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"router_replicas":2}""", "2")]
    [InlineData("""{"router_replicas":"3"}""", "3")]
    [InlineData("{}", "2")]
    public void Replicas_are_a_text_or_a_number(string answers, string expected) => Read("greentic.deployer.k8s", answers).Get("router_replicas").ShouldBe(expected);

    [Theory]
    [InlineData("greentic.deployer.k8s", """{"router_replicas":1}""")]
    [InlineData("greentic.deployer.k8s", """{"router_replicas":2.5}""")]
    [InlineData("greentic.deployer.k8s", """{"namespace":"Upper"}""")]
    [InlineData("greentic.deployer.k8s", """{"namespace":"a\n"}""")]
    [InlineData("greentic.deployer.k8s", """{"namespace":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}""")]
    [InlineData("greentic.deployer.k8s", """{"tunnel":"maybe"}""")]
    [InlineData("greentic.deployer.k8s", """{"namespace":["a"]}""")]
    [InlineData("greentic.deployer.k8s", "[]")]
    [InlineData("greentic.deployer.local-process", """{"port_range":"8090..=8080"}""")]
    [InlineData("greentic.deployer.local-process", """{"port_range":"0-10"}""")]
    [InlineData("greentic.deployer.local-process", """{"supervise":"true"}""")]
    [InlineData("greentic.deployer.local-process", """{"warm_timeout_seconds":0}""")]
    [InlineData("greentic.deployer.local-process", """{"warm_timeout_seconds":"3601"}""")]
    [InlineData("greentic.deployer.local-process", """{"port_range":"8080-65536"}""")]
    [InlineData("greentic.secrets.dev-store", """{"allow_default_key":"true"}""")]
    [InlineData("greentic.secrets.vault", """{"addr":"https://v","role":"r","kv-mount":"x"}""")]
    [InlineData("greentic.secrets.vault", """{"addr":"https://v"}""")]
    [InlineData("greentic.telemetry.stdout", """{"level":"debug"}""")]
    public void What_does_not_fit_is_a_conflict(string path, string answers) => Refused(path, answers).ShouldContain(path);

    [Theory]
    [InlineData("8080..=8090", 8080, 8090)]
    [InlineData("9000-9000", 9000, 9000)]
    public void A_port_range_has_two_forms(string text, int first, int last) =>
        LocalProcessPack.Ports(Read("greentic.deployer.local-process", $$"""{"port_range":"{{text}}"}""")).ShouldBe(new PortRange(first, last));

    [Fact]
    public void A_list_of_registries_is_joined_by_commas() =>
        Read("greentic.deployer.k8s", """{"oci_insecure_registries":["a:5000","b:5000"]}""").Get("oci_insecure_registries").ShouldBe("a:5000,b:5000");

    [Theory]
    [InlineData("us-gov-west-1", "arn:aws-us-gov:iam::123456789012:role/x")]
    [InlineData("cn-north-1", "arn:aws-cn:iam::123456789012:role/x")]
    public void Other_partitions_of_aws_fit(string region, string role) =>
        Read("greentic.deployer.aws-ecs", $$"""{{{Ecs.Replace("eu-central-1", region, StringComparison.Ordinal)}},"task_role_arn":"{{role}}"}""").Get("region").ShouldBe(region);

    private static PackAnswers Read(string path, string json) => AnswersReader.Read(Handler(path), Json(json)).Value;

    private static string Refused(string path, string json) => AnswersReader.Read(Handler(path), Json(json)).Refusal.ShouldBeOfType<Refusal.Conflict>().Message;

    private static IEnvPackHandler Handler(string path) => BuiltInPacks.All.Single(handler => handler.DescriptorPath == path);

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
