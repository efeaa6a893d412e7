using System.Collections.Immutable;
using Gtc.Kubernetes;

namespace Gtc.Deployers.Kubernetes;

/// <summary>What an identity may do beyond what the deployer needs: out of the rules that the cluster lists, and by questions where that list may lack something.</summary>
internal static class ExcessPermissions
{
    private const string Any = "*";

    // What every caller of a cluster may do: ask about itself.
    private static readonly ImmutableHashSet<string> Harmless =
    [
        "authorization.k8s.io/selfsubjectaccessreviews:create",
        "authorization.k8s.io/selfsubjectrulesreviews:create",
        "authentication.k8s.io/selfsubjectreviews:create",
    ];

    /// <summary>What a list of rules allows beyond what is needed: short forms, sorted, each once.</summary>
    public static ImmutableArray<string> Of(IEnumerable<PolicyRule> rules, ImmutableArray<Grant> needed) =>
    [
        .. rules.SelectMany(Operations).Except([.. Harmless, .. needed.Select(permission => permission.Name)]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>What would make it an administrator in all but name; asked one by one where the cluster cannot list everything.</summary>
    public static ImmutableArray<AccessQuestion> Probes(string ns) =>
    [
        new(Any, Any, Any, null),
        new(Any, Any, Any, ns),
        new("", "nodes", "list", null),
        new("", "secrets", "list", null),
        new("", "namespaces", "create", null),
        new("", "users", "impersonate", null),
        new("rbac.authorization.k8s.io", "clusterrolebindings", "create", null),
        new("rbac.authorization.k8s.io", "roles", "create", ns),
        new("rbac.authorization.k8s.io", "rolebindings", "create", ns),
        new("", "serviceaccounts/token", "create", ns),
        new("", "pods", "create", ns),
        new("", "pods/exec", "create", ns),
    ];

    /// <summary>The short form of a question that was answered with yes.</summary>
    public static string NameOf(AccessQuestion question) =>
        $"{Grant.NameOf(question.Group, question.Resource, question.Verb)}{(question.Namespace is null ? " (cluster)" : "")}";

    /// <summary>A rule about named objects allows less than one about all of them, so it never covers a need, but it is an excess like any other.</summary>
    private static IEnumerable<string> Operations(PolicyRule rule) =>
        from @group in rule.ApiGroups ?? [""]
        from resource in rule.Resources ?? []
        from verb in rule.Verbs
        select Grant.NameOf(@group, resource, verb);
}
