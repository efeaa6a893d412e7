using System.Collections.Immutable;
using System.Globalization;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>Revisions run in a Kubernetes cluster: questions, answers and what they need (env-packs.md §9.1).</summary>
/// <param name="credentials">What it needs of a cluster; whoever can call one brings it.</param>
internal sealed class K8sPack(IDeployerCredentials credentials) : IEnvPackHandler
{
    private const string Path = "greentic.deployer.k8s";
    private const int MinReplicas = 2;

    public CapabilitySlot Slot => CapabilitySlot.Deployer;

    public string DescriptorPath => Path;

    public VersionRange SupportedVersions { get; } = VersionRange.Parse(">=1.0.0-dev, <2.0.0");

    public IDeployerCredentials Credentials => credentials;

    public QuestionForm Questions { get; } = new()
    {
        Id = $"{Path}.wizard",
        Title = "Workers in a Kubernetes cluster",
        Presentation = new("Revisions run as deployments behind a router."),
        Questions =
        [
            new() { Id = "kubeconfig_context", Title = "Context of the kubeconfig", Description = "The current context when not answered." },
            new()
            {
                Id = "namespace",
                Title = "Namespace",
                Description = "Derived from the environment when not answered.",
                Constraint = new() { Pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", MaxLen = 63 },
            },
            new() { Id = "runtime_image", Title = "Image of router and workers", Constraint = new() { Pattern = @"^[a-z0-9.\-_/:@]+$" } },
            new()
            {
                Id = "router_replicas",
                Title = "Replicas of the router",
                Description = "At least 2.",
                DefaultValue = "2",
                Constraint = new() { Pattern = "^[0-9]+$" },
                AlsoNumber = true,
            },
            new() { Id = "oci_insecure_registries", Title = "Registries without TLS", Description = "host:port, comma separated.", AlsoList = true },
            new() { Id = "tunnel", Type = QuestionType.Choice, Title = "Tunnel to the outside", DefaultValue = "off", Choices = ["off", "cloudflared"], AlsoChoice = "none" },
        ],
    };

    public string? FindFault(PackAnswers answers) =>
        answers.Get("router_replicas") is { } text && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var replicas) && replicas >= MinReplicas)
            ? $"`router_replicas` is `{text}`, at least {MinReplicas} were expected"
            : null;

    public ImmutableArray<ToolCheck> Preflight(PackSetting setting) =>
    [
        ToolProbes.Version(KnownTools.Kubectl, setting.Tools),
        ToolProbes.KubectlCanI(setting.Tools, "create", "deployments.apps", setting.Answers.Get("kubeconfig_context"), setting.Answers.Get("namespace")),
    ];
}
