using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>
/// Artifacts that no revision names, in no environment and in no backup that is kept. They are listed first and what is named is read after that, so that what is named meanwhile is not
/// taken for unused; what was put or asked for a short time ago is about to be named and is left alone.
/// </summary>
public static class UnusedArtifacts
{
    private const int Page = 500;

    /// <summary>Finds them.</summary>
    /// <param name="storage">The store.</param>
    /// <param name="before">Only those that were not touched since.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public static async Task<Outcome<ImmutableArray<StoredArtifact>>> FindAsync(IEnvironmentStorage storage, DateTimeOffset before, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(storage);
        var old = ImmutableArray.CreateBuilder<StoredArtifact>();
        for (Sha256Digest? after = null; ;)
        {
            if (!(await storage.Artifacts.ListAsync(after, Page, cancellationToken)).TryGet(out var page, out var refusal))
            {
                return refusal;
            }

            old.AddRange(page.Where(artifact => artifact.TouchedAt < before));
            if (page.Length < Page)
            {
                break;
            }

            after = page[^1].Digest;
        }

        return old.Count == 0 ? ImmutableArray<StoredArtifact>.Empty : (await NamedAsync(storage, cancellationToken)).Then<ImmutableArray<StoredArtifact>>(named =>
            old.Where(artifact => !named.Contains(artifact.Digest.ToString())).ToImmutableArray());
    }

    /// <summary>Removes them, but for those that were touched in the meantime.</summary>
    /// <returns>Those that are gone.</returns>
    public static async Task<Outcome<ImmutableArray<StoredArtifact>>> RemoveAsync(
        IEnvironmentStorage storage, ImmutableArray<StoredArtifact> unused, DateTimeOffset before, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(storage);
        var removed = ImmutableArray.CreateBuilder<StoredArtifact>();
        foreach (var artifact in unused)
        {
            if (!(await storage.Artifacts.RemoveAsync(artifact.Digest, before, cancellationToken)).TryGet(out var isGone, out var refusal))
            {
                return refusal;
            }

            if (isGone)
            {
                removed.Add(artifact);
            }
        }

        return removed.ToImmutable();
    }

    /// <summary>The digests of the artifacts that a document names.</summary>
    internal static IEnumerable<string> NamedBy(EnvironmentDocument document) => document.Revisions.SelectMany(revision => revision.PackList.Select(pack => pack.Digest).Prepend(revision.BundleDigest)).Distinct();

    /// <summary>Environments first and final backups last: one that ends in between is missed nowhere.</summary>
    private static async Task<Outcome<HashSet<string>>> NamedAsync(IEnvironmentStorage storage, CancellationToken cancellationToken)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        if (!(await storage.ListAllAsync(cancellationToken)).TryGet(out var environments, out var refusal))
        {
            return refusal;
        }

        foreach (var environment in environments)
        {
            if (await AddAsync(storage, environment, named, cancellationToken) is { } why and not Refusal.Missing)
            {
                return NotKnown($"environment `{environment}`", why);
            }
        }

        return await AddEndedAsync(storage, named, cancellationToken) is { } failed ? failed : named;
    }

    private static async Task<Refusal?> AddEndedAsync(IEnvironmentStorage storage, HashSet<string> named, CancellationToken cancellationToken)
    {
        if (!(await storage.ListEndedAsync(null, cancellationToken)).TryGet(out var ended, out var refusal))
        {
            return refusal;
        }

        foreach (var backup in ended)
        {
            if ((await storage.ReadEndedArtifactsAsync(backup.BackupId, cancellationToken)).TryGet(out var artifacts, out refusal))
            {
                named.UnionWith(artifacts);
            }
            else if (refusal is not Refusal.Missing)
            {
                return NotKnown($"final backup {backup.BackupId} of environment `{backup.EnvId}`", refusal);
            }
        }

        return null;
    }

    private static Refusal NotKnown(string what, Refusal why) => why is StorageUnreachable
        ? why
        : new Refusal.StoreFailed($"no artifact is taken for unused, since it is not known which ones {what} names: {Problem.Text(why)}") { Next = why.Next };

    /// <summary>What cannot be read may name anything, so nothing is unused then.</summary>
    private static async Task<Refusal?> AddAsync(IEnvironmentStorage storage, EnvId environment, HashSet<string> named, CancellationToken cancellationToken)
    {
        if (!(await storage.ReadAsync(environment, null, cancellationToken)).TryGet(out var stored, out var refusal)
            || !(await KeptBackups.ListAsync(storage, environment, cancellationToken)).TryGet(out var backups, out refusal))
        {
            return refusal;
        }

        named.UnionWith(NamedBy(stored.Document));
        foreach (var backup in backups)
        {
            if (!(await KeptBackups.ReadAsync(storage, environment, backup, cancellationToken)).TryGet(out var image, out refusal))
            {
                return refusal;
            }

            named.UnionWith(NamedBy(image.Document));
        }

        return null;
    }
}
