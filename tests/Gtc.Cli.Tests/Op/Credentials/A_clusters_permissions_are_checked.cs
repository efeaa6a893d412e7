using Gtc.Deployers.Kubernetes;
using Gtc.Deployers.Kubernetes.Tests.Identity;

namespace Gtc.Cli.Tests.Op.Credentials;

public class A_clusters_permissions_are_checked
{
    private static readonly string[] Declared = [.. Permissions.Capabilities.Select(capability => capability.Id)];

    [Fact, Trait("fact", "credentials:14.4")]
    public async Task Without_credentials_there_is_nothing_to_check_and_without_a_cluster_everything_is_missing()
    {
        using var cli = new TestCli();
        cli.SetVariable("KUBECONFIG", cli.Write("kubeconfig", "apiVersion: v1\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\n"));
        await Clustered.EnvironmentAsync(cli);
        (await Staged.RefusedAsync(cli, "credentials requirements")).Kind.ShouldBe("conflict");
        cli.Write("token", FakeCluster.Jwt(cli.Time.GetUtcNow(), TimeSpan.FromDays(1)));
        (await Staged.RefusedAsync(cli, "credentials bind --from-file token")).Message.ShouldContain("k8s.api.reachable");
        (await cli.OpAsync("credentials bind --from-file token --force")).GetProperty("result").GetString().ShouldBe("fail");
        var report = await cli.OpAsync("credentials requirements");
        report.GetProperty("result").GetString().ShouldBe("fail");
        Clustered.Missing(report).ShouldBe(Declared);
        Clustered.Problems(await cli.OpAsync("env doctor")).ShouldContain(problem => problem.StartsWith("credentials: ", StringComparison.Ordinal));
    }

    [Fact, Trait("fact", "credentials:14.5"), Trait("fact", "k8s-deployer:17.27")]
    public async Task One_operation_that_is_denied_is_the_only_one_missing()
    {
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        var whole = await cli.OpAsync("credentials requirements");
        whole.GetProperty("result").GetString().ShouldBe("pass");
        Clustered.Missing(whole).Concat(Clustered.Excess(whole)).ShouldBeEmpty();
        Clustered.Problems(await cli.OpAsync("env doctor")).ShouldNotContain(problem => problem.StartsWith("credentials", StringComparison.Ordinal));
        cluster.Denied.Add("secrets:delete");
        var report = await cli.OpAsync("credentials requirements");
        Clustered.Missing(report).ShouldBe(["k8s.rbac.allow:core/secrets:delete"]);
        report.GetProperty("result").GetString().ShouldBe("fail");
        report.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("id").GetString()).ShouldBe(Declared);
        Clustered.Problems(await cli.OpAsync("env doctor")).ShouldContain(problem => problem.Contains("k8s.rbac.allow:core/secrets:delete"));
    }

    [Fact, Trait("fact", "credentials:14.6")]
    public async Task Fewer_decisions_than_questions_fail_all_of_them()
    {
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        var asked = 0;
        cluster.Instead = request => request.Path.Value!.EndsWith("accessreviews", StringComparison.Ordinal) && ++asked == 24 ? (201, """{"status":{}}""") : null;
        var report = await cli.OpAsync("credentials requirements");
        Clustered.Missing(report).ShouldBe(Declared.Skip(1));
        report.GetProperty("checks")[1].GetProperty("reason").GetString()!.ShouldContain("not decided");
    }

    [Fact]
    public async Task What_is_allowed_beyond_the_need_is_named_and_is_a_finding()
    {
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        cluster.AlsoAllowed.Add("/pods:create");
        var report = await cli.OpAsync("credentials requirements");
        report.GetProperty("result").GetString().ShouldBe("pass");
        Clustered.Excess(report).ShouldBe(["core/pods:create"]);
        (await cli.RunAsync($"op credentials requirements --store-root {cli.StoreRoot} --fail-on-findings")).Exit.ShouldBe(1);
        Clustered.Problems(await cli.OpAsync("env doctor")).ShouldContain(problem => problem.EndsWith("core/pods:create", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_the_cluster_cannot_list_everything_the_telling_operations_are_asked_for()
    {
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        cluster.Instead = request => request.Path.Value!.EndsWith("rulesreviews", StringComparison.Ordinal)
            ? (201, """{"status":{"resourceRules":[],"nonResourceRules":[],"incomplete":true,"evaluationError":"webhook does not list"}}""")
            : null;
        cluster.AlsoAllowed.Add("/serviceaccounts:create");
        var report = await cli.OpAsync("credentials requirements");
        Clustered.Excess(report).ShouldBe(["core/serviceaccounts/token:create"]);
        report.GetProperty("warnings")[0].GetString()!.ShouldContain("webhook does not list");
        cluster.Instead = request => request.Path.Value!.EndsWith("rulesreviews", StringComparison.Ordinal)
            ? (201, """{"status":{"resourceRules":[],"nonResourceRules":[],"incomplete":true,"evaluationError":"node authorizer does not support user rule resolution"}}""")
            : null;
        (await cli.OpAsync("credentials requirements")).TryGetProperty("warnings", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_server_that_does_not_know_the_question_who_am_I_is_asked_what_may_I()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.IsOld = true;
        using var cli = await Clustered.CliAsync(cluster);
        await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        (await cli.OpAsync("credentials requirements")).GetProperty("result").GetString().ShouldBe("pass");
        cli.Write("wrong", "wrong-token");
        var refused = await Staged.RefusedAsync(cli, "credentials bind --from-file wrong --replace");
        refused.Message.ShouldContain("the cluster does not accept the token");
        refused.Stderr.ShouldNotContain("wrong-token");
    }

    [Fact]
    public async Task The_identity_that_a_machine_has_anyway_can_be_checked_before_any_is_bound()
    {
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        (await cli.OpAsync("credentials requirements --ambient")).GetProperty("result").GetString().ShouldBe("pass");
        File.Exists(Path.Combine(cli.StoreRoot, "local", "credentials.json")).ShouldBeFalse();
        cluster.Objects.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_token_near_its_end_is_warned_of_and_one_that_has_ended_is_named()
    {
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        cli.Time.Advance(TimeSpan.FromHours(19));
        (await cli.OpAsync("credentials requirements")).TryGetProperty("warnings", out _).ShouldBeFalse();
        cli.Time.Advance(TimeSpan.FromHours(1));
        (await cli.OpAsync("credentials requirements")).GetProperty("warnings")[0].GetString()!.ShouldContain("gtc op credentials rotate local");
        Clustered.Problems(await cli.OpAsync("env doctor")).ShouldContain(problem => problem.Contains("the token ends at"));
        cli.Time.Advance(TimeSpan.FromHours(5));
        var report = await cli.OpAsync("credentials requirements");
        report.GetProperty("checks")[0].GetProperty("reason").GetString()!.ShouldContain("expired at 2026-11-21T14:02:03Z");
        Clustered.Missing(report).ShouldBe(Declared);
    }
}
