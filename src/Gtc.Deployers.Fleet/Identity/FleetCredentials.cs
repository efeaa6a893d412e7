using System.Collections.Immutable;
using System.Text;
using Gtc.EnvPacks;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>What the deployer needs of a fleet's cluster, and how that is checked. It makes no identity itself: whoever runs the fleet gives it one.</summary>
public sealed class FleetCredentials : IDeployerCredentials
{
    private const string Prefix = "k8s.rbac.allow:";
    private const string Devices = "devices";
    private const string Deployments = "deployments";

    private static readonly Capability Reachable = new("k8s.api.reachable", "the API server of the fleet answers and knows the caller");

    private static readonly ImmutableArray<(string Resource, string Verb, string Why)> Needed =
    [
        (Deployments, "get", "what is there is compared"), (Deployments, "list", "what was left behind is found by its labels"),
        (Deployments, "create", "a revision gets a Deployment"), (Deployments, "patch", "a Deployment gets other devices"), (Deployments, "delete", "retired revisions go"),
        (Devices, "list", "devices are given revisions"), (Devices, "patch", "a device that is given another revision is labelled"),
    ];

    /// <summary>What is needed of the fleet's API: devices in the whole cluster, deployments in the namespace of the environment.</summary>
    public static ImmutableArray<(string Resource, string Verb)> Needs { get; } = [.. Needed.Select(need => (need.Resource, need.Verb))];

    /// <summary>Changes how a cluster is reached before it is asked, e.g. to see the calls; as it is when nothing is said.</summary>
    public Func<KubeConfig, KubeConfig> Through { get; init; } = static config => config;

    /// <inheritdoc/>
    public bool RequiresMaterial => true;

    /// <inheritdoc/>
    public ImmutableArray<Capability> Capabilities { get; } = [Reachable, .. Needed.Select(Of)];

    /// <inheritdoc/>
    public string CanonicalRef(EnvId environment) => $"{References.SecretScheme}{environment}/default/_/fleet-deployer/deployer_token";

    /// <inheritdoc/>
    public async Task<CredentialsFindings> ValidateAsync(CredentialsSetting setting, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setting);
        var config = KubeConfig.Find(setting.Answers.Get("kubeconfig_context"), setting.Variable);
        if (config.Error is { } error)
        {
            return Failed(error.Message);
        }

        var identity = setting.Material is { } token ? config.Value!.As(Encoding.UTF8.GetString(token.Bytes).Trim()) : config.Value!;
        using var client = new KubeClient(Through(identity), setting.Timeout, setting.Time);
        var ns = setting.Answers.Get("namespace") ?? NamespaceName.Of(setting.Environment.ToString(), FleetNames.NamespacePrefix);
        AccessQuestion[] questions = [.. Needed.Select(need => new AccessQuestion(FleetApi.Group, need.Resource, need.Verb, need.Resource == Devices ? null : ns))];
        var decided = await AccessReviews.DecideAsync(client, questions, cancellationToken);
        return decided.Error is { } undecided
            ? Failed(undecided.Message)
            : new([CapabilityCheck.Passed(Reachable), .. Needed.Zip(decided.Value!, Check)]);
    }

    /// <inheritdoc/>
    public Task<BootstrapResult> BootstrapAsync(BootstrapRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<BootstrapResult>(new BootstrapResult.NotApplicable("devices are the fleet's and not an environment's: whoever runs the fleet grants what the requirements list"));

    private static Capability Of((string Resource, string Verb, string Why) need) => new($"{Prefix}{FleetApi.Group}/{need.Resource}:{need.Verb}", $"may {need.Verb} {need.Resource} of the fleet: {need.Why}");

    private static CapabilityCheck Check((string Resource, string Verb, string Why) need, AccessDecision decision) => decision.IsAllowed
        ? CapabilityCheck.Passed(Of(need))
        : CapabilityCheck.Failed(Of(need), decision.Reason is { } reason ? $"denied: {reason}" : "denied: no rule of the cluster allows it");

    private CredentialsFindings Failed(string why) => new([.. Capabilities.Select(capability => CapabilityCheck.Failed(capability, why))]);
}
