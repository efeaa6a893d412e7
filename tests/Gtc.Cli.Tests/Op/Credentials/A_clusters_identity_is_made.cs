using System.Text.Json;
using Gtc.Deployers.Kubernetes.Tests.Identity;

namespace Gtc.Cli.Tests.Op.Credentials;

public class A_clusters_identity_is_made
{
    [Fact, Trait("fact", "credentials:14.8")]
    public async Task It_can_be_described_without_a_cluster()
    {
        TestCli.NeedsFolder();
        using var cli = new TestCli();
        await Clustered.EnvironmentAsync(cli);
        var before = (await Staged.DocumentAsync(cli)).GetRawText();
        for (var run = 0; run < 2; run++)
        {
            var report = await cli.OpAsync("credentials bootstrap admin_profile=ops-admin");
            report.GetProperty("bound").GetBoolean().ShouldBeFalse();
            report.GetProperty("credentials_ref").GetString()!.ShouldEndWith("/bootstrap-incomplete");
        }

        (await Staged.DocumentAsync(cli)).GetRawText().ShouldBe(before);
        var rules = Path.Combine(cli.StoreRoot, "local", "rules", "greentic.deployer.k8s");
        Directory.GetFiles(rules).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["README.md", "index.json", "k8s-min-rbac.yaml"]);
        foreach (var entry in JsonElement.Parse(File.ReadAllBytes(Path.Combine(rules, "index.json"))).GetProperty("entries").EnumerateArray())
        {
            entry.GetProperty("bytes").GetInt64().ShouldBe(new FileInfo(Path.Combine(rules, entry.GetProperty("filename").GetString()!)).Length);
        }
    }

    [Fact, Trait("fact", "credentials:14.9")]
    public async Task Rules_come_first_then_a_token_then_the_secret_and_then_the_reference()
    {
        TestCli.NeedsFolder();
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        cluster.LongestToken = 3600;
        var report = await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        cluster.Asked.Select(request => request.Replace("?fieldManager=greentic-credentials&force=true", "", StringComparison.Ordinal)).ShouldBe(
        [
            "GET /api/v1/namespaces/gtc-local",
            "PATCH /api/v1/namespaces/gtc-local",
            "PATCH /api/v1/namespaces/gtc-local/serviceaccounts/greentic-deployer",
            $"PATCH {Clustered.Rbac}/roles/greentic-deployer-min",
            $"PATCH {Clustered.Rbac}/rolebindings/greentic-deployer-min",
            $"POST {Clustered.Secrets}",
            "POST /api/v1/namespaces/gtc-local/serviceaccounts/greentic-deployer/token",
            $"PATCH {Clustered.IdentitySecret}",
            $"GET {Clustered.Secrets}?limit=500&labelSelector=app.kubernetes.io%2Fmanaged-by%3Dgreentic%2Capp.kubernetes.io%2Fcomponent%3Ddeployer-token%2Cgreentic.ai%2Fenv%3Dlocal",
        ]);
        (report.GetProperty("bound").GetBoolean(), report.GetProperty("credentials_ref").GetString()).ShouldBe((true, Clustered.Reference));
        report.GetProperty("expires_at").GetDateTimeOffset().ShouldBe(cluster.Now.AddHours(1), "the server's word counts, not what was asked");
        (await Staged.DocumentAsync(cli)).GetProperty("credentials_ref").GetString().ShouldBe(Clustered.Reference);
        var kept = JsonElement.Parse(File.ReadAllBytes(Path.Combine(cli.StoreRoot, "local", "credentials.json")));
        kept.GetProperty("mode").GetString().ShouldBe("bootstrap");
        kept.GetProperty("expiry").GetProperty("expires_at").GetDateTimeOffset().ShouldBe(cluster.Now.AddHours(1));
        (await cli.OpAsync("credentials requirements")).GetProperty("result").GetString().ShouldBe("pass");
        cluster.Authorizations.Last().ShouldBe($"Bearer {Clustered.Published(cluster)}");
        (await Staged.RefusedAsync(cli, "credentials bootstrap admin_profile=admin --bind")).Kind.ShouldBe("conflict");
    }

    [Fact, Trait("fact", "credentials:14.10")]
    public async Task Credentials_that_cannot_be_kept_are_taken_back()
    {
        TestCli.NeedsFiles("secrets that a server cannot read are found before anything is made");
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);

        // A folder where the file of secrets should be: nothing can be written there.
        Directory.CreateDirectory(Path.Combine(cli.StoreRoot, "local", ".greentic", "dev", ".dev.secrets.env", "taken"));
        await Staged.RefusedAsync(cli, "credentials bootstrap admin_profile=admin --bind");
        (await Staged.DocumentAsync(cli)).TryGetProperty("credentials_ref", out _).ShouldBeFalse();
        cluster.Asked.ShouldContain($"PATCH {Clustered.IdentitySecret}?fieldManager=greentic-credentials&force=true");
        cluster.Objects.Keys.ShouldNotContain(path => path.StartsWith(Clustered.Secrets, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PATCH", "/rolebindings/", "step `apply RoleBinding` failed")]
    [InlineData("POST", "/secrets", "step `token-anchor` failed")]
    [InlineData("POST", "/token", "step `token-request` failed")]
    [InlineData("PATCH", "/secrets/", "step `identity-secret` failed")]
    public async Task A_step_that_fails_is_named_and_leaves_no_token(string method, string part, string expected)
    {
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        cluster.Instead = request => request.Method == method && request.Path.Value!.Contains(part, StringComparison.Ordinal) ? (403, """{"kind":"Status","message":"not you"}""") : null;
        var refused = await Staged.RefusedAsync(cli, "credentials bootstrap admin_profile=admin --bind");
        (refused.Kind, refused.Message).ShouldBe(("conflict", $"{expected}: not you (status 403)"));
        cluster.Objects.Keys.ShouldNotContain(path => path.StartsWith(Clustered.Secrets, StringComparison.Ordinal));
        (await Staged.DocumentAsync(cli)).TryGetProperty("credentials_ref", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task An_environment_that_keeps_no_secrets_and_a_namespace_of_another_one_are_refused_before_anything_is_made()
    {
        await using var cluster = await FakeCluster.StartAsync();
        using var bare = await Clustered.CliAsync(cluster, keepsSecrets: false);
        await Staged.RefusedAsync(bare, "credentials bootstrap admin_profile=admin --bind");
        cluster.Asked.ShouldBeEmpty();
        using var cli = await Clustered.CliAsync(cluster);
        cluster.Objects["/api/v1/namespaces/gtc-local"] = new() { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["uid"] = "1", ["labels"] = new System.Text.Json.Nodes.JsonObject { ["greentic.ai/env"] = "theirs" } } };
        (await Staged.RefusedAsync(cli, "credentials bootstrap admin_profile=admin --bind")).Message.ShouldContain("belongs to environment `theirs`");
        (await Staged.RefusedAsync(cli, "credentials bootstrap admin_profile=gone --bind")).Message.ShouldContain("no context `gone`");
        (await Staged.RefusedAsync(cli, "credentials bootstrap admin_profile=admin token_ttl_secs=599 --bind")).Kind.ShouldBe("invalid-argument");
        cluster.Asked.ShouldAllBe(request => request.StartsWith("GET ", StringComparison.Ordinal));
    }

    [Fact, Trait("fact", "credentials:14.12")]
    public async Task A_rotation_that_is_not_due_calls_no_cluster_and_is_in_the_log()
    {
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        cluster.Asked.Clear();
        var lines = Clustered.AuditLines(cli).Length;
        cli.Time.Advance(TimeSpan.FromSeconds((86_400 * 4 / 5) - 1));
        var report = await cli.OpAsync("credentials rotate admin_profile=admin --if-needed");
        report.GetProperty("rotated").GetBoolean().ShouldBeFalse();
        report.GetProperty("reason").GetString().ShouldBe("the credentials are not due yet");
        cluster.Asked.ShouldBeEmpty();
        Clustered.AuditLines(cli).Length.ShouldBe(lines + 1);
        cli.Time.Advance(TimeSpan.FromSeconds(1));
        (await cli.OpAsync("credentials rotate admin_profile=admin --if-needed")).GetProperty("rotated").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task A_rotation_ends_the_token_before_once_the_new_one_is_kept()
    {
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        var first = Clustered.Published(cluster);
        cluster.Knows(first).ShouldBeTrue();
        var report = await cli.OpAsync("credentials rotate admin_profile=admin token_ttl_secs=7200");
        report.GetProperty("expires_at").GetDateTimeOffset().ShouldBe(cluster.Now.AddHours(2));
        report.GetProperty("rotate_at").GetDateTimeOffset().ShouldBe(cluster.Now.AddSeconds(7200 * 0.8));
        var second = Clustered.Published(cluster);
        (second == first, cluster.Knows(first), cluster.Knows(second)).ShouldBe((false, false, true));
        cluster.Objects.Keys.Count(path => path.StartsWith($"{Clustered.Secrets}/greentic-deployer-token-", StringComparison.Ordinal)).ShouldBe(1);
        (await cli.OpAsync("credentials requirements")).GetProperty("result").GetString().ShouldBe("pass");
        cluster.Authorizations.Last().ShouldBe($"Bearer {second}");
    }

    [Fact]
    public async Task A_rotation_that_fails_leaves_the_token_before_as_it_was()
    {
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        var first = Clustered.Published(cluster);
        cluster.Instead = request => request.Path.Value!.EndsWith("/token", StringComparison.Ordinal) ? (500, "{}") : null;
        await Staged.RefusedAsync(cli, "credentials rotate admin_profile=admin");
        cluster.Instead = _ => null;
        (Clustered.Published(cluster), cluster.Knows(first)).ShouldBe((first, true));
        (await cli.OpAsync("credentials requirements")).GetProperty("result").GetString().ShouldBe("pass");

        // The Secret in the cluster is written last: when that fails, the environment has the new token all the same.
        cluster.Instead = request => request.Method == "PATCH" && request.Path.Value == Clustered.IdentitySecret ? (500, "{}") : null;
        (await cli.OpAsync("credentials rotate admin_profile=admin")).GetProperty("warnings")[0].GetString()!.ShouldContain("still holds the token before");
        cluster.Instead = _ => null;
        (Clustered.Published(cluster), cluster.Knows(first)).ShouldBe((first, true));
        (await cli.OpAsync("credentials requirements")).GetProperty("result").GetString().ShouldBe("pass");
        cluster.Authorizations.Last().ShouldNotBe($"Bearer {first}");
    }

    [Fact]
    public async Task There_is_nothing_to_rotate_without_credentials_or_where_none_are_made()
    {
        using var cli = new TestCli();
        await Clustered.EnvironmentAsync(cli);
        (await Staged.RefusedAsync(cli, "credentials rotate admin_profile=admin")).Message.ShouldContain("has no credentials to rotate");
        using var local = new TestCli();
        await local.OpAsync("env init");
        (await Staged.RefusedAsync(local, "credentials rotate admin_profile=admin")).Kind.ShouldBe("conflict");
    }

    [Fact, Trait("fact", "credentials:14.18")]
    public async Task The_administrators_kubeconfig_is_used_once_and_nowhere_afterwards()
    {
        TestCli.NeedsFolder();
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        cli.SetVariable("KUBECONFIG", cli.Write("kubeconfig", cluster.Kubeconfig("nobody").Replace(FakeCluster.AdminToken, "not-this-one")));
        cli.Write("admin.yaml", cluster.Kubeconfig());
        await cli.OpAsync("credentials bootstrap admin_profile=admin admin_material_path=admin.yaml --bind");
        await cli.OpAsync("credentials rotate admin_profile=admin admin_material_path=admin.yaml");
        var broken = cluster.Kubeconfig().Replace("contexts:", "contexts: [");
        cli.Write("broken.yaml", broken);
        (await Staged.RefusedAsync(cli, "credentials rotate admin_profile=admin admin_material_path=broken.yaml")).Stderr.ShouldNotContain(FakeCluster.AdminToken);
        var token = Clustered.Published(cluster);
        Clustered.Files(cli).ShouldAllBe(text => !text.Contains(FakeCluster.AdminToken) && !text.Contains(token));
        Clustered.AuditLines(cli).Count(line => line.Contains("\"admin_profile\":\"admin\"")).ShouldBe(3);
        (await Staged.RefusedAsync(cli, "credentials rotate admin_profile=admin admin_material_inline=x")).Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task Credentials_that_are_unbound_end_in_the_cluster_too()
    {
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        var token = Clustered.Published(cluster);
        var unbound = await cli.OpAsync("credentials unbind");
        unbound.TryGetProperty("warnings", out _).ShouldBeFalse();
        cluster.Knows(token).ShouldBeFalse();
        cluster.Objects.Keys.ShouldNotContain(path => path.StartsWith(Clustered.Secrets, StringComparison.Ordinal));
        (await Staged.DocumentAsync(cli)).TryGetProperty("credentials_ref", out _).ShouldBeFalse();
        await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        cluster.Instead = _ => (500, "{}");
        (await cli.OpAsync("credentials unbind")).GetProperty("warnings")[0].GetString()!.ShouldContain("still in the cluster");
    }

    [Fact]
    public async Task Credentials_that_are_unbound_end_although_that_could_not_be_audited()
    {
        TestCli.NeedsFolder();
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        var token = Clustered.Published(cluster);
        var audit = Path.Combine(cli.StoreRoot, "local", "audit");
        Directory.Move(audit, audit + ".away");
        File.WriteAllText(audit, "in the way");
        (await Staged.RefusedAsync(cli, "credentials unbind")).Kind.ShouldBe("audit");
        cluster.Knows(token).ShouldBeFalse();
    }

    [Fact]
    public async Task An_administrator_removes_the_identity_with_every_token()
    {
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        var token = Clustered.Published(cluster);
        (await Staged.RefusedAsync(cli, "credentials unbind --delete-identity")).Message.ShouldContain("admin_profile");
        (await Staged.RefusedAsync(cli, "credentials unbind admin_profile=admin")).Message.ShouldContain("delete_identity");

        var unbound = await cli.OpAsync("credentials unbind --delete-identity admin_profile=admin");

        (unbound.GetProperty("identity_deleted").GetBoolean(), unbound.TryGetProperty("warnings", out _)).ShouldBe((true, false));
        cluster.Knows(token).ShouldBeFalse();
        cluster.Objects.Keys.Where(path => !path.EndsWith("/namespaces/gtc-local", StringComparison.Ordinal)).ShouldBeEmpty();
        (await Staged.DocumentAsync(cli)).TryGetProperty("credentials_ref", out _).ShouldBeFalse();
        Clustered.AuditLines(cli)[^1].ShouldContain("\"admin_profile\":\"admin\"");
    }

    [Fact]
    public async Task An_identity_of_somebody_else_stays()
    {
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        var role = cluster.Objects[$"{Clustered.Rbac}/roles/greentic-deployer-min"];
        role["metadata"]!["labels"]!["greentic.ai/env"] = "other";

        var unbound = await cli.OpAsync("credentials unbind --delete-identity admin_profile=admin");

        unbound.GetProperty("identity_deleted").GetBoolean().ShouldBeFalse();
        unbound.GetProperty("warnings")[0].GetString()!.ShouldContain("somebody else");
        cluster.Objects.Keys.ShouldContain($"{Clustered.Rbac}/roles/greentic-deployer-min");
    }

    [Fact]
    public async Task A_token_made_offline_is_bound_and_found_in_the_cluster_by_another_machine()
    {
        await using var cluster = await FakeCluster.StartAsync();
        using var cli = await Clustered.CliAsync(cluster);
        await cli.OpAsync("credentials bootstrap admin_profile=admin --bind");
        cli.Write("token", Clustered.Published(cluster));
        using var other = await Clustered.CliAsync(cluster, keepsSecrets: false);
        var report = await other.OpAsync($"credentials bind credentials_ref={Clustered.Reference}");
        (report.GetProperty("result").GetString(), report.GetProperty("credentials_ref").GetString()).ShouldBe(("pass", Clustered.Reference));
        using var third = await Clustered.CliAsync(cluster);
        (await third.OpAsync("credentials bind --from-file " + Path.Combine(cli.Folder, "token"))).GetProperty("result").GetString().ShouldBe("pass");
    }
}
