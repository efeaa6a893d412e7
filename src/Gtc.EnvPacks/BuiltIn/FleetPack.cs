using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>Revisions run on the devices of a fleet (decision 39): questions, answers and what they need.</summary>
/// <param name="credentials">What it needs of the fleet's cluster; whoever can call one brings it.</param>
internal sealed class FleetPack(IDeployerCredentials credentials) : IEnvPackHandler
{
    private const string Path = "greentic.deployer.fleet";

    public CapabilitySlot Slot => CapabilitySlot.Deployer;

    public string DescriptorPath => Path;

    public VersionRange SupportedVersions { get; } = VersionRange.Parse(">=1.0.0-dev, <2.0.0");

    public IDeployerCredentials Credentials => credentials;

    public QuestionForm Questions => FleetQuestions.Form;

    public string? FindFault(PackAnswers answers) => FleetQuestions.FindFault(answers);

    public ImmutableArray<ToolCheck> Preflight(PackSetting setting) => [ToolProbes.Version(KnownTools.Kubectl, setting.Tools)];
}
