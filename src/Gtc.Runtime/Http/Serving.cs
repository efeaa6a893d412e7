using System.Collections.Immutable;
using System.Reflection;
using Gtc.Model;

namespace Gtc.Runtime;

/// <summary>What a worker serves at the moment.</summary>
internal sealed class Serving(EnvironmentDocument document, Activation activation, ImmutableArray<string> problems)
{
    /// <summary>The version of this gtc.</summary>
    public static string Version { get; } =
        typeof(Serving).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    public Activation Activation { get; } = activation;

    /// <summary>Set once, when the port is known.</summary>
    public string ListenAddress { get; set; } = string.Empty;

    public StatusReport Status() => new()
    {
        EnvId = document.EnvironmentId,
        ListenAddr = ListenAddress,
        Version = Version,
        BundlesActive = document.Bundles.Count(deployment => deployment.Status == DeploymentStatus.Active),
        DeploymentsRouted = Activation.Table.Routes.Length,
        RevisionsActive = Activation.RevisionCount,
        Revisions =
        [
            .. from route in Activation.Table.Routes
               from revision in route.Revisions
               select new StatusRevision(route.Deployment, route.BundleId, revision.Revision, revision.WeightBps),
        ],
        Problems = [.. problems, .. Activation.Problems],
    };
}
