using System.Text.Json;
using Gtc.Conformance;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Deployers.LocalProcess.Tests;

public sealed class The_deployer_keeps_its_contract
{
    [Fact]
    [Trait("fact", "deployers-and-conformance:16.1")]
    public async Task Passive()
    {
        var report = await new ConformanceSuite().RunAsync(new Target(supervises: false), TestContext.Current.CancellationToken);

        report.Failed.ShouldBe(0, report.ToString());
        report.Checks.Where(check => check.Status == CheckStatus.NotApplicable).Select(check => check.Id)
            .ShouldBe(["C12", "C13", "C14", "C19", "C20", "C21", "C22", "C24", "C25", "C26", "C27", "C29", "C31"]);
    }

    [Fact]
    [Trait("fact", "deployers-and-conformance:16.1")]
    public async Task Supervising()
    {
        var report = await new ConformanceSuite().RunAsync(new Target(supervises: true), TestContext.Current.CancellationToken);

        report.Failed.ShouldBe(0, report.ToString());
        report.Checks.Where(check => check.Status == CheckStatus.NotApplicable).Select(check => check.Id).ShouldBe(["C14", "C27", "C31"]);
    }

    private sealed class Target(bool supervises) : IConformanceTarget
    {
        public string Name => "local-process";

        public DeployerCapabilities Capabilities => supervises ? new() { ProvidesObjects = true, ProvidesHealthGate = true } : DeployerCapabilities.None;

        public Task<ConformanceSubject> CreateAsync(CancellationToken cancellationToken) => Task.FromResult<ConformanceSubject>(new Subject(supervises));
    }

    private sealed class Subject(bool supervises) : ConformanceSubject
    {
        private static readonly JsonElement ManyPorts = JsonElement.Parse("""{"supervise":true,"port_range":"9001-9099","warm_timeout_seconds":1}""");

        private readonly Lab _lab = new();

        public override IDeployer Deployer => _lab.Deployer;

        public override IDeployer? Unconfigured => _lab.Of(null);

        public override IObservedProvider? Provider => _lab.Machine;

        public override JsonElement? Answers => supervises ? ManyPorts : null;

        public override TimeSpan WarmTimeout => TimeSpan.FromSeconds(1);

        public override string? AcceptsUnwarmedSplits => LocalProcessDeployer.UnwarmedSplits;

        public override CredentialsCase? Credentials
        {
            get
            {
                var pack = new LocalProcessPack();
                var allowed = new CredentialsSetting
                {
                    Environment = ConformanceFixture.EnvironmentId,
                    Folder = _lab.Folder,
                    Answers = AnswersReader.Read(pack, JsonElement.Parse("""{"port_range":"42000-42999"}""")).Value,
                    Variable = _ => null,
                    Time = TimeProvider.System,
                };
                return new(pack.Credentials, allowed, allowed with { Folder = Path.Combine(_lab.Folder, "absent") });
            }
        }

        public override Task<EnvironmentDocument> PlaceAsync(EnvironmentDocument environment, CancellationToken cancellationToken) => Task.FromResult(_lab.Place(environment));

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await _lab.DisposeAsync();
        }
    }
}
