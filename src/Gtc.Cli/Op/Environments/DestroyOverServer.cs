using System.Collections.Immutable;
using Gtc.Cli.Op.Clusters;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env destroy</c> where the environment is on a store server: what was brought to a cluster is removed from here, and the rest by the server.</summary>
internal static class DestroyOverServer
{
    /// <summary>Ends the environment, or says what would be.</summary>
    public static async Task<Outcome<Answer>> RunAsync(RemotePlace at, DestroyPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var intent = EnvironmentDestroy.Intent(at, payload);
        if (!payload.DryRun && !payload.Confirm)
        {
            return await at.RefuseAsync(intent, EnvironmentDestroy.Unconfirmed(at), cancellationToken);
        }

        if (!(await at.LoadAsync(cancellationToken)).TryGet(out var document, out var refusal)
            || !(await at.LoadRuntimeAsync(cancellationToken)).TryGet(out var runtime, out refusal))
        {
            return refusal;
        }

        if (!payload.Force && FileEnvironmentStore.WhyNotDestroy(document) is { } routed)
        {
            return payload.DryRun ? routed : await at.RefuseAsync(intent, routed, cancellationToken);
        }

        // Whoever may not end it may not take it from its cluster.
        var isTaken = !payload.DryRun && !payload.KeepProvider && PlaceRecord.Last(runtime) is not null;
        var removed = isTaken
            ? await at.WorkAsync(
                new OutsideWork<ImmutableArray<string>>(intent, document)
                {
                    Permission = WireRequest.With(HttpMethod.Post, ContractJson.Default.DestroyBody, new DestroyBody(payload.Force), "destroy"),
                    RunAsync = stop => EnvironmentDestroy.RemoveAsync(at, payload, call, stop),
                },
                cancellationToken)
            : await EnvironmentDestroy.RemoveAsync(at, payload, call, cancellationToken);
        if (!removed.TryGet(out var objects, out refusal))
        {
            return EnvironmentDestroy.StaysThere(refusal);
        }

        if (payload.DryRun)
        {
            return Answered(at, objects, isDryRun: true, null, call);
        }

        return (await at.DestroyAsync(intent, document, payload.Force, cancellationToken)).TryGet(out var ended, out refusal)
            ? Answered(at, objects, isDryRun: false, ended.TryGetProperty("backup_id", out var backup) ? backup.GetString() : null, call)
            : isTaken ? EnvironmentDestroy.Emptied(at, refusal)
            : refusal;
    }

    private static Answer Answered(RemotePlace at, ImmutableArray<string> objects, bool isDryRun, string? backup, VerbCall call)
    {
        var result = new Destroyed(at.Environment.ToString(), isDryRun, ["document", "answers", "secrets", "trust root", "backups"], isDryRun ? null : at.Shown, call.Warnings)
        {
            DeletedObjects = objects.IsEmpty ? null : [.. objects],
            BackupId = backup,
        };
        return Answer.Of(result, OpJson.Default.Destroyed, screen =>
        {
            screen.Say(isDryRun ? $"Environment {at.Environment} would be removed from {at.Shown}." : $"Environment {at.Environment} is removed from {at.Shown}.");
            foreach (var name in objects)
            {
                screen.Say($"  {name}");
            }

            screen.Facts(
                ("audit log", isDryRun ? "would be kept there" : "kept there"),
                ("undo", backup is null ? null : $"gtc op backups restore {at.Environment} --backup {backup}"));
        });
    }
}
