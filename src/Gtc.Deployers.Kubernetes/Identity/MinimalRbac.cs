using System.Collections.Immutable;
using Gtc.EnvPacks;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>The smallest identity that can deploy an environment, as objects and as a rules pack to review and apply (k8s-deployer.md §14.3).</summary>
internal static class MinimalRbac
{
    /// <summary>The file with the objects.</summary>
    public const string FileName = "k8s-min-rbac.yaml";

    private const string RbacGroup = "rbac.authorization.k8s.io";

    /// <summary>Namespace, ServiceAccount, Role and RoleBinding, in the order in which they are applied.</summary>
    public static ImmutableArray<KubeObject> Objects(EnvId environment, string ns, ImmutableArray<Grant> grants)
    {
        var labels = EnvironmentLabels(environment);
        return
        [
            // The same labels as a reconcile with more rights gives it: this identity may not change its namespace later.
            new NamespaceObject { ApiVersion = "v1", Kind = "Namespace", Metadata = new() { Name = ns, Labels = EnvironmentObjects.NamespaceLabels(environment) } },
            new ServiceAccount { ApiVersion = "v1", Kind = "ServiceAccount", Metadata = Meta(DeployerAccount.Name), AutomountServiceAccountToken = false },
            new Role { ApiVersion = $"{RbacGroup}/v1", Kind = "Role", Metadata = Meta(DeployerAccount.RoleName), Rules = Permissions.RulesOf(grants) },
            new RoleBinding
            {
                ApiVersion = $"{RbacGroup}/v1",
                Kind = "RoleBinding",
                Metadata = Meta(DeployerAccount.RoleName),
                Subjects = [new() { Kind = "ServiceAccount", Name = DeployerAccount.Name, Namespace = ns }],
                RoleRef = new() { ApiGroup = RbacGroup, Kind = "Role", Name = DeployerAccount.RoleName },
            },
        ];

        ObjectMeta Meta(string name) => new() { Name = name, Namespace = ns, Labels = labels };
    }

    /// <summary>The rules pack.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="grants">What is allowed.</param>
    /// <param name="applier">The handle of whoever is expected to apply it.</param>
    public static ImmutableArray<RulesEntry> Pack(EnvId environment, string ns, ImmutableArray<Grant> grants, string applier) =>
    [
        new(FileName, string.Join("---\n", Objects(environment, ns, grants).Select(item => YamlText.Of(KubeJson.ToElement(item)))), "Namespace, ServiceAccount, Role and RoleBinding of the deployer"),
        new("README.md", Readme(environment, ns, grants, applier), "what it allows, how to apply it, and what to do then"),
    ];

    private static ImmutableSortedDictionary<string, string> EnvironmentLabels(EnvId environment) => Labels.Of(environment, DeployerAccount.IdentityComponent);

    private static string Readme(EnvId environment, string ns, ImmutableArray<Grant> grants, string applier) => $"""
        # The deployer of environment {environment}

        `{FileName}` gives gtc an identity of its own in namespace `{ns}` and nothing outside it: ServiceAccount `{DeployerAccount.Name}`,
        Role and RoleBinding `{DeployerAccount.RoleName}`. It holds no secret. To be reviewed and applied by `{Inline(applier)}`:

        ```
        kubectl apply --server-side -f {FileName}
        ```

        A token for it that lives a day, and its way into the environment (the file is not needed afterwards):

        ```
        kubectl create token {DeployerAccount.Name} --namespace {ns} --duration 24h > token
        gtc op credentials bind {environment} --from-file token
        rm token
        ```

        Whether it allows exactly what is needed:

        ```
        gtc op credentials requirements {environment} --fail-on-findings
        ```

        ## What it allows

        {string.Join('\n', grants.Select(permission => $"- `{permission.Name}`: {permission.Why}"))}

        """.ReplaceLineEndings("\n");

    /// <summary>A handle comes from a person and must not end the code that it stands in.</summary>
    private static string Inline(string text) => new([.. text.Select(letter => char.IsControl(letter) || letter == '`' ? ' ' : letter)]);
}
