using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>Revisions run in a Kubernetes cluster: questions, answers and what they need (env-packs.md §9.1).</summary>
/// <param name="credentials">What it needs of a cluster; whoever can call one brings it.</param>
internal sealed class K8sPack(IDeployerCredentials credentials) : IEnvPackHandler
{
    private const string Path = "greentic.deployer.k8s";

    public CapabilitySlot Slot => CapabilitySlot.Deployer;

    public string DescriptorPath => Path;

    public VersionRange SupportedVersions { get; } = VersionRange.Parse(">=1.0.0-dev, <2.0.0");

    public IDeployerCredentials Credentials => credentials;

    public QuestionForm Questions => K8sQuestions.Form;

    public string? FindFault(PackAnswers answers) => K8sQuestions.FindFault(answers);

    public ImmutableArray<ToolCheck> Preflight(PackSetting setting) =>
    [
        ToolProbes.Version(KnownTools.Kubectl, setting.Tools),
        ToolProbes.KubectlCanI(setting.Tools, "create", "deployments.apps", setting.Answers.Get("kubeconfig_context"), setting.Answers.Get("namespace")),
    ];
}
