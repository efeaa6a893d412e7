using System.Text;
using System.Text.Json;
using Gtc.Conformance;
using Gtc.Deployers.Fleet.Tests.Reconciling;
using Gtc.Deployers.Kubernetes.Tests.Reconciling;
using Gtc.Kubernetes;
using Gtc.Kubernetes.Tests;
using Gtc.Model;

namespace Gtc.Deployers.Fleet.Tests.Conformance;

public sealed class The_fleet_deployer_conforms(KubeLab lab)
{
    [Fact]
    public async Task On_a_real_api_server_with_ten_devices()
    {
        var report = await new ConformanceSuite().RunAsync(new Target(await lab.StartAsync()), TestContext.Current.CancellationToken);

        report.Failed.ShouldBe(0, report.ToString());
        report.Checks.Where(check => check.Status == CheckStatus.NotApplicable).Select(check => check.Id).ShouldBe(["C30", "C31"]);
    }

    private sealed class Target(KubeConfig config) : IConformanceTarget
    {
        private const int Devices = 10;

        public string Name => "greentic.deployer.fleet";

        public DeployerCapabilities Capabilities { get; } = new() { ProvidesObjects = true, ProvidesHealthGate = true, ProvidesTraffic = true };

        public async Task<ConformanceSubject> CreateAsync(CancellationToken cancellationToken) =>
            new Subject(await RecordingProxy.StartAsync(config), await SimulatedFleet.StartAsync(config, Devices));
    }

    private sealed class Subject : ConformanceSubject
    {
        private static readonly ReconcileOptions Options = new() { Wait = TimeSpan.FromSeconds(4), Poll = TimeSpan.FromMilliseconds(50) };

        private readonly RecordingProxy _proxy;
        private readonly SimulatedFleet _fleet;
        private readonly ObservedFleet _observed;
        private readonly KubeClient _client;

        public Subject(RecordingProxy proxy, SimulatedFleet fleet)
        {
            (_proxy, _fleet) = (proxy, fleet);
            _observed = new ObservedFleet(proxy, fleet);
            _client = proxy.Client();
            Deployer = new FleetDeployer(_client, Settings, Options, TimeProvider.System);
            Unconfigured = new FleetDeployer(null, Settings, Options, TimeProvider.System);
            Answers = JsonElement.Parse(Wanted.Answers($"lab={fleet.Lab}"));
        }

        public override IDeployer Deployer { get; }

        public override IDeployer? Unconfigured { get; }

        public override IObservedProvider? Provider => _observed;

        public override JsonElement? Answers { get; }

        public override TimeSpan WarmTimeout => TimeSpan.FromSeconds(4);

        public override string? AcceptsUnwarmedSplits => FleetDeployer.UnwarmedSplits;

        public override bool Renders => true;

        public override Task<EnvironmentDocument> PlaceAsync(EnvironmentDocument environment, CancellationToken cancellationToken)
        {
            _observed.Place(environment.EnvironmentId);
            return Task.FromResult(environment);
        }

        public override Task<byte[]> RenderAsync(EnvironmentDocument environment, CancellationToken cancellationToken) => Task.FromResult(Encoding.UTF8.GetBytes(
            string.Join('\n', FleetRenderer.Render(environment, Settings(environment, Answers).Value).Value.Select(item => KubeJson.ToElement(item).GetRawText()))));

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            foreach (var ns in _observed.Namespaces)
            {
                await _fleet.RemoveDeploymentsAsync(ns);
            }

            await _fleet.DisposeAsync();
            _client.Dispose();
            await _proxy.DisposeAsync();
        }

        private static Outcome<FleetSettings> Settings(EnvironmentDocument environment, JsonElement? answers) =>
            Wanted.Settings(environment.EnvironmentId, answers ?? JsonElement.Parse("{}"));
    }
}
