using System.Text.Json;
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
    public static async Task<Outcome<Answer>?> TryAsync(OpPlace at, ReconcilePayload? asked, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await at.LoadAsync(cancellationToken)).TryGet(out var document, out _) || !LocalDeployer.IsBound(document))
        {
            return null;
        }

        var answers = await LocalDeployer.AnswersAsync(at, document, cancellationToken);
        if (asked is not null && !IsMeant(asked, answers))
        {
            return null;
        }

        var intent = OpStore.Intent(at.Environment, "env", "reconcile", ("environment_id", at.Environment.ToString()));
        if (AboutCluster(asked) is { } option)
        {
            return await at.RefuseAsync(intent, new Refusal.InvalidArgument($"{option} is about a cluster, and environment `{at.Environment}` runs on this machine"), cancellationToken);
        }

        var isDryRun = asked is { DryRun: true };
        if (isDryRun)
        {
            return (await RunAsync(at, document, answers, isDryRun, call, cancellationToken)).Then(Shown);
        }

        return (await at.WorkAsync(
            new OutsideWork<LocalWorkersShown>(intent, document)
            {
                Permission = WireRequest.Bare(HttpMethod.Post, "reconcile"),
                RunAsync = stop => RunAsync(at, document, answers, isDryRun, call, stop),
            },
            cancellationToken)).Then(Shown);
    }

    /// <summary>A passive deployer has nothing to reconcile, and one that is not named is not meant.</summary>
    private static bool IsMeant(ReconcilePayload asked, Outcome<JsonElement?> answers) =>
        (asked.Kind is null || asked.Kind.Split('@')[0] == LocalProcessPack.Path)
        && answers.Then(LocalProcessSettings.Read).Match(settings => settings.Supervises, _ => true);

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

    private static async Task<Outcome<LocalWorkersShown>> RunAsync(OpPlace at, EnvironmentDocument document, Outcome<JsonElement?> answers, bool isDryRun, VerbCall call, CancellationToken cancellationToken)
    {
        if (!answers.TryGet(out var given, out var refusal))
        {
            return refusal;
        }

        if (at is not LocalPlace local)
        {
            return LocalProcessSettings.Read(given).Then<LocalWorkersShown>(settings => settings.Supervises
                ? LocalDeployer.NeedsFiles((RemotePlace)at)
                : new LocalWorkersShown(document.EnvironmentId.ToString(), EnvironmentVerbs.LocalProcessDeployer, isDryRun, Supervises: false, [], [], []));
        }

        using var processes = new LinuxWorkerProcesses();
        var deployer = LocalDeployer.Open(local.Store, processes, call.Context);
        if (!(isDryRun ? deployer.Plan(document, given) : await deployer.ReconcileAsync(document, given, cancellationToken)).TryGet(out var done, out refusal))
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
