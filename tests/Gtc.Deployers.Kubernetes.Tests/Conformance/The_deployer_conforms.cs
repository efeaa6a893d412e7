using System.Text;
using System.Text.Json;
using Gtc.Conformance;
using Gtc.Deployers.Kubernetes.Tests.Reconciling;
using Gtc.EnvPacks;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests.Conformance;

public sealed class The_deployer_conforms
{
    [Fact]
    [Trait("fact", "deployers-and-conformance:16.1")]
    public async Task On_a_cluster_in_this_process()
    {
        var report = await new ConformanceSuite().RunAsync(new Target(), TestContext.Current.CancellationToken);

        report.Failed.ShouldBe(0, report.ToString());
        report.Checks.ShouldAllBe(check => check.Status == CheckStatus.Passed);
    }

    [Fact]
    [Trait("fact", "deployers-and-conformance:16.9")]
    public async Task A_warm_adds_one_worker_to_the_namespace_and_a_split_writes_one_map()
    {
        var cluster = await FakeCluster.StartAsync();
        await using var subject = new Subject(cluster);
        var environment = await subject.PlaceAsync(ConformanceFixture.Environment(), TestContext.Current.CancellationToken);
        var before = cluster.Paths.ToHashSet(StringComparer.Ordinal);

        (await subject.Deployer.WarmRevisionAsync(environment, ConformanceFixture.RevisionA1, null, TestContext.Current.CancellationToken)).ShouldBeNull();
        cluster.Paths.Except(before).ShouldBe(
        [
            "/api/v1/namespaces/gtc-conformance/services/gtc-worker-0000000000000000000000000g",
            "/apis/apps/v1/namespaces/gtc-conformance/deployments/gtc-worker-0000000000000000000000000g",
        ]);

        cluster.Asked.Clear();
        (await subject.Deployer.ApplyTrafficSplitAsync(environment, ConformanceFixture.DeploymentA, null, TestContext.Current.CancellationToken)).IsOk.ShouldBeTrue();
        cluster.Writes.ShouldHaveSingleItem().ShouldContain("/configmaps/gtc-runtime-config?");
    }

    private sealed class Target : IConformanceTarget
    {
        public string Name => "greentic.deployer.k8s";

        public DeployerCapabilities Capabilities { get; } = new() { ProvidesObjects = true, ProvidesHealthGate = true, ProvidesTraffic = true };

        public async Task<ConformanceSubject> CreateAsync(CancellationToken cancellationToken) => new Subject(await FakeCluster.StartAsync());
    }

    private sealed class Subject : ConformanceSubject
    {
        private const string Marker = "bWFya2VyLW9mLWEtc2VjcmV0";

        private static readonly ReconcileOptions Options = new() { Wait = TimeSpan.FromSeconds(2), Poll = TimeSpan.FromMilliseconds(50), Settle = TimeSpan.Zero };

        private readonly FakeCluster _cluster;
        private readonly ObservedCluster _observed;
        private readonly KubeClient _client;
        private readonly string _kubeconfig = Path.GetTempFileName();

        public Subject(FakeCluster cluster)
        {
            _cluster = cluster;
            _observed = new ObservedCluster(cluster);
            _client = cluster.Client();
            File.WriteAllText(_kubeconfig, $"{{current-context: fake, contexts: [{{name: fake, context: {{cluster: fake}}}}], clusters: [{{name: fake, cluster: {{server: \"{cluster.Address}\"}}}}]}}");
            Deployer = new KubernetesDeployer(_client, Settings, Options, TimeProvider.System);
            Unconfigured = new KubernetesDeployer(null, Settings, Options, TimeProvider.System);
        }

        public override IDeployer Deployer { get; }

        public override IDeployer? Unconfigured { get; }

        public override IObservedProvider? Provider => _observed;

        public override TimeSpan WarmTimeout => TimeSpan.FromSeconds(2);

        public override string? AcceptsUnwarmedSplits => "docs/guides/kubernetes.md: the router gives the share of a revision without pods to the others";

        public override string? SecretMarker => Marker;

        public override bool Renders => true;

        public override CredentialsCase? Credentials => new(new KubernetesCredentials(), Setting(ObservedCluster.Allowed), Setting("stranger"));

        /// <summary>A render is a preview, which knows no secrets.</summary>
        public override Task<byte[]> RenderAsync(EnvironmentDocument environment, CancellationToken cancellationToken) => Task.FromResult(Encoding.UTF8.GetBytes(string.Concat(
            Renderer.Render(environment, Settings(environment, null).Value with { Secrets = new SecretsBackend.DevStore(null) }).Value.Select(item => YamlText.Of(KubeJson.ToElement(item))))));

        /// <summary>The environment's own objects; the suite is about revisions and splits.</summary>
        public override async Task<EnvironmentDocument> PlaceAsync(EnvironmentDocument environment, CancellationToken cancellationToken)
        {
            _observed.Place(NamespaceName.Of(environment.EnvironmentId), environment.EnvironmentId);
            var bare = environment with { Revisions = [], TrafficSplits = [], Bundles = [] };
            (await new Reconciler(_client, TimeProvider.System).RunAsync(bare, Settings(environment, null).Value, Options, cancellationToken)).Refusal.ShouldBeNull();
            _observed.ForgetCalls();
            return environment;
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            _client.Dispose();
            File.Delete(_kubeconfig);
            await _cluster.DisposeAsync();
        }

        private CredentialsSetting Setting(string token) => new()
        {
            Environment = ConformanceFixture.EnvironmentId,
            Folder = Path.GetTempPath(),
            Answers = Rendered.Read("greentic.deployer.k8s@1.0.0", "{}").Value,
            Material = new CredentialMaterial(Encoding.ASCII.GetBytes(token)),
            Variable = name => name == "KUBECONFIG" ? _kubeconfig : null,
            Time = TimeProvider.System,
        };

        private static Outcome<RenderSettings> Settings(EnvironmentDocument environment, JsonElement? answers) =>
            AnswersReader.Read(Rendered.Handler("greentic.deployer.k8s@1.0.0"), answers ?? JsonElement.Parse("{}")).TryGet(out var read, out var refusal)
                ? RenderSettings.Of(environment.EnvironmentId, read, new SecretsBackend.DevStore(Marker), "localhost/gtc:0.1.0")
                : new DeployerRefusal.Provider(refusal.Message);
    }
}
