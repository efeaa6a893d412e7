using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Op.Clusters;

/// <summary>Which deployer a verb means (op-cli.md §5.6).</summary>
internal static class DeployerKind
{
    /// <summary>The path of the deployer for Kubernetes.</summary>
    public const string Kubernetes = "greentic.deployer.k8s";

    /// <summary>The path of the deployer for fleets.</summary>
    public const string Fleet = "greentic.deployer.fleet";

    /// <summary>Whether a deployer brings objects to an API server.</summary>
    public static bool HasCluster(PackDescriptor kind) => kind.Path is Kubernetes or Fleet;

    /// <summary>What is bound, or what is named: a path must be the bound one; with a version, a verb that only looks may look at any.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="given">What was named, or null.</param>
    /// <param name="verb">The verb, for the command to try next.</param>
    /// <param name="isLive">Whether something outside is changed, which only the bound deployer may.</param>
    public static Outcome<PackDescriptor> Resolve(EnvironmentDocument document, string? given, string verb, bool isLive)
    {
        var bound = document.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Deployer);
        if (given is not null && given.Contains('@', StringComparison.Ordinal))
        {
            return Descriptors.Read(given).Then(kind => isLive && kind.Path != bound?.Kind.Path ? NotBound(document, bound?.Kind, kind.Path) : (Outcome<PackDescriptor>)kind);
        }

        return (bound, given) switch
        {
            (null, _) => new Refusal.Conflict($"environment `{document.EnvironmentId}` has no deployer")
            {
                Next = isLive ? $"gtc op env-packs add slot=deployer kind={Kubernetes}@1.0.0 pack_ref=builtin" : $"gtc op env {verb} {document.EnvironmentId} --kind {Kubernetes}@1.0.0",
            },
            (_, { } path) when path != bound.Kind.Path => isLive ? NotBound(document, bound.Kind, path) : NotBound(document, bound.Kind, path) with
            {
                Details = [new("to preview another one", $"give its version too, e.g. --kind {Kubernetes}@1.0.0")],
            },
            _ => bound.Kind,
        };
    }

    private static Refusal.Conflict NotBound(EnvironmentDocument document, PackDescriptor? bound, string path) => new(bound is null
        ? $"environment `{document.EnvironmentId}` has no deployer, so {path} cannot change anything for it"
        : $"environment `{document.EnvironmentId}` is bound to {bound}, not to {path}");
}
