using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests.Reconciling;

public sealed class A_cluster_is_converged : IAsyncLifetime
{
    private FakeCluster _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await FakeCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    [Trait("fact", "k8s-deployer:17.20")]
    public async Task Each_object_is_read_and_then_applied_in_order()
    {
        var report = await ConvergedAsync(Converging.Running());
        report.Applied.Length.ShouldBe(15);
        report.Applied.ShouldAllBe(item => item.Outcome == ObjectOutcome.Created);
        var writes = _cluster.Writes.ToList();
        writes.Count.ShouldBe(15);
        writes.ShouldAllBe(line => line.StartsWith("PATCH ", StringComparison.Ordinal) && line.EndsWith("?fieldManager=greentic-deployer&force=true", StringComparison.Ordinal));
        writes[0].ShouldStartWith($"PATCH {Converging.Home}?");
        var asked = _cluster.Asked.ToList();
        foreach (var write in writes)
        {
            var read = asked.IndexOf($"GET {write.Split(' ')[1].Split('?')[0]}");
            read.ShouldBeInRange(0, asked.IndexOf(write), write);
        }
    }

    [Fact]
    public async Task A_second_time_nothing_is_written()
    {
        await ConvergedAsync(Converging.Running());
        _cluster.Asked.Clear();
        var report = await ConvergedAsync(Converging.Running());
        report.Applied.ShouldAllBe(item => item.Outcome == ObjectOutcome.Unchanged);
        _cluster.Writes.ShouldBeEmpty();
        _cluster.Asked.Count.ShouldBeLessThanOrEqualTo(9);
    }

    [Fact]
    public async Task Only_what_differs_is_written()
    {
        await ConvergedAsync(Converging.Running());
        _cluster.Asked.Clear();
        var changed = Converging.Running();
        changed.Answers = """{"router_replicas":3}""";
        (await ConvergedAsync(changed)).Applied.Single(item => item.Outcome != ObjectOutcome.Unchanged).Item.Name.ShouldBe("gtc-router");
        _cluster.Writes.ShouldBe([$"PATCH {Converging.RouterPath}?fieldManager=greentic-deployer&force=true"]);
        _cluster.Find(Converging.RouterPath).Value["spec"]!["replicas"]!.GetValue<int>().ShouldBe(3);
    }

    [Fact]
    public async Task Optional_objects_go_with_their_answers()
    {
        const string Ingress = "/apis/networking.k8s.io/v1/namespaces/gtc-local/ingresses/gtc-router";
        var asked = Converging.Running();
        asked.Answers = """{"ingress_host":"bot.example.com","worker_replicas":2,"router_max_replicas":5}""";
        await ConvergedAsync(asked);
        _cluster.Paths.ShouldContain(Ingress);
        _cluster.Asked.Clear();
        await ConvergedAsync(asked);
        _cluster.Writes.ShouldBeEmpty("the record of them does not change");

        (await ConvergedAsync(Converging.Running())).Pruned.Select(item => item.Kind).ShouldBe(["HorizontalPodAutoscaler", "Ingress", "PodDisruptionBudget"], ignoreOrder: true);
        _cluster.Paths.Count().ShouldBe(15);
        _cluster.Asked.Clear();
        await ConvergedAsync(Converging.Running());
        _cluster.Writes.ShouldBeEmpty();
        _cluster.Asked.ShouldNotContain(line => line.Contains("ingresses", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_optional_object_that_somebody_made_their_own_stays()
    {
        const string Ingress = "/apis/networking.k8s.io/v1/namespaces/gtc-local/ingresses/gtc-router";
        var asked = Converging.Running();
        asked.Answers = """{"ingress_host":"bot.example.com"}""";
        await ConvergedAsync(asked);
        _cluster.Put(Ingress, """{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"gtc-router"}}""");
        (await ConvergedAsync(Converging.Running())).Pruned.ShouldBeEmpty();
        _cluster.Paths.ShouldContain(Ingress);
    }

    [Fact]
    public async Task What_is_rendered_no_more_is_taken_away()
    {
        var first = Converging.Running();
        first.Answers = """{"oci_insecure_registries":["a:5000"]}""";
        await ConvergedAsync(first);
        _cluster.Find(Converging.RouterPath).Value.ToJsonString().ShouldContain("a:5000");
        await ConvergedAsync(Converging.Running());
        _cluster.Find(Converging.RouterPath).Value.ToJsonString().ShouldNotContain("a:5000");
        _cluster.Asked.Clear();
        await ConvergedAsync(Converging.Running());
        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    [Trait("fact", "k8s-deployer:17.19")]
    public async Task The_worker_of_an_archived_revision_is_removed_and_no_other()
    {
        await ConvergedAsync(Converging.Running().With(Rendered.Second, RevisionLifecycle.Ready));
        var archived = Converging.Running().With(Rendered.Second, RevisionLifecycle.Archived);
        var report = await ConvergedAsync(archived);
        report.Pruned.Select(item => $"{item.Kind} {item.Name}").ShouldBe(["Deployment gtc-worker-01j9zk3v7t5w8q2r4n6m0p1xyx", "Service gtc-worker-01j9zk3v7t5w8q2r4n6m0p1xyx"]);
        _cluster.Paths.Count(path => path.Contains("gtc-worker-", StringComparison.Ordinal)).ShouldBe(2);
        var again = await ConvergedAsync(archived);
        (again.Pruned.Length, again.AlreadyAbsent.Length).ShouldBe((0, 2));
    }

    [Fact]
    public async Task A_worker_whose_revision_nobody_knows_any_more_is_found_by_its_label()
    {
        await ConvergedAsync(Converging.Running().With(Rendered.Second, RevisionLifecycle.Ready));
        (await ConvergedAsync(Converging.Running())).Pruned.Length.ShouldBe(2);
    }

    [Fact]
    public async Task Only_the_object_that_was_seen_is_removed()
    {
        await ConvergedAsync(Converging.Running());
        const string Path = Converging.WorkerPath;
        _cluster.Before = context =>
        {
            if (context.Request.Method == "DELETE")
            {
                _cluster.Find(Path).Value["metadata"]!["uid"] = "another";
            }

            return Task.FromResult(false);
        };
        (await Converging.ReconcileAsync(_cluster, new Rendered { Secrets = new SecretsBackend.DevStore("QQ==") })).Refusal.ShouldBeOfType<Refusal.Conflict>();
        _cluster.Paths.ShouldContain(Path);
    }

    [Fact]
    public async Task The_secret_of_a_dev_store_goes_when_it_is_bound_no_more()
    {
        await ConvergedAsync(Converging.Running());
        var report = await ConvergedAsync(new Rendered().With(Rendered.First, RevisionLifecycle.Ready));
        report.Pruned.Select(item => item.Kind).ShouldBe(["Secret"]);
    }

    [Fact]
    [Trait("fact", "k8s-deployer:17.21")]
    public async Task A_bound_identity_never_asks_for_the_namespace()
    {
        _cluster.Put(Converging.Home, """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"gtc-local"}}""");
        var report = await ConvergedAsync(Converging.Running(), new ReconcileOptions { IsBound = true });
        report.Applied.Length.ShouldBe(14);
        _cluster.Asked.Select(PathOf).ShouldNotContain(Converging.Home);
    }

    [Fact]
    public async Task An_older_cluster_gets_older_budgets()
    {
        _cluster.PolicyVersions = ["v1beta1"];
        (await ConvergedAsync(Converging.Running())).Applied.ShouldContain(item => item.Item.ApiVersion == "policy/v1beta1");
        _cluster.Paths.ShouldContain("/apis/policy/v1beta1/namespaces/gtc-local/poddisruptionbudgets/gtc-router");
    }

    [Fact]
    public async Task A_dry_run_changes_nothing_and_says_what_would_be()
    {
        var report = await ConvergedAsync(Converging.Running(), new ReconcileOptions { IsDryRun = true });
        report.Applied.Length.ShouldBe(15);
        _cluster.Paths.ShouldBeEmpty();
        _cluster.Writes.ShouldAllBe(line => line.EndsWith("&dryRun=All", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Running_routers_are_told_of_new_shares_once()
    {
        await ConvergedAsync(Converging.Running());
        const string Old = "/api/v1/namespaces/gtc-local/pods/gtc-router-old";
        const string Young = "/api/v1/namespaces/gtc-local/pods/gtc-router-young";
        _cluster.Put(Old, Pod("gtc-router-old", "2026-11-20T14:00:00Z"));
        _cluster.Put(Young, Pod("gtc-router-young", "2026-11-20T15:00:00Z"));
        (await ConvergedAsync(Converging.Running())).PodsTold.ShouldBe(1);
        _cluster.Find(Old).Value["metadata"]!["annotations"]!["greentic.ai/config-hash"].ShouldNotBeNull();
        _cluster.Find(Young).Value["metadata"]!["annotations"].ShouldBeNull();
        _cluster.Asked.Clear();
        (await ConvergedAsync(Converging.Running())).PodsTold.ShouldBe(0);
        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_the_right_to_see_pods_it_goes_on_with_a_warning()
    {
        _cluster.Before = async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("/pods", StringComparison.Ordinal))
            {
                return false;
            }

            context.Response.StatusCode = 403;
            await context.Response.BodyWriter.WriteAsync("""{"message":"pods is forbidden"}"""u8.ToArray(), Token);
            return true;
        };
        (await ConvergedAsync(Converging.Running())).Warnings.Single().ShouldContain("within about a minute");
    }

    private static string PathOf(string line) => line.Split(' ')[1].Split('?')[0];

    private static string Pod(string name, string created) =>
        $$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","creationTimestamp":"{{created}}","labels":{"greentic.ai/env":"local","app.kubernetes.io/component":"router"} } }""";

    private Task<ReconcileReport> ConvergedAsync(Rendered wanted, ReconcileOptions? options = null) => Converging.ConvergedAsync(_cluster, wanted, options);
}
