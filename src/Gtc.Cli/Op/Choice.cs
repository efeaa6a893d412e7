using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Cli.Op;

/// <summary>
/// Finds the deployment or revision that a person means: a full id, a prefix of one that is unique, a bundle's id, or nothing at all
/// when there is only one candidate. A choice that is not unique is refused with the candidates.
/// </summary>
internal static class Choice
{
    private const int MaxListed = 10;

    /// <summary>The deployment that is named, or the only one.</summary>
    public static Outcome<BundleDeployment> Deployment(EnvironmentDocument document, string? given)
    {
        if (given is null)
        {
            return document.Bundles switch
            {
                [] => new Refusal.Missing($"environment `{document.EnvironmentId}` has no deployment") { Next = $"gtc op bundles add {document.EnvironmentId}" },
                [var only] => only,
                _ => Ambiguous("environment", document.EnvironmentId.ToString(), "deployments; name one with deployment_id=", document.Bundles, Describe),
            };
        }

        var matches = document.Bundles.Where(deployment => deployment.BundleId == given).ToList();
        if (matches.Count == 0)
        {
            matches = [.. document.Bundles.Where(deployment => IsPrefix(deployment.DeploymentId.ToString(), given))];
        }

        return matches switch
        {
            [] => new Refusal.Missing($"deployment `{given}` is not in environment `{document.EnvironmentId}`") { Details = Listed(document.Bundles, Describe) },
            [var only] => only,
            _ => Ambiguous("name", given, "deployments", matches, Describe),
        };
    }

    /// <summary>The revision that is named, among those of a deployment or of all.</summary>
    public static Outcome<Revision> Revision(EnvironmentDocument document, string given)
    {
        var matches = document.Revisions.Where(revision => IsPrefix(revision.RevisionId.ToString(), given)).ToList();
        return matches switch
        {
            [] => new Refusal.Missing($"revision `{given}` is not in environment `{document.EnvironmentId}`") { Details = Listed(document.Revisions, Describe) },
            [var only] => only,
            _ => Ambiguous("prefix", given, "revisions", matches, Describe),
        };
    }

    /// <summary>The revision of a deployment that is named by <c>stable</c>, <c>previous</c> or <c>next</c>, by its id, or by a prefix of that.</summary>
    public static Outcome<Revision> Named(EnvironmentDocument document, BundleDeployment deployment, string given)
    {
        if (!RevisionPointers.IsName(given))
        {
            return Revision(document, given);
        }

        return RevisionPointers.Of(document, deployment.DeploymentId).Named(given) is { } pointed
            ? document.Revisions.First(revision => revision.RevisionId == pointed)
            : new Refusal.Missing($"`{given}` stands for no revision of deployment {deployment.DeploymentId} ({deployment.BundleId}) at the moment")
            {
                Details = Listed(document.Revisions.Where(revision => revision.DeploymentId == deployment.DeploymentId), Describe),
            };
    }

    /// <summary>The newest revision in a state, of one deployment; when several deployments have one, none is guessed.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="deployment">The deployment, or null for all.</param>
    /// <param name="lifecycle">The state.</param>
    public static Outcome<Revision> Newest(EnvironmentDocument document, DeploymentId? deployment, RevisionLifecycle lifecycle)
    {
        var candidates = document.Revisions
            .Where(revision => revision.Lifecycle == lifecycle && (deployment is null || revision.DeploymentId == deployment))
            .ToList();
        var newest = candidates.GroupBy(revision => revision.DeploymentId).Select(group => group.MaxBy(revision => revision.Sequence)!).ToList();
        var state = RevisionVerbs.Text(lifecycle);
        return newest switch
        {
            [] => new Refusal.Missing($"environment `{document.EnvironmentId}` has no {state} revision")
            {
                Details = Listed(document.Revisions, Describe),
                Next = lifecycle == RevisionLifecycle.Ready ? "gtc op revisions warm" : "gtc op revisions stage bundle_path=BUNDLE.gtbundle",
            },
            [var only] => only,
            _ => Ambiguous("environment", document.EnvironmentId.ToString(), $"deployments with {state} revisions; name one with revision_id=", newest, Describe),
        };
    }

    private static bool IsPrefix(string id, string given) => given.Length > 0 && id.StartsWith(given, StringComparison.OrdinalIgnoreCase);

    private static RefusalDetail Describe(BundleDeployment deployment) => new(deployment.DeploymentId.ToString(), $"{deployment.BundleId} of {deployment.CustomerId}");

    private static RefusalDetail Describe(Revision revision) => new(revision.RevisionId.ToString(), $"{revision.BundleId} #{revision.Sequence}, {RevisionVerbs.Text(revision.Lifecycle)}");

    private static Refusal.InvalidArgument Ambiguous<T>(string what, string name, string kind, IReadOnlyCollection<T> candidates, Func<T, RefusalDetail> describe) =>
        new($"{what} `{name}` has {candidates.Count} {kind}") { Details = Listed(candidates, describe) };

    private static ImmutableArray<RefusalDetail> Listed<T>(IEnumerable<T> candidates, Func<T, RefusalDetail> describe) =>
        [.. candidates.TakeLast(MaxListed).Select(describe)];
}
