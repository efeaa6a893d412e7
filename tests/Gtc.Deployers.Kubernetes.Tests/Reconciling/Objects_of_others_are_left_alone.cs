using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests.Reconciling;

public sealed class Objects_of_others_are_left_alone : IAsyncLifetime
{
    private FakeCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await FakeCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    [Trait("fact", "k8s-deployer:17.20")]
    public async Task Of_another_environment()
    {
        Put("greentic.ai/env", "other");
        var refusal = await RefusedAsync(new ReconcileOptions { Adopts = true });
        (refusal.Message.Contains("gtc-router", StringComparison.Ordinal), refusal.Message.Contains("other", StringComparison.Ordinal)).ShouldBe((true, true));
        refusal.Message.ShouldContain("namespace gtc-local");
    }

    [Fact]
    public async Task Of_nobody_unless_they_are_to_be_taken()
    {
        Put("app", "mine");
        (await RefusedAsync(new ReconcileOptions())).Next.ShouldBe("gtc op env reconcile local --adopt");
        var report = await Converging.ConvergedAsync(_cluster, Converging.Running(), new ReconcileOptions { Adopts = true });
        report.Applied.Single(item => item.Outcome == ObjectOutcome.Changed).Item.Name.ShouldBe("gtc-router");
        _cluster.Find(Converging.RouterPath).Value["metadata"]!["labels"]!["app"]!.GetValue<string>().ShouldBe("mine");
    }

    [Fact]
    public async Task Of_the_same_environment_in_another_store()
    {
        await Converging.ConvergedAsync(_cluster, Converging.Running(), new ReconcileOptions { Store = "one" });
        _cluster.Asked.Clear();
        var refusal = (await Converging.ReconcileAsync(_cluster, Converging.Running(), new ReconcileOptions { Store = "two" })).Refusal.ShouldBeOfType<Refusal.Conflict>();
        refusal.Message.ShouldContain("another store");
        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_worker_of_another_store_is_not_pruned()
    {
        await Converging.ConvergedAsync(_cluster, Converging.Running(), new ReconcileOptions { Store = "one" });
        foreach (var path in _cluster.Paths.Where(path => path.Contains("gtc-worker", StringComparison.Ordinal)))
        {
            _cluster.Find(path).Value["metadata"]!["labels"]!["greentic.ai/store"] = "two";
        }

        var report = await Converging.ConvergedAsync(_cluster, new Rendered { Secrets = new SecretsBackend.DevStore("QQ==") }, new ReconcileOptions { Store = "one" });
        (report.Pruned.Length, report.Warnings.Length).ShouldBe((0, 2));
        _cluster.Paths.ShouldContain(Converging.WorkerPath);
    }

    [Fact]
    public async Task Whatever_else_is_in_the_namespace()
    {
        await Converging.ConvergedAsync(_cluster, Converging.Running());
        string[] others =
        [
            $"{Converging.Home}/configmaps/theirs", $"{Converging.Home}/secrets/theirs", "/apis/apps/v1/namespaces/gtc-local/deployments/theirs", $"{Converging.Home}/services/gtc-worker-theirs",
        ];
        foreach (var path in others)
        {
            _cluster.Put(path, $$"""{"apiVersion":"v1","kind":"Thing","metadata":{"name":"theirs","labels":{"app.kubernetes.io/component":"worker"} } }""");
        }

        await Converging.ConvergedAsync(_cluster, new Rendered());
        using var client = _cluster.Client();
        await new EnvironmentRemoval(client, TimeProvider.System).RunAsync(EnvId.Local, "gtc-local", deletesNamespace: false, new ReconcileOptions(), TestContext.Current.CancellationToken);
        _cluster.Paths.Where(path => path != Converging.Home).ShouldBe(others, ignoreOrder: true);
    }

    [Fact]
    public async Task An_environment_is_removed_with_its_namespace_when_that_is_asked()
    {
        await Converging.ConvergedAsync(_cluster, Converging.Running());
        using var client = _cluster.Client();
        var gone = (await new EnvironmentRemoval(client, TimeProvider.System).RunAsync(EnvId.Local, "gtc-local", deletesNamespace: true, new ReconcileOptions(), TestContext.Current.CancellationToken)).Value;
        (gone.Length, gone[^1].Kind, gone[0].Kind).ShouldBe((15, "Namespace", "Deployment"));
        _cluster.Paths.ShouldBeEmpty();
    }

    [Fact]
    public async Task Optional_objects_are_removed_with_their_environment_and_those_of_others_are_not()
    {
        var wanted = Converging.Running();
        wanted.Answers = """{"ingress_host":"a.test","gateway":"n/g","router_max_replicas":5,"worker_replicas":2}""";
        await Converging.ConvergedAsync(_cluster, wanted);
        const string Theirs = "/apis/networking.k8s.io/v1/namespaces/gtc-local/ingresses/theirs";
        _cluster.Put(Theirs, """{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"theirs"}}""");
        using var client = _cluster.Client();
        var gone = (await new EnvironmentRemoval(client, TimeProvider.System).RunAsync(EnvId.Local, "gtc-local", deletesNamespace: false, new ReconcileOptions(), TestContext.Current.CancellationToken)).Value;
        gone.Take(3).Select(name => name.Kind).ShouldBe(["HorizontalPodAutoscaler", "Ingress", "HTTPRoute"], ignoreOrder: true);
        _cluster.Paths.ShouldBe([Converging.Home, Theirs], ignoreOrder: true);
    }

    [Theory]
    [InlineData(DriftChoice.Repair, 2)]
    [InlineData(DriftChoice.Report, 7)]
    [InlineData(DriftChoice.Adopt, 7)]
    public async Task A_field_that_somebody_set_is_told_and_treated_as_chosen(DriftChoice choice, int expected)
    {
        await Converging.ConvergedAsync(_cluster, Converging.Running());
        _cluster.Find(Converging.RouterPath).Edit("kubectl-edit", "f:spec\u0001f:replicas", 7);
        _cluster.Asked.Clear();
        var changed = Converging.Running();
        changed.Answers = """{"runtime_image":"registry.test/gtc:2"}""";
        var report = await Converging.ConvergedAsync(_cluster, changed, new ReconcileOptions { Drift = choice });
        report.Drift.Single().ShouldSatisfyAllConditions(
            drift => drift.Field.ShouldBe("spec.replicas"),
            drift => drift.Owners.ShouldBe(["kubectl-edit"]),
            drift => (drift.Wanted, drift.Found).ShouldBe(("2", "7")));
        var router = _cluster.Find(Converging.RouterPath).Value["spec"]!;
        router["replicas"]!.GetValue<int>().ShouldBe(expected);
        Image(router).ShouldBe(choice == DriftChoice.Report ? "localhost/gtc:0.1.0" : "registry.test/gtc:2");
    }

    [Fact]
    public async Task Another_change_of_ours_is_no_drift_and_what_somebody_removed_comes_back()
    {
        await Converging.ConvergedAsync(_cluster, Converging.Running());
        _cluster.Find($"{Converging.Home}/configmaps/gtc-env-store").Edit("kubectl-edit", "f:data\u0001f:environment.json", null);
        var report = await Converging.ConvergedAsync(_cluster, Converging.Running());
        report.Drift.ShouldBeEmpty();
        report.Applied.Single(item => item.Outcome == ObjectOutcome.Changed).Item.Name.ShouldBe("gtc-env-store");
        _cluster.Find($"{Converging.Home}/configmaps/gtc-env-store").Value["data"]!["environment.json"].ShouldNotBeNull();
    }

    [Fact]
    public async Task The_values_of_a_secret_are_never_told()
    {
        await Converging.ConvergedAsync(_cluster, Converging.Running());
        _cluster.Find($"{Converging.Home}/secrets/gtc-dev-secrets").Edit("kubectl-edit", "f:data\u0001f:.dev.secrets.env", "Y2hhbmdlZA==");
        var drift = (await Converging.ConvergedAsync(_cluster, Converging.Running())).Drift.Single();
        (drift.Wanted, drift.Found, drift.Field).ShouldBe((null, null, "data..dev.secrets.env"));
    }

    private static string Image(JsonNode spec) => spec["template"]!["spec"]!["containers"]![0]!["image"]!.GetValue<string>();

    private void Put(string label, string value) => _cluster.Put(
        Converging.RouterPath, $$"""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"gtc-router","namespace":"gtc-local","labels":{"{{label}}":"{{value}}"} },"spec":{"replicas":1} }""");

    private async Task<Refusal> RefusedAsync(ReconcileOptions options)
    {
        var refusal = (await Converging.ReconcileAsync(_cluster, Converging.Running(), options)).Refusal.ShouldBeOfType<Refusal.Conflict>();
        _cluster.Writes.ShouldBeEmpty();
        return refusal;
    }
}
