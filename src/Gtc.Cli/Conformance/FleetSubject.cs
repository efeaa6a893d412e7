using System.Text;
using System.Text.Json;
using Gtc.Conformance;
using Gtc.Deployers.Fleet;
using Gtc.EnvPacks;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Conformance;

/// <summary>The deployer of fleets as an account that may do what its requirements list and nothing else; its calls are seen and can be made to fail.</summary>
internal sealed class FleetSubject : ConformanceSubject
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    private readonly ConformanceFleet _fleet;
    private readonly ObservedDevices _observed;
    private readonly KubeClient _client;
    private readonly CredentialMaterial _allowed;
    private readonly CredentialMaterial _denied;

    public FleetSubject(ConformanceFleet fleet)
    {
        _fleet = fleet;
        _observed = new ObservedDevices(fleet);
        _client = new KubeClient(fleet.Config.As(fleet.Token) with { Around = _observed.Around }, CallTimeout, fleet.Program.Time);
        _allowed = new CredentialMaterial(Encoding.ASCII.GetBytes(fleet.Token));
        _denied = new CredentialMaterial(Encoding.ASCII.GetBytes(fleet.TokenWithoutRights));
        Deployer = new FleetDeployer(_client, fleet.Settings, fleet.Options, fleet.Program.Time);
        Unconfigured = new FleetDeployer(null, fleet.Settings, fleet.Options, fleet.Program.Time);
    }

    public override IDeployer Deployer { get; }

    public override IDeployer? Unconfigured { get; }

    public override IObservedProvider? Provider => _observed;

    public override JsonElement? Answers => _fleet.Answers;

    public override TimeSpan WarmTimeout => _fleet.Options.Wait!.Value;

    public override string? AcceptsUnwarmedSplits => FleetDeployer.UnwarmedSplits;

    /// <summary>Devices get no secrets, so the only one that the deployer knows is its own token.</summary>
    public override string? SecretMarker => _fleet.Token;

    public override CredentialsCase? Credentials => new CredentialsCase(
        new FleetCredentials { Through = config => config with { Around = _observed.Around } }, _fleet.Setting(_allowed), _fleet.Setting(_denied));

    public override bool Renders => true;

    public override async Task<EnvironmentDocument> PlaceAsync(EnvironmentDocument environment, CancellationToken cancellationToken)
    {
        await _fleet.PlaceAsync(environment.EnvironmentId, cancellationToken);
        return environment;
    }

    public override Task<byte[]> RenderAsync(EnvironmentDocument environment, CancellationToken cancellationToken) =>
        _fleet.Settings(environment, null).Then(settings => FleetRenderer.Render(environment, settings)).TryGet(out var rendered, out var refusal)
            ? Task.FromResult(Encoding.UTF8.GetBytes(string.Join('\n', rendered.Select(item => KubeJson.ToElement(item).GetRawText()))))
            : throw new InvalidOperationException(refusal.Message);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _client.Dispose();
        _allowed.Dispose();
        _denied.Dispose();
        await _fleet.ClearAsync(CancellationToken.None);
    }
}
