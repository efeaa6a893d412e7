using Gtc.Model;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// Ends the drain of revisions in the store once nothing of them is left here: draining becomes inactive (environment-model.md §2.5), and whoever waits
/// with the archive sees it. Only a worker that serves everything does so; one of a single revision cannot know what others have, and one that follows a store
/// server only has a copy. Asked by one thread.
/// </summary>
internal sealed partial class DrainCompletion(WorkerOptions options, LiveServing live, ILogger logger)
{
    private readonly HashSet<RevisionId> _refused = [];

    /// <summary>Looks at the revisions that drain.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (options.OwnRevision is not null || options.Following is not null)
        {
            return;
        }

        var document = live.Current.Document;
        foreach (var revision in document.Revisions)
        {
            if (IsOver(document, revision) && !_refused.Contains(revision.RevisionId))
            {
                await CompleteAsync(revision, cancellationToken);
            }
        }
    }

    /// <summary>What a split names keeps its callers and stays; what was loaded must have been left by its last request.</summary>
    private bool IsOver(EnvironmentDocument document, Revision revision) =>
        revision.Lifecycle == RevisionLifecycle.Draining
        && !document.TrafficSplits.Any(split => split.Entries.Any(entry => entry.RevisionId == revision.RevisionId))
        && live.Current.Activation.Find(revision.RevisionId) is null
        && live.Pool.Draining.All(draining => draining.Id != revision.RevisionId);

    private async Task CompleteAsync(Revision revision, CancellationToken cancellationToken)
    {
        var intent = new MutationIntent(options.Environment, "revisions", "complete-drain", new() { ["revision_id"] = revision.RevisionId.ToString() });
        var done = await options.Store.MutateAsync<bool>(
            intent,
            context => context.Current is not { } document
                ? new Refusal.Missing($"environment `{options.Environment}` is gone")
                : RevisionVerbs.CompleteDrain(document, revision.RevisionId).Then<Mutation<bool>>(walked =>
                    new Mutation<bool>(true) { Document = walked.StartingLifecycle == walked.Revision.Lifecycle ? null : walked.Document }),
            cancellationToken);
        if (done.Refusal is { } refusal)
        {
            // A folder that is mounted read-only, or somebody was faster. What is served does not depend on it, so it is tried once.
            _refused.Add(revision.RevisionId);
            Log.NotCompleted(logger, revision.RevisionId, refusal.Message);
            return;
        }

        Log.Completed(logger, revision.RevisionId, revision.DeploymentId);
    }

    private static partial class Log
    {
        [LoggerMessage(4743, LogLevel.Information, "Revision {Revision} of deployment {Deployment} has drained and is inactive")]
        public static partial void Completed(ILogger logger, RevisionId revision, DeploymentId deployment);

        [LoggerMessage(4744, LogLevel.Warning, "Revision {Revision} has drained, which could not be written into the environment: {Reason}")]
        public static partial void NotCompleted(ILogger logger, RevisionId revision, string reason);
    }
}
