using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Cli.Store;

/// <summary><c>gtc store backup</c>: every environment of a store in one signed file.</summary>
internal static class StoreBackupVerb
{
    /// <summary>The verb.</summary>
    public static Verb<BackupPayload> Verb => new()
    {
        Noun = "store",
        Name = "backup",
        Purpose = "Back up every environment of a store into one signed file, while the store works",
        Remark = "Each environment is in it as it was at one committed generation: document, answers, ciphertext of secrets, trusted keys, signed policies, audit log and idempotency keys.\n"
            + "It is signed with the operator key, and encrypted when a key or a passphrase is given. store drill proves that it restores.",
        Examples =
        [
            "store backup /var/backups/store-2026-11-21.gtcbak",
            "store backup nightly.gtcbak --data /var/lib/gtc-store --key-file backup.key",
            "store backup s3://backups/store/nightly.gtcbak --s3-endpoint https://minio.example:9000 --database-file store.url --passphrase-file backup.phrase",
        ],
        Payload = StoreJson.Default.BackupPayload,
        Fields = [new("to", "the file, or s3://BUCKET/KEY; what is there is replaced", Position: "TO"), .. ArchivePlace.Fields],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(BackupPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var random = new RandomSource(call.Context.Random);
        if (!ArchivePlace.Of(payload.To, payload, call.Context).TryGet(out var place, out var refusal))
        {
            return refusal;
        }

        using (place)
        {
            if (!ArchivePlace.OperatorKey(payload.OperatorKey, call.Context).Then(file => file.LoadOrGenerate()).TryGet(out var key, out refusal)
                || !(await ServedStorage.OpenAsync(Place(payload), call.Context, random, NullLogger.Instance, isBeside: true, cancellationToken)).TryGet(out var served, out refusal))
            {
                return refusal;
            }

            using (key)
            {
                await using var storage = served.Storage;
                var id = call.NewUlid().ToString();
                var done = await place.WriteAsync(random, output => StoreBackup.WriteAsync(storage, output, id, call.Context.Time.GetUtcNow(), key.Key, cancellationToken), cancellationToken);
                return done.Then<Answer>(written =>
                {
                    if (written.Written.Environments.IsEmpty)
                    {
                        call.Warn($"{served.Place} has no environment: is it the store that is meant?");
                    }

                    var result = new BackupResult(id, place.ToString(), written.Bytes, written.Written.Environments.Length, key.KeyId, place.IsEncrypted);
                    return Answer.Of(result, StoreJson.Default.BackupResult, screen =>
                    {
                        screen.Say($"{result.Environments} environments are backed up in {result.Place}.");
                        screen.Facts(("backup", id), ("bytes", $"{result.Bytes:N0}"), ("signed by", result.SignedBy), ("encrypted", result.IsEncrypted ? "yes" : "no"));
                    });
                });
            }
        }
    }

    /// <summary>The store that a payload names, as <c>store serve</c> finds it.</summary>
    internal static ServePayload Place(ArchivePayload payload) => new() { Data = payload.Data, Database = payload.Database, DatabaseFile = payload.DatabaseFile };
}
