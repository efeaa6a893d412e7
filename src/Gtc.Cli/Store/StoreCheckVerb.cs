using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store;
using Gtc.Store.Server;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Cli.Store;

/// <summary><c>gtc store check</c>: finds damage at rest before somebody needs what is damaged.</summary>
internal static class StoreCheckVerb
{
    private const int MostShown = 50;

    /// <summary>The verb.</summary>
    public static Verb<CheckPayload> Verb => new()
    {
        Noun = "store",
        Name = "check",
        Purpose = "Read everything that a store keeps, and name what is not as it was written",
        Remark = "Documents of every generation, what lies beside them, signed policies, audit chains, artifacts, and the backups that environments keep. The store may be at work. Damage is an error that names each row.",
        Examples = ["store check", "store check --data /var/lib/gtc-store", "store check --database-file store.url"],
        Payload = StoreJson.Default.CheckPayload,
        Fields = [.. ArchivePlace.Fields.Where(one => one.Path is "data" or "database" or "database_file" or "operator_key")],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(CheckPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var place = new ServePayload { Data = payload.Data, Database = payload.Database, DatabaseFile = payload.DatabaseFile };
        if (!ArchivePlace.OperatorKey(payload.OperatorKey, call.Context).Then(file => file.LoadIfPresent()).TryGet(out var key, out var refusal)
            || !(await ServedStorage.OpenAsync(place, call.Context, new RandomSource(call.Context.Random), NullLogger.Instance, isBeside: true, cancellationToken)).TryGet(out var served, out refusal))
        {
            return refusal;
        }

        using (key)
        {
            await using var storage = served.Storage;
            if (!(await new StoreScrub(storage, key is null ? null : TrustedKey.Of(key.Key.PublicKey)).RunAsync(cancellationToken)).TryGet(out var report, out refusal))
            {
                return refusal;
            }

            var last = (await ScrubRecord.ReadAsync(storage.Upkeep, cancellationToken)).Match(record => record, _ => null);
            return report.Problems.IsEmpty
                ? Answer.Of(
                    new CheckResult(report.Environments, report.Sides, report.AuditLines, report.Policies) { Documents = report.Documents, Artifacts = report.Artifacts, LastScrub = last?.EndedAt, LastScrubDamaged = last?.Damaged },
                    StoreJson.Default.CheckResult,
                    screen =>
                    {
                        screen.Say($"All {report.Environments} environments are as they were written: {report.Sides} documents beside them, {report.Policies} signed policies, {report.AuditLines} audit lines.");
                        screen.Facts(("artifacts", $"{report.Artifacts}"), ("last read by a server", last is null ? "never" : $"{screen.Ago(last.EndedAt)}, {last.Damaged} rows damaged"));
                    })
                : new Refusal.StoreFailed($"{report.Problems.Length} rows of {served.Place} are not as they were written")
                {
                    Details = [.. report.Problems.Take(MostShown).Select(problem => new RefusalDetail(problem.EnvironmentId is { } environment ? $"{environment}: {problem.Row}" : problem.Row, problem.Why))],
                };
        }
    }
}
