using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests.Identity;

public sealed class The_rules_of_the_deployers_identity
{
    private const string Regenerate = "the page is behind the program; write it again with  GTC_WRITE_REFERENCE=1  and this test";

    private static readonly string[] Fixed =
    [
        "apps/deployments:get", "apps/deployments:create", "apps/deployments:patch", "apps/deployments:delete",
        "core/services:get", "core/services:create", "core/services:patch", "core/services:delete",
        "core/configmaps:get", "core/configmaps:create", "core/configmaps:patch",
        "core/secrets:get", "core/secrets:create", "core/secrets:patch", "core/secrets:delete",
        "core/serviceaccounts:get", "core/serviceaccounts:create", "core/serviceaccounts:patch",
        "policy/poddisruptionbudgets:get", "policy/poddisruptionbudgets:create", "policy/poddisruptionbudgets:patch",
        "networking.k8s.io/networkpolicies:get", "networking.k8s.io/networkpolicies:create", "networking.k8s.io/networkpolicies:patch",
    ];

    [Fact, Trait("fact", "k8s-deployer:17.26")]
    public void What_is_asked_for_and_what_the_role_allows_are_the_same()
    {
        Permissions.All.Take(24).Select(permission => permission.Name).ShouldBe(Fixed);
        Permissions.All.Skip(24).Select(permission => permission.Name).ShouldBe(
            ["core/pods:list", "core/pods:patch", "apps/deployments:list", "core/services:list", "core/configmaps:list", "networking.k8s.io/networkpolicies:list", "apps/deployments:watch", "core/pods:watch"]);
        Permissions.RulesOf(Permissions.All).Length.ShouldBe(8);
        Permissions.RulesOf(Permissions.All).Sum(rule => rule.Verbs.Length).ShouldBe(32);
        Permissions.RulesOf(Permissions.All).SelectMany(rule => rule.Verbs.Select(verb => Grant.NameOf(rule.ApiGroups!.Value.Single(), rule.Resources!.Value.Single(), verb)))
            .ShouldBe(Permissions.All.Select(permission => permission.Name), ignoreOrder: true);
        Permissions.Capabilities.Select(capability => capability.Id).ShouldBe(["k8s.api.reachable", .. Permissions.All.Select(permission => $"k8s.rbac.allow:{permission.Name}")]);
    }

    [Fact, Trait("fact", "k8s-deployer:17.26")]
    public void The_pack_is_four_objects_and_a_page()
    {
        var pack = MinimalRbac.Pack(EnvId.Local, "gtc-local", Permissions.All, "ops`admin");
        pack.Select(entry => entry.FileName).ShouldBe(["k8s-min-rbac.yaml", "README.md"]);
        var documents = pack[0].Content.Split("---\n");
        documents.Select(document => document.Split('\n').First(line => line.StartsWith("kind:", StringComparison.Ordinal))).ShouldBe(["kind: Namespace", "kind: ServiceAccount", "kind: Role", "kind: RoleBinding"]);
        documents.ShouldAllBe(document => document.Contains("app.kubernetes.io/managed-by: greentic") && document.Contains("greentic.ai/env: local"));
        pack[1].Content.ShouldContain("applied by `ops admin`");
        pack[1].Content.ShouldContain("gtc op credentials bind local --from-file token");
        Permissions.All.ShouldAllBe(permission => pack[1].Content.Contains($"`{permission.Name}`"));
        MinimalRbac.Pack(EnvId.Local, "gtc-local", Permissions.All, "ops`admin").ShouldBe(pack);
    }

    [Fact]
    public void What_answers_ask_for_beyond_is_allowed_with_them_and_not_without()
    {
        Beyond("{}").ShouldBeEmpty();
        Beyond("""{"ingress_host":"a.test"}""").ShouldBe(Whole("networking.k8s.io/ingresses"));
        Beyond("""{"gateway":"n/g"}""").ShouldBe(Whole("gateway.networking.k8s.io/httproutes"));
        Beyond("""{"router_max_replicas":5}""").ShouldBe(Whole("autoscaling/horizontalpodautoscalers"));
        Beyond("""{"worker_replicas":2}""").ShouldBe(["policy/poddisruptionbudgets:delete"]);
        var asked = Permissions.For(Rendered.Read("greentic.deployer.k8s@1.0.0", """{"ingress_host":"a.test","worker_replicas":2}""").Value);
        var role = MinimalRbac.Pack(EnvId.Local, "gtc-local", asked, "ops")[0].Content;
        role.ShouldContain("ingresses");
        role.ShouldNotContain("httproutes");
        ExcessPermissions.Of(Permissions.RulesOf(asked), asked).ShouldBeEmpty();
        ExcessPermissions.Of(Permissions.RulesOf(asked), Permissions.All).Length.ShouldBe(5);
    }

    [Fact]
    public void Rules_beyond_the_need_are_named_and_the_callers_own_questions_are_not()
    {
        ExcessPermissions.Of(Permissions.RulesOf(Permissions.All), Permissions.All).ShouldBeEmpty();
        ExcessPermissions.Of([Rule("authorization.k8s.io", "selfsubjectaccessreviews", "create"), Rule("authentication.k8s.io", "selfsubjectreviews", "create")], Permissions.All).ShouldBeEmpty();
        ExcessPermissions.Of([Rule("", "pods", "list", "create"), Rule("", "secrets", "get"), Rule("*", "*", "*")], Permissions.All).ShouldBe(["*/*:*", "core/pods:create"]);
        ExcessPermissions.Of([Rule("", "pods", "create") with { ResourceNames = ["one"] }, new() { Verbs = ["get"] }], Permissions.All).ShouldBe(["core/pods:create"]);
    }

    [Fact]
    public void The_reference_page_is_the_list()
    {
        var page = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "..", "docs", "reference", "kubernetes-permissions.md"));
        var text = $"""
            # Permissions of the Kubernetes deployer

            Written from the program's own list; a test fails when they differ. The same list makes the checks of `gtc op credentials requirements`, and the Role of `gtc op credentials bootstrap`.
            All of them are in the environment's namespace; nothing of the cluster as a whole is needed.

            | # | Group | Resource | Verb | Path | Needed because | Id |
            | --- | --- | --- | --- | --- | --- | --- |
            {string.Join('\n', Permissions.All.Select(Row))}

            ## With an answer

            These are needed, checked and granted only while the answer is given.

            | # | Group | Resource | Verb | Path | Needed while | Id |
            | --- | --- | --- | --- | --- | --- | --- |
            {string.Join('\n', Permissions.Optional.Select(Row))}

            """.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("GTC_WRITE_REFERENCE") == "1")
        {
            File.WriteAllText(page, text);
        }

        File.ReadAllText(page).ShouldBe(text, Regenerate);
    }

    private static string Row(Grant permission, int index) =>
        $"| {index + 1} | {(permission.Group.Length == 0 ? "core" : permission.Group)} | {permission.Resource} | {permission.Verb} | `{permission.Kind.Collection("NAMESPACE")}{(permission.Part is null ? "" : $"/NAME/{permission.Part}")}` | {permission.Why} | `{permission.Id}` |";

    private static PolicyRule Rule(string group, string resource, params string[] verbs) => new() { ApiGroups = [group], Resources = [resource], Verbs = verbs.ToImmutableArray() };

    private static string Here([CallerFilePath] string here = "") => here;

    private static IEnumerable<string> Beyond(string answers) =>
        Permissions.For(Rendered.Read("greentic.deployer.k8s@1.0.0", answers).Value).Skip(Permissions.All.Length).Select(grant => grant.Name);

    private static string[] Whole(string resource) => [$"{resource}:get", $"{resource}:create", $"{resource}:patch", $"{resource}:delete"];
}
