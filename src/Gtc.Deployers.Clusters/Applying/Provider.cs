using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Clusters;

/// <summary>Errors of the API as refusals.</summary>
internal static class Provider
{
    /// <summary>What was attempted, and what the server said. An object that others own fields of is a conflict; everything else is the provider's.</summary>
    public static Refusal Failed(string attempt, KubeError error) => error.Kind switch
    {
        KubeErrorKind.Conflict => new Refusal.Conflict($"{attempt}: {error.Message.TrimEnd('.')}"),
        KubeErrorKind.Forbidden when error.Status == 401 => new DeployerRefusal.Provider($"{attempt}: {error.Message.TrimEnd('.')}")
        {
            Details = [new("bound credentials", "are made anew by the command below; those of a kubeconfig by signing in to the cluster again")],
            Next = "gtc op credentials rotate admin_profile=CONTEXT",
        },
        KubeErrorKind.Forbidden => new DeployerRefusal.Provider($"{attempt}: {error.Message.TrimEnd('.')}") { Next = "gtc op credentials requirements" },
        _ => new DeployerRefusal.Provider($"{attempt}: {error.Message.TrimEnd('.')}"),
    };
}
