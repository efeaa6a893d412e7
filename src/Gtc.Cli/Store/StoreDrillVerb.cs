using System.Collections.Immutable;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Cli.Store;

/// <summary><c>gtc store drill</c>: proves that a backup restores.</summary>
internal static class StoreDrillVerb
{
    /// <summary>The verb.</summary>
    public static Verb<DrillPayload> Verb => new()
    {
        Noun = "store",
        Name = "drill",
        Purpose = "Prove that a backup restores: into a scratch store, every environment compared with the signed manifest",
        Remark = "The scratch store is a temporary folder, or with --database an empty database, which is used up. With --store-url each environment is also compared with what the server had at\n"
            + "that generation. It ends with 1 and names what differs when one environment does not come back as it was.",
        Examples = ["store drill nightly.gtcbak", "store drill s3://backups/store/nightly.gtcbak --key-file backup.key --database postgres://gtc@localhost/scratch", "store drill nightly.gtcbak --store-url https://store.example:8787 --store-token-file ops.token"],
        Payload = StoreJson.Default.DrillPayload,
        Fields =
        [
            new("from", "the file, or s3://BUCKET/KEY", Position: "FROM"),
            new("trust", "a public key in PEM whose backups are believed, in place of the operator key's", "--trust", "FILE"),
            new("store_url", "a store server to compare with", "--store-url", "URL"),
            new("store_token_file", "the bearer token for it, in a file that only you can read", "--store-token-file", "FILE"),
            .. ArchivePlace.Fields.Select(one => one.Path switch
            {
                "data" => new PayloadField("data", "an empty folder to restore into; a temporary one when not given", "--data", "DIR"),
                "database" => new PayloadField("database", "an empty PostgreSQL database to restore into instead", "--database", "URL"),
                _ => one,
            }),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(DrillPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!ArchivePlace.Of(payload.From, payload, call.Context).TryGet(out var place, out var refusal))
        {
            return refusal;
        }

        using (place)
        {
            if (!ArchivePlace.Trusted(payload.Trust, payload, call.Context).TryGet(out var trusted, out refusal) || !(await place.OpenAsync(trusted, cancellationToken)).TryGet(out var archive, out refusal))
            {
                return refusal;
            }

            var isTemporary = payload is { Data: null, Database: null, DatabaseFile: null };
            var folder = isTemporary ? Directory.CreateTempSubdirectory("gtc-drill-").FullName : null;
            try
            {
                return await DrillAsync(archive, payload, folder, call, cancellationToken);
            }
            finally
            {
                if (folder is not null)
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
        }
    }

    private static async Task<Outcome<Answer>> DrillAsync(StoreArchive archive, DrillPayload payload, string? folder, VerbCall call, CancellationToken cancellationToken)
    {
        var scratch = folder is null ? StoreBackupVerb.Place(payload) : new ServePayload { Data = folder };
        if (!(await ServedStorage.OpenAsync(scratch, call.Context, new RandomSource(call.Context.Random), NullLogger.Instance, cancellationToken)).TryGet(out var served, out var refusal))
        {
            return refusal;
        }

        ImmutableArray<DrilledEnvironment> drilled;
        await using (var storage = served.Storage)
        {
            if (!(await StoreDrill.RunAsync(archive, storage, cancellationToken)).TryGet(out drilled, out refusal))
            {
                return refusal;
            }
        }

        if (!(await CompareAsync(archive, payload, call.Context, cancellationToken)).TryGet(out var live, out refusal))
        {
            return refusal;
        }

        var wrong = drilled.SelectMany(environment => environment.Differences.Select(difference => new RefusalDetail(environment.EnvironmentId, difference)))
            .Concat(live.Where(found => found.Value.StartsWith("differs", StringComparison.Ordinal)).Select(found => new RefusalDetail(found.Key, $"the server {found.Value}"))).ToImmutableArray();
        if (!wrong.IsEmpty)
        {
            return new Refusal.DigestMismatch($"backup {archive.Manifest.BackupId} does not bring back what was backed up") { Details = wrong };
        }

        var result = new DrillResult(archive.Manifest.BackupId, served.Place, [.. drilled.Select(environment => new DrilledRow(environment.EnvironmentId, environment.Generation, live.GetValueOrDefault(environment.EnvironmentId)))]);
        return Answer.Of(result, StoreJson.Default.DrillResult, screen =>
        {
            screen.Say($"All {result.Environments.Length} environments of backup {result.BackupId} came back as they were.");
            foreach (var row in result.Environments.Where(row => row.Live is not null))
            {
                screen.Facts((row.EnvironmentId, $"generation {row.Generation}; the server {row.Live}"));
            }
        });
    }

    /// <summary>What a server has of each environment at the generation that was backed up; nothing when no server is named.</summary>
    private static async Task<Outcome<ImmutableDictionary<string, string>>> CompareAsync(StoreArchive archive, DrillPayload payload, CliContext context, CancellationToken cancellationToken)
    {
        var found = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (payload.StoreUrl is null)
        {
            return payload.StoreTokenFile is null ? found.ToImmutable() : new Refusal.InvalidArgument("--store-token-file goes with --store-url");
        }

        if (!StoreChoice.Find(new StoreFlags { Url = payload.StoreUrl, TokenFile = payload.StoreTokenFile }, context).TryGet(out var server, out var refusal) || !server!.Transport(context).TryGet(out var transport, out refusal))
        {
            return refusal;
        }

        using var remote = new RemoteStore(server.Target, transport);
        foreach (var environment in archive.Manifest.Environments)
        {
            var id = EnvId.TryParse(environment.EnvironmentId, out var parsed) ? parsed : default;
            var shown = await remote.ShowAsync(id, environment.Generation, cancellationToken);
            if (shown.Refusal is not (null or Refusal.Missing))
            {
                return shown.Refusal;
            }

            found[environment.EnvironmentId] = shown.Match(
                stored => stored.Etag == environment.Etag ? "had the same document" : $"differs: it had a document with entity tag {stored.Etag}, the backup has {environment.Etag}",
                _ => "has that generation no longer");
        }

        return found.ToImmutable();
    }
}
