using Gtc.Cli.Verbs;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Fleet;

/// <summary>The cluster whose operator keeps a fleet, as the person at the keyboard reaches it.</summary>
internal static class FleetCluster
{
    /// <summary>How it is typed.</summary>
    public static readonly PayloadField Kubeconfig = new("kubeconfig", "how the cluster is reached; KUBECONFIG or ~/.kube/config when not given", "--kubeconfig", "FILE");

    /// <summary>Which context of it.</summary>
    public static readonly PayloadField ContextName = new("context", "the kubeconfig's context; its current one when not given", "--context", "NAME");

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Deployments of a fleet.</summary>
    public static KubeKind Deployments { get; } = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!;

    /// <summary>Devices of a fleet.</summary>
    public static KubeKind Devices { get; } = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeviceKind)!;

    /// <summary>Opens it.</summary>
    /// <param name="kubeconfig">The file as typed, or null.</param>
    /// <param name="name">The context as typed, or null.</param>
    /// <param name="call">The call.</param>
    /// <param name="isPatient">Whether a server that is away for a moment is waited for; a watch waits by itself.</param>
    public static Outcome<KubeClient> Open(string? kubeconfig, string? name, VerbCall call, bool isPatient = true)
    {
        var context = call.Context;
        var file = kubeconfig is null ? null : context.PathOf(kubeconfig);
        if (file is not null && !File.Exists(file))
        {
            return new Refusal.FileFailed($"there is no kubeconfig {file}");
        }

        var found = KubeConfig.Find(name, variable => variable == "KUBECONFIG" && file is not null ? file : context.Variable(variable));
        return found.Error is { } error
            ? new DeployerRefusal.Provider(error.Message) { Next = "export KUBECONFIG=FILE" }
            : new KubeClient(found.Value!, CallTimeout, context.Time) { Patience = isPatient ? Patience : TimeSpan.Zero };
    }

    /// <summary>A refusal of what the API server refused.</summary>
    /// <param name="attempt">What was tried, e.g. <c>listing devices</c>.</param>
    /// <param name="error">What the server said.</param>
    public static Refusal Refuse(string attempt, KubeError error)
    {
        var message = $"{attempt}: {error.Message.TrimEnd('.')}";
        return error.Kind switch
        {
            KubeErrorKind.Conflict => new Refusal.Conflict(message),
            KubeErrorKind.Invalid => new Refusal.InvalidArgument(message),
            KubeErrorKind.Forbidden => new Refusal.Unauthorized(message) { Next = "kubectl auth can-i --list" },

            // Lists have no name that could be missing: the kind itself is unknown to the cluster.
            KubeErrorKind.NotFound => new Refusal.Missing(message) { Next = "gtc fleet install --crds-only" },
            _ => new DeployerRefusal.Provider(message),
        };
    }

    /// <summary>A refusal of what breaks a rule of the contracts.</summary>
    public static Refusal Refuse(ContractError error) => new Refusal.InvalidArgument(error.ToString());
}
