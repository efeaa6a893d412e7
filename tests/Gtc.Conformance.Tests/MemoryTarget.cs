using System.Collections.Immutable;
using System.Text;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Conformance.Tests;

/// <summary>The memory deployer as the suite sees it.</summary>
internal sealed class MemoryTarget(Wrong wrong) : IConformanceTarget
{
    public string Name => "memory";

    public DeployerCapabilities Capabilities { get; init; } = new() { ProvidesObjects = true, ProvidesHealthGate = true, ProvidesTraffic = true };

    /// <summary>Whether a first warm waits for a second one.</summary>
    public bool MeetsTwin { get; init; }

    public Task<ConformanceSubject> CreateAsync(CancellationToken cancellationToken) => Task.FromResult<ConformanceSubject>(new Subject(wrong, MeetsTwin));

    private sealed class Subject : ConformanceSubject
    {
        private readonly Wrong _wrong;
        private readonly MemoryProvider _provider = new();
        private readonly List<string> _log = [];
        private readonly MemoryDeployer _deployer;
        private readonly MemoryDeployer _unconfigured;
        private int _renders;

        public Subject(Wrong wrong, bool meetsTwin)
        {
            _wrong = wrong;
            _deployer = new MemoryDeployer(_provider, wrong, meetsTwin, _log);
            _unconfigured = new MemoryDeployer(null, wrong, meetsTwin, _log);
            var setting = new CredentialsSetting { Environment = ConformanceFixture.EnvironmentId, Folder = "/", Answers = PackAnswers.Defaults(null), Variable = _ => null, Time = TimeProvider.System };
            Credentials = new CredentialsCase(new MemoryCredentials(_provider, wrong), setting, setting with { ListenAddr = "denied" });
        }

        public override IDeployer Deployer => _deployer;

        public override IDeployer? Unconfigured => _unconfigured;

        public override IObservedProvider? Provider => _provider;

        public override TimeSpan WarmTimeout => MemoryDeployer.WarmTimeout;

        public override CredentialsCase? Credentials { get; }

        public override string? SecretMarker => MemoryDeployer.Marker;

        public override bool Renders => true;

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            _deployer.Dispose();
            _unconfigured.Dispose();
        }

        public override Task<byte[]> RenderAsync(EnvironmentDocument environment, CancellationToken cancellationToken) =>
            Task.FromResult(Encoding.UTF8.GetBytes($"rendered {(_wrong == Wrong.RenderVaries ? _renders++ : 0)}"));

        public override Task<string> LogsAsync(CancellationToken cancellationToken) => Task.FromResult(string.Join('\n', _log));
    }

    private sealed class MemoryCredentials(MemoryProvider provider, Wrong wrong) : IDeployerCredentials
    {
        private static readonly Capability First = new("memory.first", "the first");
        private static readonly Capability Second = new("memory.second", "the second");
        private int _looks;

        public bool RequiresMaterial => false;

        public ImmutableArray<Capability> Capabilities => wrong == Wrong.UnstableCapabilities && _looks++ % 2 == 1 ? [Second, First] : [First, Second];

        public string CanonicalRef(EnvId environment) => $"secret://{environment}/none";

        public Task<CredentialsFindings> ValidateAsync(CredentialsSetting setting, CancellationToken cancellationToken)
        {
            if (wrong == Wrong.ValidateMutates)
            {
                provider.Put(new ProviderObject("probe", "") { Environment = setting.Environment });
                provider.Remove("probe");
            }

            var second = setting.ListenAddr == "denied" && wrong != Wrong.ValidatePasses ? CapabilityCheck.Failed(Second, "denied") : CapabilityCheck.Passed(Second);
            return Task.FromResult(new CredentialsFindings(wrong == Wrong.ValidateMisses ? [CapabilityCheck.Passed(First)] : [CapabilityCheck.Passed(First), second]));
        }

        public Task<BootstrapResult> BootstrapAsync(BootstrapRequest request, CancellationToken cancellationToken) =>
            Task.FromResult<BootstrapResult>(new BootstrapResult.NotApplicable("nothing"));
    }
}
