using System.Collections.Immutable;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Clusters;

/// <summary>The labels by which gtc knows its objects (k8s-deployer.md §4).</summary>
internal static class Labels
{
    public const string ManagedBy = "app.kubernetes.io/managed-by";
    public const string Component = "app.kubernetes.io/component";
    public const string Environment = "greentic.ai/env";
    public const string RawEnvironment = "greentic.ai/env-id";
    public const string Revision = "greentic.ai/revision";
    public const string Deployment = "greentic.ai/deployment";
    public const string Bundle = "greentic.ai/bundle";
    public const string Router = "router";
    public const string Worker = "worker";

    private const int MaxValueLength = 63;

    public static ImmutableSortedDictionary<string, string> Of(EnvId environment, string component) => Map(
        (ManagedBy, "greentic"), (Component, component), (Environment, ValueOf(environment)));

    public static ImmutableSortedDictionary<string, string> OfWorker(Revision revision) => Of(revision.EnvId, Worker)
        .Add(Revision, revision.RevisionId.ToString())
        .Add(Deployment, revision.DeploymentId.ToString())
        .Add(Bundle, revision.BundleId);

    public static LabelSelector Selector(params ReadOnlySpan<(string Key, string Value)> labels) => new() { MatchLabels = Map(labels) };

    /// <summary>
    /// The value that stands for an environment: its id, or the name of its namespace where the API takes the id for no value, e.g. because it ends with an
    /// underscore. The id itself is then in the annotation <see cref="RawEnvironment"/>.
    /// </summary>
    public static string ValueOf(EnvId environment) => IsValue(environment.ToString()) ? environment.ToString() : NamespaceName.Of(environment);

    /// <summary>Whether the API takes a text as a label's value; deployment ids always are.</summary>
    public static bool IsValue(string text) =>
        text.Length is > 0 and <= MaxValueLength
        && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    private static ImmutableSortedDictionary<string, string> Map(params ReadOnlySpan<(string Key, string Value)> labels)
    {
        var map = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in labels)
        {
            map.Add(key, value);
        }

        return map.ToImmutable();
    }
}
