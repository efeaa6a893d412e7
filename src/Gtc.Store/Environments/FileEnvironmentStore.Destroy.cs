using System.Globalization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>How an environment ends (op-cli.md §5.7).</summary>
public sealed partial class FileEnvironmentStore
{
    /// <summary>What a destroy would remove; nothing is written.</summary>
    public async Task<Outcome<DestroyedEnvironment>> PlanDestroyAsync(EnvId environment, bool force, CancellationToken cancellationToken) =>
        (await LoadAsync(environment, cancellationToken)).Then(document =>
        {
            if (!force && WhyNotDestroy(document) is { } routed)
            {
                return routed;
            }

            try
            {
                return new DestroyedEnvironment([.. DestroyedFolders.Contents(Layout.Environment(environment).Folder)], null);
            }
            catch (FileCallException error)
            {
                return (Outcome<DestroyedEnvironment>)FileRefusals.Store($"environment `{environment}` could not be looked at", error);
            }
        });

    /// <summary>
    /// Ends an environment: records it, moves the folder to <c>.destroyed/</c> by one rename and removes everything in it but the audit
    /// log. Until the rename it is all there; after it, it is gone, and a call that finds a folder which was not emptied to the end goes on with that.
    /// </summary>
    /// <param name="environment">The environment.</param>
    /// <param name="force">Whether it may be serving traffic.</param>
    /// <param name="intent">What is recorded.</param>
    /// <param name="reviewed">The document by which it was decided: another one is not ended. Null when nothing was decided by it.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    public Task<Outcome<DestroyedEnvironment>> DestroyAsync(EnvId environment, bool force, MutationIntent intent, EnvironmentDocument? reviewed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(intent);
        var folders = new DestroyedFolders(Layout, _atomic);
        IReadOnlyList<string> unfinished;
        try
        {
            unfinished = folders.Unfinished(environment);
        }
        catch (FileCallException error)
        {
            return Task.FromResult<Outcome<DestroyedEnvironment>>(FileRefusals.Store("destroyed environments could not be listed", error));
        }

        var change = new PendingMutation<bool>(intent, null, context => context.Current switch
        {
            null when unfinished.Count > 0 => new Mutation<bool>(false),
            null => new Refusal.Missing($"environment `{environment}` does not exist") { Next = "gtc op env list" },
            { } document when reviewed is not null && document.EnvGeneration != reviewed.EnvGeneration => new Refusal.Conflict($"environment `{environment}` was changed by somebody else meanwhile; nothing was done")
            {
                Details = [new("expected generation", Text(reviewed.EnvGeneration)), new("found", Text(document.EnvGeneration))],
                Next = $"gtc op env history {environment}",
            },
            { } document => !force && WhyNotDestroy(document) is { } routed ? routed : new Mutation<bool>(true),
        });
        return Queue(environment).RecordedAsync(change, isThere => End(folders, Layout.Environment(environment), unfinished, isThere), cancellationToken);
    }

    /// <summary>Why an environment is not ended without force: it routes traffic. Null when it does not.</summary>
    public static Refusal.Conflict? WhyNotDestroy(EnvironmentDocument document) => document.TrafficSplits.IsEmpty ? null
        : new Refusal.Conflict($"environment `{document.EnvironmentId}` routes traffic to {document.TrafficSplits.Length} of its deployments")
        {
            Details = [.. document.TrafficSplits.Take(10).Select(split => new RefusalDetail("routed", $"{split.DeploymentId} ({split.BundleId})"))],
            Next = $"gtc op env destroy {document.EnvironmentId} --confirm --force",
        };

    private static string Text(ulong? generation) => (generation ?? 0).ToString(CultureInfo.InvariantCulture);

    private Outcome<DestroyedEnvironment> End(DestroyedFolders folders, EnvironmentLayout layout, IReadOnlyList<string> unfinished, bool isThere)
    {
        var now = _time.GetUtcNow();
        var deleted = new SortedSet<string>(StringComparer.Ordinal);
        var moved = unfinished.ToList();
        try
        {
            if (isThere)
            {
                moved.Add(folders.Move(layout, now));
            }
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"environment `{layout.Id}` stays: its folder could not be moved", error);
        }

        try
        {
            foreach (var folder in moved)
            {
                deleted.UnionWith(DestroyedFolders.Contents(folder));
                folders.Empty(folder);
            }

            return new DestroyedEnvironment([.. deleted], Path.Combine(moved[^1], DestroyedFolders.Kept));
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"environment `{layout.Id}` is gone, but not everything of it could be removed", error) with
            {
                Next = $"gtc op env destroy {layout.Id} --confirm",
            };
        }
    }
}
