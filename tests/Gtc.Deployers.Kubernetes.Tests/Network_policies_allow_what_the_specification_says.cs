using System.Text.Json.Nodes;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests;

/// <summary>
/// The six policies rule by rule, as the table of k8s-deployer.md §7 has them; both sides of policies 3 and 4 are scoped to the environment, as its gap asks.
/// The golden files compare bytes; this compares meaning, and asks what a packet may do.
/// </summary>
public sealed class Network_policies_allow_what_the_specification_says
{
    private const string Router = """{"matchLabels":{"app.kubernetes.io/component":"router","app.kubernetes.io/managed-by":"greentic","greentic.ai/env":"local"}}""";
    private const string Worker = """{"matchLabels":{"app.kubernetes.io/component":"worker","app.kubernetes.io/managed-by":"greentic","greentic.ai/env":"local"}}""";
    private const string Serving = """{"protocol":"TCP","port":8080}""";

    private static readonly (string Name, string Spec)[] Closed =
    [
        ("gtc-default-deny", """{"podSelector":{},"policyTypes":["Ingress","Egress"]}"""),
        ("gtc-allow-dns", """{"podSelector":{},"policyTypes":["Egress"],"egress":[{"ports":[{"protocol":"UDP","port":53},{"protocol":"TCP","port":53}]}]}"""),
        ("gtc-allow-router", $$"""{"podSelector":{{Router}},"policyTypes":["Ingress","Egress"],"ingress":[{"ports":[{{Serving}}]}],"egress":[{"ports":[{{Serving}}],"to":[{"podSelector":{{Worker}} }]}]}"""),
        ("gtc-allow-workers", $$"""{"podSelector":{{Worker}},"policyTypes":["Ingress"],"ingress":[{"ports":[{{Serving}}],"from":[{"podSelector":{{Router}} }]}]}"""),
        ("gtc-allow-worker-egress", $$"""{"podSelector":{{Worker}},"policyTypes":["Egress"],"egress":[]}"""),
        ("gtc-allow-router-egress", $$"""{"podSelector":{{Router}},"policyTypes":["Egress"],"egress":[]}"""),
    ];

    [Fact]
    public void Each_of_the_six_is_rule_by_rule_the_one_of_the_table()
    {
        var policies = Policies(new Rendered().With(Rendered.First, RevisionLifecycle.Ready, 10_000));

        policies.Select(policy => policy.Name).ShouldBe(Closed.Select(policy => policy.Name));
        foreach (var ((name, found), (_, expected)) in policies.Zip(Closed))
        {
            JsonNode.DeepEquals(found, JsonNode.Parse(expected)).ShouldBeTrue($"{name}: expected {expected}, found {found.ToJsonString()}");
        }
    }

    [Fact]
    public void A_routed_revision_with_a_source_opens_the_last_two_and_nothing_else()
    {
        var open = Policies(new Rendered().With(Rendered.First, RevisionLifecycle.Ready, 10_000, source: "oci://registry.test/bundle@sha256:aa"));

        foreach (var ((name, found), (_, expected)) in open.Zip(Closed))
        {
            var wanted = JsonNode.Parse(expected)!;
            if (name is "gtc-allow-worker-egress" or "gtc-allow-router-egress")
            {
                wanted["egress"] = new JsonArray(new JsonObject());
            }

            JsonNode.DeepEquals(found, wanted).ShouldBeTrue($"{name}: expected {wanted.ToJsonString()}, found {found.ToJsonString()}");
        }
    }

    [Theory]
    [InlineData("", "router", 8080, true)]
    [InlineData("", "router", 9090, false)]
    [InlineData("", "worker", 8080, false)]
    [InlineData("router", "worker", 8080, true)]
    [InlineData("router", "worker", 22, false)]
    [InlineData("worker", "worker", 8080, false)]
    [InlineData("worker", "router", 8080, false)]
    [InlineData("stranger", "worker", 8080, false)]
    [InlineData("router of another environment", "worker", 8080, false)]
    [InlineData("router", "worker of another environment", 8080, false)]
    [InlineData("worker", "", 443, false)]
    [InlineData("worker", "", 53, true)]
    public void A_packet_passes_only_where_both_ends_allow_it(string from, string to, int port, bool passes)
    {
        var policies = Policies(new Rendered().With(Rendered.First, RevisionLifecycle.Ready, 10_000));
        var (source, target) = (Labels(from), Labels(to));

        (Allows(policies, "Egress", source, target, port) && Allows(policies, "Ingress", target, source, port)).ShouldBe(passes);
    }

    // Null stands for what is no pod of the namespace; policies say nothing about what it sends and takes.
    private static bool Allows(IReadOnlyList<(string Name, JsonNode Spec)> policies, string direction, JsonObject? own, JsonObject? peer, int port)
    {
        if (own is null)
        {
            return true;
        }

        var mine = policies.Select(policy => policy.Spec).Where(spec => Selects(spec["podSelector"]!, own) && spec["policyTypes"]!.AsArray().Any(type => (string?)type == direction)).ToList();
        var (rules, peers) = direction == "Egress" ? ("egress", "to") : ("ingress", "from");
        return mine.Count == 0 || mine.SelectMany(spec => spec[rules]?.AsArray() ?? []).Any(rule =>
            (rule!["ports"] is not JsonArray ports || ports.Any(allowed => (int)allowed!["port"]! == port))
            && (rule[peers] is not JsonArray ends || (peer is not null && ends.Any(end => Selects(end!["podSelector"]!, peer)))));
    }

    private static bool Selects(JsonNode selector, JsonObject labels) =>
        selector["matchLabels"] is not JsonObject wanted || wanted.All(label => (string?)labels[label.Key] == (string?)label.Value);

    private static JsonObject? Labels(string who) => who.Length == 0 ? null : new JsonObject
    {
        ["app.kubernetes.io/component"] = who.Split(' ')[0],
        ["app.kubernetes.io/managed-by"] = "greentic",
        ["greentic.ai/env"] = who.Contains("another", StringComparison.Ordinal) ? "other" : "local",
    };

    private static List<(string Name, JsonNode Spec)> Policies(Rendered rendered) =>
        [.. rendered.Objects().OfType<NetworkPolicy>().Select(policy => (policy.Metadata.Name!, JsonNode.Parse(KubeJson.ToElement(policy).GetProperty("spec").GetRawText())!))];
}
