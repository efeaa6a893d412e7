using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>Revisions run in a Kubernetes cluster: questions, answers and what they need (env-packs.md §9.1).</summary>
internal sealed class K8sPack : IEnvPackHandler
{
    private const string Path = "greentic.deployer.k8s";

    private static readonly (string Group, string Resource, string[] Verbs)[] Operations =
    [
        ("apps", "deployments", ["get", "create", "patch", "delete"]),
        ("core", "services", ["get", "create", "patch", "delete"]),
        ("core", "configmaps", ["get", "create", "patch"]),
        ("core", "secrets", ["get", "create", "patch", "delete"]),
        ("core", "serviceaccounts", ["get", "create", "patch"]),
        ("policy", "poddisruptionbudgets", ["get", "create", "patch"]),
        ("networking.k8s.io", "networkpolicies", ["get", "create", "patch"]),
    ];

    public CapabilitySlot Slot => CapabilitySlot.Deployer;

    public string DescriptorPath => Path;

    public VersionRange SupportedVersions { get; } = VersionRange.Parse(">=1.0.0-dev, <2.0.0");

    public IDeployerCredentials Credentials { get; } = new UncheckedCredentials(
        "Kubernetes",
        "default/_/k8s-deployer/deployer_token",
        [
            new("k8s.api.reachable", "the cluster's API server answers"),
            .. Operations.SelectMany(operation => operation.Verbs.Select(verb =>
                new Capability($"k8s.rbac.allow:{operation.Group}/{operation.Resource}:{verb}", $"may {verb} {operation.Resource}"))),
        ]);

    public QuestionForm Questions => K8sQuestions.Form;

    public string? FindFault(PackAnswers answers) => K8sQuestions.FindFault(answers);

    public ImmutableArray<ToolCheck> Preflight(PackSetting setting) =>
    [
        ToolProbes.Version(KnownTools.Kubectl, setting.Tools),
        ToolProbes.KubectlCanI(setting.Tools, "create", "deployments.apps", setting.Answers.Get("kubeconfig_context"), setting.Answers.Get("namespace")),
    ];
}
