using System.Text.Json.Nodes;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Server;

/// <summary>Backs up every environment of a store, while others work on it, and puts environments in place again.</summary>
public static class StoreBackup
{
    /// <summary>Writes a backup. Each environment is in it as it was at one committed generation.</summary>
    /// <param name="storage">The store.</param>
    /// <param name="output">Where the backup goes; it stays open.</param>
    /// <param name="backupId">The backup's id, a ULID.</param>
    /// <param name="now">When it is begun.</param>
    /// <param name="key">Signs it.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>What the backup holds; or why an environment cannot be read, which ends it.</returns>
    public static async Task<Outcome<ArchiveManifest>> WriteAsync(IEnvironmentStorage storage, Stream output, string backupId, DateTimeOffset now, PrivateKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(storage);
        if (!(await storage.ListAsync(cancellationToken)).TryGet(out var environments, out var refusal))
        {
            return refusal;
        }

        using var writer = await StoreArchiveWriter.BeginAsync(output, cancellationToken);
        foreach (var environment in environments)
        {
            var captured = await storage.CaptureAsync(environment, cancellationToken);
            if (captured.TryGet(out var image, out refusal))
            {
                await writer.AddAsync(image, cancellationToken);
            }
            else if (refusal is not Refusal.Missing)
            {
                return refusal with { Message = $"environment `{environment}` cannot be backed up: {refusal.Message}" };
            }
        }

        return await writer.FinishAsync(backupId, now, key, cancellationToken);
    }

    /// <summary>Puts environments of a backup in place.</summary>
    /// <param name="archive">The backup.</param>
    /// <param name="storage">The store.</param>
    /// <param name="only">The only environment that is wanted, or null for all.</param>
    /// <param name="replaces">Whether environments that exist are replaced, with all that lies beside them. Their audit log and keys stay, since nobody takes back what was recorded.</param>
    /// <param name="cancellationToken">Ends the restoring; what was put in place stays, and doing it again replaces it.</param>
    /// <returns>The environments that were put in place; or a conflict that names those which exist, before anything is written.</returns>
    public static async Task<Outcome<IReadOnlyList<RestoredEnvironment>>> RestoreAsync(StoreArchive archive, IEnvironmentStorage storage, EnvId? only, bool replaces, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(archive);
        ArgumentNullException.ThrowIfNull(storage);
        var wanted = archive.Manifest.Environments.Where(environment => only is not { } one || environment.EnvironmentId == one.ToString()).Select(environment => environment.EnvironmentId).ToHashSet(StringComparer.Ordinal);
        if (wanted.Count == 0 && only is not null)
        {
            return new Refusal.Missing($"backup {archive.Manifest.BackupId} has no environment `{only}`");
        }

        if (!(await storage.ListAsync(cancellationToken)).TryGet(out var present, out var refusal))
        {
            return refusal;
        }

        var standing = present.Select(environment => environment.ToString()).Where(wanted.Contains).ToList();
        if (standing.Count > 0 && !replaces)
        {
            return new Refusal.Conflict($"{standing.Count} of the environments exist already, and nothing was restored")
            {
                Details = [.. standing.Take(10).Select(environment => new RefusalDetail("exists", environment))],
                Next = "gtc store restore FILE --replace",
            };
        }

        var restored = new List<RestoredEnvironment>();
        var failed = await archive.ReadAsync(environment => wanted.Contains(environment.EnvironmentId), async (environment, image) =>
        {
            var done = await storage.CommitAsync(Request(archive.Manifest.BackupId, environment, image), context => Place(context, image, replaces), cancellationToken);
            if (!done.TryGet(out var committed, out var failure))
            {
                return failure with { Message = $"environment `{environment.EnvironmentId}` was not restored: {failure.Message}" };
            }

            restored.Add(new RestoredEnvironment(environment.EnvironmentId, environment.Generation, committed.Generation));
            return null;
        }, cancellationToken);
        return failed is null ? restored : failed;
    }

    private static Outcome<Change> Place(ChangeContext context, EnvironmentImage image, bool replaces) => context.Current is not null && !replaces
        ? new Refusal.Conflict($"environment `{image.Document.EnvironmentId}` exists already") { IsDuplicate = true }
        : new Change(new ChangeAnswer(null, DocumentPlace.None, null)) { Document = image.Document, Image = image };

    private static ChangeRequest Request(string backupId, ArchivedEnvironment environment, EnvironmentImage image) => new()
    {
        Environment = image.Document.EnvironmentId,
        Noun = "store",
        Verb = "restore",
        Target = new JsonObject { ["environment_id"] = environment.EnvironmentId, ["backup_id"] = backupId, ["backup_generation"] = environment.Generation },
        Actor = new AuditActor("local-user", Environment.UserName),
        Authorization = new AuditAuthorization("allow", "local-owner", "whoever owns the store may restore it"),
    };
}

/// <summary>An environment that was put in place.</summary>
/// <param name="EnvironmentId">The environment.</param>
/// <param name="BackupGeneration">The generation that was backed up.</param>
/// <param name="Generation">Its generation now.</param>
public sealed record RestoredEnvironment(string EnvironmentId, ulong BackupGeneration, ulong Generation);
