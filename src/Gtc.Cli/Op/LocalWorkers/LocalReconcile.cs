using System.Text.Json.Serialization;
using Gtc.Cli.Op.Clusters;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Deployers.LocalProcess;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.LocalWorkers;

/// <summary>Brings the workers on this machine to what an environment says: <c>env reconcile</c> and <c>--reconcile</c> where local-process is bound.</summary>
internal static class LocalReconcile
{
    /// <summary>Reconciles, where the bound deployer is that of this machine.</summary>
    /// <param name="at">Where.</param>
    /// <param name="asked">What was asked of <c>env reconcile</c>, which needs something to reconcile; null where it follows another verb.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The answer; null when it is not this deployer's, or the environment cannot be read.</returns>
    public static async Task<Outcome<Answer>?> TryAsync(LocalPlace at, ReconcilePayload? asked, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await at.Store.LoadAsync(at.Environment, cancellationToken)).TryGet(out var document, out _) || !LocalDeployer.IsBound(document) || (asked is not null && !IsMeant(at, document, asked)))
        {
            return null;
        }

        var intent = OpStore.Intent(at.Environment, "env", "reconcile", ("environment_id", at.Environment.ToString()));
        if (AboutCluster(asked) is { } option)
        {
            return await at.RefuseAsync(intent, new Refusal.InvalidArgument($"{option} is about a cluster, and environment `{at.Environment}` runs on this machine"), cancellationToken);
        }

        var isDryRun = asked is { DryRun: true };
        using var processes = new LinuxWorkerProcesses();
        var done = await RunAsync(at, document, isDryRun, LocalDeployer.Open(at.Store, processes, call.Context), cancellationToken);
        if (isDryRun)
        {
            return done.Then(Shown);
        }

        return (await at.Store.MutateAsync<LocalWorkersShown>(intent, _ => done.Then(shown => (Outcome<Mutation<LocalWorkersShown>>)new Mutation<LocalWorkersShown>(shown)), cancellationToken)).Then(Shown);
    }

    /// <summary>A passive deployer has nothing to reconcile, and one that is not named is not meant.</summary>
    private static bool IsMeant(LocalPlace at, EnvironmentDocument document, ReconcilePayload asked) =>
        (asked.Kind is null || asked.Kind.Split('@')[0] == LocalProcessPack.Path)
        && LocalDeployer.Answers(at.Store, document).Then(LocalProcessSettings.Read).Match(settings => settings.Supervises, _ => true);

    private static string? AboutCluster(ReconcilePayload? asked) => asked switch
    {
        { Drift: not null } => "--drift",
        { Adopt: true } => "--adopt",
        { NoWait: true } => "--no-wait",
        { Timeout: not null } => "--timeout",
        { AbandonPrevious: true } => "--abandon-previous",
        { RequireValidCredentials: true } => "--require-valid-credentials",
        _ => null,
    };

    private static async Task<Outcome<LocalWorkersShown>> RunAsync(LocalPlace at, EnvironmentDocument document, bool isDryRun, LocalProcessDeployer deployer, CancellationToken cancellationToken)
    {
        if (!LocalDeployer.Answers(at.Store, document).TryGet(out var answers, out var refusal)
            || !(isDryRun ? deployer.Plan(document, answers) : await deployer.ReconcileAsync(document, answers, cancellationToken)).TryGet(out var done, out refusal))
        {
            return refusal;
        }

        return done.Failed is [var failed, ..]
            ? failed.Why with { Details = [.. failed.Why.Details, .. done.Failed.Skip(1).Select(other => new RefusalDetail("also", other.Why.Message))] }
            : new LocalWorkersShown(
                document.EnvironmentId.ToString(),
                EnvironmentVerbs.LocalProcessDeployer,
                isDryRun,
                done.Supervises,
                [.. done.Started.Select(Text)],
                [.. done.Kept.Select(Text)],
                [.. done.Ended.Select(Text)]);
    }

    private static Outcome<Answer> Shown(LocalWorkersShown shown) => Answer.Of(shown, LocalWorkersJson.Default.LocalWorkersShown, screen => screen.Say(
        !shown.Supervises ? $"Environment {shown.EnvironmentId} has no workers of its own: `gtc start` serves it. The deployer's answer `supervise` gives each revision one."
        : shown.DryRun ? $"{shown.Started.Count} worker(s) would be started, {shown.Kept.Count} kept, {shown.Ended.Count} ended."
        : $"{shown.Started.Count} worker(s) started, {shown.Kept.Count} kept, {shown.Ended.Count} ended."));

    private static string Text(RevisionId revision) => revision.ToString();
}

/// <summary>What a reconcile of this machine's workers answers.</summary>
/// <param name="EnvironmentId">The environment.</param>
/// <param name="Kind">The deployer.</param>
/// <param name="DryRun">Whether nothing was done.</param>
/// <param name="Supervises">Whether revisions have workers of their own.</param>
/// <param name="Started">Revisions that got one.</param>
/// <param name="Kept">Revisions that had one, and it is healthy.</param>
/// <param name="Ended">Revisions that have none any more.</param>
internal sealed record LocalWorkersShown(
    string EnvironmentId, string Kind, bool DryRun, bool Supervises, IReadOnlyList<string> Started, IReadOnlyList<string> Kept, IReadOnlyList<string> Ended);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LocalWorkersShown))]
internal sealed partial class LocalWorkersJson : JsonSerializerContext;
