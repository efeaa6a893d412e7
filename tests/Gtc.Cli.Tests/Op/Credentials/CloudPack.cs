using System.Collections.Immutable;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Tests.Op.Credentials;

/// <summary>A deployer for a platform that accepts one token and is bootstrapped with rules of the test's choice.</summary>
internal sealed class CloudPack : IEnvPackHandler, IDeployerCredentials
{
    public const string GoodToken = "good-token";

    private static readonly Capability Reachable = new("cloud.reachable", "the cloud accepts the caller");
    private static readonly Capability Deploy = new("cloud.deploy", "may deploy");

    public ImmutableArray<RulesEntry> Rules { get; set; } = [new("rules.yaml", "allow: dé\n", "what to allow"), new("README.md", "Apply it.\n", null)];

    public CapabilitySlot Slot => CapabilitySlot.Deployer;

    public string DescriptorPath => "acme.deployer.cloud";

    public VersionRange SupportedVersions { get; } = VersionRange.Parse("^1.0.0");

    public QuestionForm? Questions => null;

    public IDeployerCredentials Credentials => this;

    public bool RequiresMaterial => true;

    public ImmutableArray<Capability> Capabilities { get; } = [Reachable, Deploy];

    public string CanonicalRef(EnvId environment) => $"secret://{environment}/default/_/cloud-deployer/token";

    public string? FindFault(PackAnswers answers) => null;

    public ImmutableArray<ToolCheck> Preflight(PackSetting setting) => [];

    public Task<CredentialsFindings> ValidateAsync(CredentialsSetting setting, CancellationToken cancellationToken) => Task.FromResult(new CredentialsFindings(
        setting.Material is { } material && material.Bytes.SequenceEqual("good-token"u8)
            ? [CapabilityCheck.Passed(Reachable), CapabilityCheck.Passed(Deploy)]
            : [CapabilityCheck.Failed(Reachable, "who are you"), CapabilityCheck.Failed(Deploy, "who are you")]));

    public Task<BootstrapResult> BootstrapAsync(BootstrapRequest request, CancellationToken cancellationToken) => Task.FromResult<BootstrapResult>(new BootstrapResult.Described(Rules));

    public static TestCli Cli(out CloudPack pack)
    {
        pack = new CloudPack();
        var registry = EnvPackRegistry.WithBuiltIns(new Gtc.Deployers.Kubernetes.KubernetesCredentials());
        registry.Register(pack).ShouldBeNull();
        return new TestCli { EnvPacks = registry };
    }
}
