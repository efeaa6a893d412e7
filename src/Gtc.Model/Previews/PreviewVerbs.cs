using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>The verbs on previews. Pure.</summary>
public static class PreviewVerbs
{
    /// <summary>
    /// Opens a preview of a revision that is warming, ready or draining. One that the revision has already is replaced, its token and host with it.
    /// Previews of the deployment whose time is over are dropped on the way.
    /// </summary>
    public static Outcome<PreviewChange> Add(EnvironmentDocument document, AddPreview command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(command);
        if (!Find.Deployment(document, command.DeploymentId).TryGet(out var deployment, out var refusal)
            || !Find.Revision(document, command.RevisionId).TryGet(out var revision, out refusal))
        {
            return refusal;
        }

        if (revision.DeploymentId != deployment.DeploymentId)
        {
            return new Refusal.InvalidArgument($"revision {revision.RevisionId} belongs to deployment {revision.DeploymentId}, not to {deployment.DeploymentId}");
        }

        if (Check(command) is { } wrong)
        {
            return wrong;
        }

        if (!PreviewRules.CanBeSeen(revision.Lifecycle))
        {
            return new Refusal.Conflict($"revision {revision.RevisionId} is {RevisionVerbs.Text(revision.Lifecycle)}; only one that is warming, ready or draining can be looked at")
            {
                Next = revision.Lifecycle == RevisionLifecycle.Staged ? $"gtc op revisions warm {revision.EnvId} --revision {revision.RevisionId}" : null,
            };
        }

        var preview = new RevisionPreview
        {
            RevisionId = revision.RevisionId,
            Host = command.Host,
            HeaderTokenHash = command.TokenHash,
            ExpiresAt = now + command.Lifetime,
        };
        var others = (deployment.Previews ?? []).RemoveAll(other => other.RevisionId == preview.RevisionId || !other.IsOpenAt(now));
        return Put(document, deployment, others.Add(preview), preview);
    }

    /// <summary>Closes the preview of a revision.</summary>
    public static Outcome<PreviewChange> Remove(EnvironmentDocument document, DeploymentId id, RevisionId revision)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (!Find.Deployment(document, id).TryGet(out var deployment, out var missing))
        {
            return missing;
        }

        return (deployment.Previews ?? []).FirstOrDefault(preview => preview.RevisionId == revision) is { } found
            ? Put(document, deployment, deployment.Previews!.Value.Remove(found), found)
            : new Refusal.Missing($"revision {revision} has no preview in deployment {deployment.DeploymentId}") { Next = $"gtc op traffic preview list {document.EnvironmentId}" };
    }

    /// <summary>The deployment without a preview of a revision.</summary>
    internal static BundleDeployment Without(BundleDeployment deployment, RevisionId revision) =>
        deployment.Previews is { } previews && previews.Any(preview => preview.RevisionId == revision)
            ? With(deployment, previews.RemoveAll(preview => preview.RevisionId == revision))
            : deployment;

    private static Refusal.InvalidArgument? Check(AddPreview command)
    {
        if (command.Lifetime < AddPreview.MinLifetime || command.Lifetime > AddPreview.MaxLifetime)
        {
            return new Refusal.InvalidArgument(
                $"a preview of {command.Lifetime.TotalSeconds:0} seconds was asked for; {AddPreview.MinLifetime.TotalSeconds:0} to {AddPreview.MaxLifetime.TotalSeconds:0} were expected");
        }

        return command.Host is { } host && !PreviewRules.IsHost(host)
            ? new Refusal.InvalidArgument($"host `{host}` is not {PreviewRules.HostExpectation}")
            : null;
    }

    private static Outcome<PreviewChange> Put(EnvironmentDocument document, BundleDeployment deployment, ImmutableArray<RevisionPreview> previews, RevisionPreview changed)
    {
        var updated = With(deployment, previews);
        var after = document with { Bundles = document.Bundles.Replace(deployment, updated) };
        return Find.Sound(after, new PreviewChange(after, updated, changed));
    }

    /// <summary>No previews are no member, as in documents that never had one.</summary>
    private static BundleDeployment With(BundleDeployment deployment, ImmutableArray<RevisionPreview> previews) => deployment with { Previews = previews.IsEmpty ? null : previews };
}
