using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Cli.Store;

/// <summary><c>gtc store restore</c>: puts the environments of a backup in place.</summary>
internal static class StoreRestoreVerb
{
    /// <summary>The verb.</summary>
    public static Verb<RestorePayload> Verb => new()
    {
        Noun = "store",
        Name = "restore",
        Purpose = "Put the environments of a backup in place, all of them or one",
        Remark = "The backup is read to its end and every byte of it checked before anything is written. Environments that exist are left alone unless --replace is given; then what lies beside the\n"
            + "document is that of the backup too, while their audit logs go on. A folder must not be served at the same time.",
        Examples = ["store restore nightly.gtcbak --data /var/lib/gtc-store", "store restore nightly.gtcbak --env prod --replace", "store restore nightly.gtcbak --trust old-operator.pub --key-file backup.key"],
        Payload = StoreJson.Default.RestorePayload,
        Fields =
        [
            new("from", "the file, or s3://BUCKET/KEY", Position: "FROM"),
            new("environment_id", "only this environment", "--env", "ENV"),
            new("replace", "replace environments that exist", "--replace"),
            new("trust", "a public key in PEM whose backups are believed, in place of the operator key's", "--trust", "FILE"),
            .. ArchivePlace.Fields,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(RestorePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var only = EnvId.TryParse(payload.EnvironmentId, out var parsed) ? parsed : (EnvId?)null;
        if (payload.EnvironmentId is { } text && only is null)
        {
            return new Refusal.InvalidArgument($"`{text}` is not {EnvId.Expectation}");
        }

        if (!ArchivePlace.Of(payload.From, payload, call.Context).TryGet(out var place, out var refusal))
        {
            return refusal;
        }

        using (place)
        {
            if (!ArchivePlace.Trusted(payload.Trust, payload, call.Context).TryGet(out var trusted, out refusal)
                || !(await place.OpenAsync(trusted, cancellationToken)).TryGet(out var archive, out refusal)
                || !(await ServedStorage.OpenAsync(StoreBackupVerb.Place(payload), call.Context, new RandomSource(call.Context.Random), NullLogger.Instance, cancellationToken)).TryGet(out var served, out refusal))
            {
                return refusal;
            }

            await using var storage = served.Storage;
            return (await StoreBackup.RestoreAsync(archive, storage, only, payload.Replace, cancellationToken)).Then<Answer>(restored =>
            {
                var result = new RestoreResult(archive.Manifest.BackupId, served.Place, [.. restored.Select(row => new RestoredRow(row.EnvironmentId, row.BackupGeneration, row.Generation))]);
                return Answer.Of(result, StoreJson.Default.RestoreResult, screen => screen.Table(
                    new([new("environment"), new("backed up"), new("now")], [.. result.Environments.Select(row => (string[])[row.EnvironmentId, $"{row.BackupGeneration}", $"{row.Generation}"]).Select(row => System.Collections.Immutable.ImmutableArray.Create(row))]),
                    "The backup has no environment."));
            });
        }
    }
}
