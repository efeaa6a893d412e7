using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>
/// Names in the cluster of a fleet. Devices know a Deployment by its name alone, whatever its namespace, so the environment is part of every name.
/// </summary>
public static class FleetNames
{
    /// <summary>How the namespace of an environment begins that does not name one.</summary>
    public const string NamespacePrefix = "fleet-";

    /// <summary>Who writes labels of devices.</summary>
    public const string DeviceManager = "greentic-fleet-deployer";

    internal const string Component = "fleet-worker";

    private const string LabelPrefix = "greentic.ai/";
    private const int HashBytes = 4;

    /// <summary>The Deployment of a revision.</summary>
    public static string Deployment(EnvId environment, RevisionId revision) => $"gtc-{revision.ToString().ToLowerInvariant()}-{Hash(environment)}";

    /// <summary>The label by which devices are given a revision of a deployment.</summary>
    public static string Label(EnvId environment, DeploymentId deployment) => $"{LabelPrefix}{deployment.ToString().ToLowerInvariant()}-{Hash(environment)}";

    internal static ImmutableSortedDictionary<string, string> Labels(Revision revision) => Clusters.Labels.Of(revision.EnvId, Component)
        .Add(Clusters.Labels.Revision, revision.RevisionId.ToString())
        .Add(Clusters.Labels.Deployment, revision.DeploymentId.ToString())
        .Add(Clusters.Labels.Bundle, revision.BundleId);

    private static string Hash(EnvId environment) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(environment.ToString())).AsSpan(0, HashBytes));
}
