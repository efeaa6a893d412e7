using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>What a file held before it was replaced or removed.</summary>
/// <param name="Name">Its path below <c>backups/</c>, with slashes.</param>
/// <param name="File">The file's path below the environment's folder.</param>
/// <param name="KeptAt">When it was replaced.</param>
/// <param name="Bytes">Its length.</param>
public sealed record BackupListing(string Name, string File, DateTimeOffset KeptAt, long Bytes);

/// <summary>
/// The backups of an environment's files (store.md §3). Desired state and answers can be put back, one file at a time. Trusted keys and
/// signed policies cannot, since that would bring back what was revoked, nor can files that are made from others.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="check">Says whether a document, put back, may follow the present one.</param>
public sealed class EnvironmentBackups(FileEnvironmentStore store, DocumentCheck check)
{
    private const string Suffix = ".bak";
    private const string Stamp = "yyyyMMdd'T'HHmmss'.'fffffff'00Z'";

    /// <summary>The backups, by file and time.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="file">Only those of this file, or null.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    public Task<Outcome<ImmutableArray<BackupListing>>> ListAsync(EnvId environment, string? file, CancellationToken cancellationToken)
    {
        var found = new List<BackupListing>();
        try
        {
            Collect(store.Layout.Environment(environment).Backups, "", found, cancellationToken);
        }
        catch (FileCallException error)
        {
            return Task.FromResult<Outcome<ImmutableArray<BackupListing>>>(FileRefusals.Store("backups could not be listed", error));
        }

        return Task.FromResult<Outcome<ImmutableArray<BackupListing>>>(found
            .Where(backup => file is null || backup.File == file)
            .OrderBy(backup => backup.File, StringComparer.Ordinal).ThenBy(backup => backup.KeptAt).ThenBy(backup => backup.Name.Length).ThenBy(backup => backup.Name, StringComparer.Ordinal)
            .ToImmutableArray());
    }

    /// <summary>Puts one file back. What it holds now is kept as a backup in its turn.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="name">The backup's path below <c>backups/</c>.</param>
    /// <param name="idempotencyKey">The caller's key, or null.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <returns>The environment's generation.</returns>
    public Task<Outcome<ulong>> RestoreAsync(EnvId environment, string name, string? idempotencyKey, CancellationToken cancellationToken)
    {
        var intent = new MutationIntent(environment, "env.backup", "restore", new JsonObject { ["environment_id"] = environment.ToString(), ["backup"] = name }) { IdempotencyKey = idempotencyKey };
        return store.MutateAsync<ulong>(intent, change =>
        {
            if (change.Current is null)
            {
                return new Refusal.Missing($"environment `{environment}` does not exist") { Next = "gtc op env list" };
            }

            if (!RuntimeConfigRules.IsContained(name) || Parse(name) is not var (file, _))
            {
                return new Refusal.InvalidArgument($"`{name}` is not the name of a backup") { Next = $"gtc op env backup list {environment}" };
            }

            return change.Files.Read($"backups/{name}", Documents.MaxBytes).Then(bytes => bytes is null
                ? new Refusal.Missing($"environment `{environment}` has no backup {name}") { Next = $"gtc op env backup list {environment}" }
                : file == EnvironmentLayout.DocumentName ? Document(change, bytes) : Beside(change, file, bytes));
        }, cancellationToken);
    }

    private Outcome<Mutation<ulong>> Document(MutationContext change, byte[] bytes) => Documents.Environment.Parse(bytes)
        .Then(document => new EnvironmentReader(change.Files).Check(document))
        .Then(document => SignedMembers.FollowTrustRoot(change.Files, document))
        .Then(document => check(change.Current!, document, change))
        .Then(document => (Outcome<Mutation<ulong>>)new Mutation<ulong>(change.NextGeneration)
        {
            Document = document,
            RefreshesRuntimeConfig = true,
            PreviousGeneration = change.Generation,
            NewGeneration = change.NextGeneration,
        });

    private static Outcome<Mutation<ulong>> Beside(MutationContext change, string file, byte[] bytes)
    {
        if (!SnapshotFiles.IsAnswers(file))
        {
            return new Refusal.Conflict($"{file} is not put back from a backup: it is a key, a signed policy, or made from {EnvironmentLayout.DocumentName}");
        }

        return change.Files.Replace(file, bytes) is { } refusal ? refusal : new Mutation<ulong>(change.Generation);
    }

    private static (string File, DateTimeOffset KeptAt)? Parse(string name)
    {
        var parts = name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length].Split('.') : [];
        var end = parts.Length > 3 && parts[^1].All(char.IsAsciiDigit) ? parts.Length - 1 : parts.Length;
        return end > 2
            && DateTimeOffset.TryParseExact($"{parts[end - 2]}.{parts[end - 1]}", Stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var keptAt)
            ? (string.Join('.', parts[..(end - 2)]), keptAt)
            : null;
    }

    private void Collect(string folder, string prefix, List<BackupListing> found, CancellationToken cancellationToken)
    {
        foreach (var path in FolderListing.Entries(folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = prefix + Path.GetFileName(path);
            if (store.Atomic.Calls.Status(path, followLinks: false) is not { } status)
            {
                continue;
            }

            if (status.IsFolder)
            {
                Collect(path, name + "/", found, cancellationToken);
            }
            else if (status.IsRegular && Parse(name) is var (file, keptAt))
            {
                found.Add(new BackupListing(name, file, keptAt, status.Size));
            }
        }
    }
}
