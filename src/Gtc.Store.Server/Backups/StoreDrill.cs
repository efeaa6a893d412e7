using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>Proves that a backup restores: puts all of it in place in a scratch store, reads every environment back and compares it with the manifest.</summary>
public static class StoreDrill
{
    /// <summary>Runs the drill.</summary>
    /// <param name="archive">The backup.</param>
    /// <param name="scratch">An empty store, which is of no use afterwards.</param>
    /// <param name="cancellationToken">Ends the drill.</param>
    /// <returns>What became of each environment; a refusal when the scratch store failed.</returns>
    public static async Task<Outcome<ImmutableArray<DrilledEnvironment>>> RunAsync(StoreArchive archive, IEnvironmentStorage scratch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(archive);
        ArgumentNullException.ThrowIfNull(scratch);
        if (!(await StoreBackup.RestoreAsync(archive, scratch, null, replaces: false, cancellationToken)).TryGet(out _, out var refusal))
        {
            return refusal;
        }

        var found = ImmutableArray.CreateBuilder<DrilledEnvironment>();
        foreach (var expected in archive.Manifest.Environments)
        {
            var id = EnvId.TryParse(expected.EnvironmentId, out var parsed) ? parsed : throw new InvalidOperationException("A manifest was taken with an environment that has no id.");
            var captured = await scratch.CaptureAsync(id, cancellationToken);
            found.Add(new DrilledEnvironment(expected.EnvironmentId, expected.Generation, captured.Match(image => Compare(expected, image), unread => [$"it cannot be read back: {unread.Message}"])));
        }

        return found.ToImmutable();
    }

    /// <summary>Restoring is a generation and an audit line of its own; everything else must be what the manifest says.</summary>
    private static ImmutableArray<string> Compare(ArchivedEnvironment expected, EnvironmentImage image)
    {
        var lines = (int)Math.Min(expected.AuditLines, image.Audit.Length);
        var actual = EnvironmentImageFormat.Describe(image with
        {
            Document = image.Document with { EnvGeneration = expected.Generation },
            Generation = expected.Generation,
            Audit = image.Audit[..lines],
        });
        var differences = ImmutableArray.CreateBuilder<string>();
        Note("the document", expected.Etag, actual.Etag);
        Note("what lies beside it", expected.SidesDigest, actual.SidesDigest);
        Note("the audit log", expected.AuditDigest, actual.AuditDigest);
        Note("the idempotency keys", expected.KeysDigest, actual.KeysDigest);
        if (image.Audit.Length != expected.AuditLines + 1)
        {
            differences.Add($"the audit log has {image.Audit.Length} lines, {expected.AuditLines} and that of the restore were expected");
        }

        return differences.ToImmutable();

        void Note(string what, string wanted, string found)
        {
            if (wanted != found)
            {
                differences.Add($"{what} has digest {found}, {wanted} was expected");
            }
        }
    }
}

/// <summary>What became of one environment of a backup.</summary>
/// <param name="EnvironmentId">The environment.</param>
/// <param name="Generation">The generation that was backed up.</param>
/// <param name="Differences">How what was restored differs from the manifest; nothing when it does not.</param>
public sealed record DrilledEnvironment(string EnvironmentId, ulong Generation, ImmutableArray<string> Differences);
