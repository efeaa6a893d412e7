using System.Text;
using System.Text.Json;
using Gtc.Conformance;
using Gtc.Deployers.Kubernetes;
using Gtc.EnvPacks;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Conformance;

/// <summary>A deployer whose calls are seen and can be made to fail; what it made is removed with it.</summary>
internal sealed class KubernetesSubject : ConformanceSubject
{
    private const string Marker = "bWFya2VyLW9mLWEtc2VjcmV0";

    // No registry has it, so that its pods never start.
    private const string AbsentImage = "localhost/gtc-conformance/absent:0";

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    private readonly ConformanceCluster _cluster;
    private readonly ObservedCluster _observed;
    private readonly KubeClient _client;
    private CredentialMaterial? _noRights;

    public KubernetesSubject(ConformanceCluster cluster)
    {
        _cluster = cluster;
        _observed = new ObservedCluster(cluster);
        var watched = cluster.Config with { Around = _observed.Around };
        _client = new KubeClient(watched, CallTimeout, cluster.Program.Time);
        Deployer = new KubernetesDeployer(_client, Settings, cluster.Options, cluster.Program.Time);
        Unconfigured = new KubernetesDeployer(null, Settings, cluster.Options, cluster.Program.Time);
    }

    public override IDeployer Deployer { get; }

    public override IDeployer? Unconfigured { get; }

    public override IObservedProvider? Provider => _observed;

    public override TimeSpan WarmTimeout => _cluster.WarmTimeout;

    public override string? AcceptsUnwarmedSplits => "docs/guides/kubernetes.md: the router gives the share of a revision without pods to the others";

    public override string? SecretMarker => Marker;

    public override CredentialsCase? Credentials => _noRights is null ? null : new CredentialsCase(
        new KubernetesCredentials { Through = config => config with { Around = _observed.Around } }, _cluster.Setting(null), _cluster.Setting(_noRights));

    public override bool Renders => true;

    /// <summary>A render is a preview, which knows no secrets.</summary>
    public override Task<byte[]> RenderAsync(EnvironmentDocument environment, CancellationToken cancellationToken) => Task.FromResult(Encoding.UTF8.GetBytes(string.Concat(
        Must(Settings(environment, null).Then(settings => Renderer.Render(environment, settings with { Secrets = new SecretsBackend.DevStore(null) })))
            .Select(item => YamlText.Of(KubeJson.ToElement(item))))));

    /// <summary>Gives the cluster the environment's own objects; the suite is about revisions and splits.</summary>
    public override async Task<EnvironmentDocument> PlaceAsync(EnvironmentDocument environment, CancellationToken cancellationToken)
    {
        var bare = environment with { Revisions = [], TrafficSplits = [], Bundles = [] };
        Must(await new Reconciler(_cluster.Client, _cluster.Program.Time).RunAsync(bare, Must(Settings(environment, null)), _cluster.Options with { Wait = null }, cancellationToken));
        _cluster.Place(environment.EnvironmentId);
        return _cluster.Bundle?.In(environment) ?? environment;
    }

    /// <summary>Makes what the check of credentials needs.</summary>
    public async Task PrepareCredentialsAsync(CancellationToken cancellationToken) => _noRights = await _cluster.WithoutRightsAsync(cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _noRights?.Dispose();
        _client.Dispose();
        await _cluster.RemoveAsync(deletesNamespaces: false, CancellationToken.None);
    }

    private static T Must<T>(Outcome<T> outcome) => outcome.TryGet(out var value, out var refusal)
        ? value
        : throw new InvalidOperationException(string.Join("; ", [refusal.Message, .. refusal.Details.Select(detail => $"{detail.Label}: {detail.Value}")]));

    private Outcome<RenderSettings> Settings(EnvironmentDocument environment, JsonElement? answers)
    {
        if (!AnswersReader.Read(_cluster.Pack, answers ?? JsonElement.Parse("{}")).TryGet(out var read, out var refusal))
        {
            return new DeployerRefusal.Provider(refusal.Message);
        }

        var settings = RenderSettings.Of(environment.EnvironmentId, read, new SecretsBackend.DevStore(Marker), _cluster.Image);
        if (!_cluster.RunsPods)
        {
            return settings;
        }

        // Nobody asks routers anything here, and five environments with two each want more processors than a small node has.
        return settings with { RouterReplicas = 0, RuntimeImage = _observed.IsReady ? settings.RuntimeImage : AbsentImage };
    }
}
