using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>The names of the deployer's own identity in a cluster and in an environment's secrets (k8s-deployer.md §1, §14).</summary>
internal static class DeployerAccount
{
    /// <summary>The ServiceAccount.</summary>
    public const string Name = "greentic-deployer";

    /// <summary>Its Role, and the RoleBinding of the two.</summary>
    public const string RoleName = "greentic-deployer-min";

    /// <summary>The Secret that holds the newest token for whoever may read it.</summary>
    public const string SecretName = "greentic-deployer-identity";

    /// <summary>The key of that Secret.</summary>
    public const string SecretKey = "bearer";

    /// <summary>What the empty Secrets are called that tokens end with, and what their labels say.</summary>
    public const string AnchorPrefix = "greentic-deployer-token-";

    /// <summary>Component of the identity Secret.</summary>
    public const string IdentityComponent = "deployer-identity";

    /// <summary>Component of anchors.</summary>
    public const string AnchorComponent = "deployer-token";

    /// <summary>Whoever applies the identity's objects. Not reconcile's name: each owns its own fields, and neither removes what the other set.</summary>
    public const string FieldManager = "greentic-credentials";

    private const string StorePath = "default/_/k8s-deployer/deployer_token";

    /// <summary>Where an environment keeps the token.</summary>
    public static string Reference(EnvId environment) => $"{References.SecretScheme}{environment}/{StorePath}";

    /// <summary>The namespace that the answers mean.</summary>
    public static string Namespace(EnvId environment, PackAnswers answers) => answers.Get("namespace") ?? NamespaceName.Of(environment);

    /// <summary>The context of the kubeconfig that the answers mean; null for the current one.</summary>
    public static string? Context(PackAnswers answers) => answers.Get("kubeconfig_context");
}
