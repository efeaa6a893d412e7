using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests.Reconciling;

public sealed class The_deployer_keeps_its_contract : IAsyncLifetime
{
    private static readonly RevisionId Nobody = Rendered.Id("01J9ZK3V7T5W8Q2R4N6M0P1XYW");

    private FakeCluster _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await FakeCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Warm_brings_one_worker_and_what_it_needs_and_moves_no_traffic()
    {
        var wanted = Converging.Running().With(Rendered.Second, RevisionLifecycle.Ready);
        using var client = _cluster.Client();
        var deployer = Deployer(wanted, client);
        (await deployer.WarmRevisionAsync(wanted.Document, Rendered.First, null, Token)).ShouldBeNull();
        _cluster.Paths.Count(path => path.Contains("gtc-worker-", StringComparison.Ordinal)).ShouldBe(2);
        _cluster.Paths.ShouldContain($"{Converging.Home}/configmaps/gtc-runtime-config");
        _cluster.Asked.Clear();
        (await deployer.WarmRevisionAsync(wanted.Document, Rendered.First, null, Token)).ShouldBeNull();
        _cluster.Writes.ShouldBeEmpty();

        var map = _cluster.Find($"{Converging.Home}/configmaps/gtc-runtime-config").Value["data"]!.ToJsonString();
        var moved = new Rendered { Secrets = wanted.Secrets }.With(Rendered.First, RevisionLifecycle.Ready).With(Rendered.Second, RevisionLifecycle.Ready, 10_000);
        (await Deployer(moved, client).WarmRevisionAsync(moved.Document, Rendered.Second, null, Token)).ShouldBeNull();
        _cluster.Find($"{Converging.Home}/configmaps/gtc-runtime-config").Value["data"]!.ToJsonString().ShouldBe(map);
        var applied = (await Deployer(moved, client).ApplyTrafficSplitAsync(moved.Document, moved.Document.Bundles[0].DeploymentId, null, Token)).Value;
        applied.AppliedEntries.Single().RevisionId.ShouldBe(Rendered.Second);
        _cluster.Writes.Last().ShouldContain("/configmaps/gtc-runtime-config?");
        _cluster.Find($"{Converging.Home}/configmaps/gtc-runtime-config").Value["data"]!.ToJsonString().ShouldNotBe(map);
    }

    [Fact]
    public async Task Archive_removes_the_pair_and_absent_is_removed_already()
    {
        var wanted = Converging.Running();
        using var client = _cluster.Client();
        var deployer = Deployer(wanted, client);
        (await deployer.WarmRevisionAsync(wanted.Document, Rendered.First, null, Token)).ShouldBeNull();
        (await deployer.ArchiveRevisionAsync(wanted.Document, Rendered.First, null, Token)).ShouldBeNull();
        _cluster.Paths.ShouldNotContain(path => path.Contains("gtc-worker-", StringComparison.Ordinal));
        _cluster.Asked.Clear();
        (await deployer.ArchiveRevisionAsync(wanted.Document, Rendered.First, null, Token)).ShouldBeNull();
        _cluster.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Stage_and_drain_ask_the_cluster_for_nothing()
    {
        var wanted = Converging.Running();
        using var client = _cluster.Client();
        (await Deployer(wanted, client).StageRevisionAsync(wanted.Document, Rendered.First, Token)).ShouldBeNull();
        (await Deployer(wanted, client).DrainRevisionAsync(wanted.Document, Rendered.First, Token)).ShouldBeNull();
        _cluster.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_not_there_is_refused_before_the_cluster_is_asked()
    {
        var wanted = Converging.Running();
        using var client = _cluster.Client();
        var deployer = Deployer(wanted, client);
        (await deployer.StageRevisionAsync(wanted.Document, Nobody, Token)).ShouldBeOfType<DeployerRefusal.RevisionNotFound>();
        (await deployer.WarmRevisionAsync(wanted.Document, Nobody, null, Token)).ShouldBeOfType<DeployerRefusal.RevisionNotFound>();
        (await deployer.DrainRevisionAsync(wanted.Document, Nobody, Token)).ShouldBeOfType<DeployerRefusal.RevisionNotFound>();
        (await deployer.ArchiveRevisionAsync(wanted.Document, Nobody, null, Token)).ShouldBeOfType<DeployerRefusal.RevisionNotFound>();
        (await deployer.ApplyTrafficSplitAsync(wanted.Document, new DeploymentId(Nobody.Value), null, Token)).Refusal.ShouldBeOfType<DeployerRefusal.SplitNotFound>();
        var broken = wanted.Document with { TrafficSplits = [wanted.Document.TrafficSplits[0] with { Entries = [wanted.Document.TrafficSplits[0].Entries[0] with { WeightBps = 9_999 }] }] };
        (await deployer.ApplyTrafficSplitAsync(broken, broken.TrafficSplits[0].DeploymentId, null, Token)).Refusal.ShouldBeOfType<DeployerRefusal.InvalidSplit>().Sum.ShouldBe(9_999UL);
        _cluster.Asked.ShouldBeEmpty();
        (await deployer.ReportRuntimeConfigAsync(wanted.Document, Token)).Value.Revisions.Single().RevisionId.ShouldBe(Rendered.First);
    }

    [Fact]
    public async Task Without_a_client_it_fails_honestly()
    {
        var wanted = Converging.Running();
        var deployer = Deployer(wanted, null);
        (await deployer.WarmRevisionAsync(wanted.Document, Rendered.First, null, Token)).ShouldBeOfType<DeployerRefusal.Provider>().Message.ShouldContain("no client configured");
        (await deployer.ArchiveRevisionAsync(wanted.Document, Rendered.First, null, Token)).ShouldBeOfType<DeployerRefusal.Provider>();
        (await deployer.ApplyTrafficSplitAsync(wanted.Document, wanted.Document.Bundles[0].DeploymentId, null, Token)).Refusal.ShouldBeOfType<DeployerRefusal.Provider>();
    }

    private static KubernetesDeployer Deployer(Rendered wanted, Gtc.Kubernetes.KubeClient? client) => new(client, (_, _) => wanted.Settings(), new ReconcileOptions(), TimeProvider.System);
}
