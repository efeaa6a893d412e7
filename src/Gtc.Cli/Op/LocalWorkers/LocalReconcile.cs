using System.Text.Json.Serialization;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Deployers.LocalProcess;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Op.LocalWorkers;

/// <summary>Brings the workers on this machine to what an environment says: <c>env reconcile</c> and <c>--reconcile</c> where local-process is bound.</summary>
internal static class LocalReconcile
{
    /// <summary>Reconciles, where the bound deployer is that of this machine.</summary>
    /// <param name="at">Where.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The answer; null when another deployer is bound.</returns>
    public static async Task<Outcome<Answer>?> TryAsync(OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await at.Store.LoadAsync(at.Environment, cancellationToken)).TryGet(out var document, out var refusal))
        {
            return refusal;
        }

        if (document.Packs.FirstOrDefault(binding => binding.Slot == CapabilitySlot.Deployer)?.Kind.Path != LocalProcessPack.Path)
        {
            return null;
        }

        using var processes = new LinuxWorkerProcesses();
        if (!Deployers.Answers(at.Store, document).TryGet(out var answers, out refusal)
            || !(await Deployers.Local(at.Store, processes, call.Context).ReconcileAsync(document, answers, cancellationToken)).TryGet(out var done, out refusal))
        {
            return refusal;
        }

        return done.Failed is [var failed, ..]
            ? failed.Why with { Details = [.. failed.Why.Details, .. done.Failed.Skip(1).Select(other => new RefusalDetail("also", other.Why.Message))] }
            : Shown(document.EnvironmentId, done);
    }

    private static Outcome<Answer> Shown(EnvId environment, ReconciledWorkers done)
    {
        var shown = new LocalWorkersShown(environment.ToString(), EnvironmentVerbs.LocalProcessDeployer, done.Supervises, [.. done.Started.Select(Text)], [.. done.Kept.Select(Text)], [.. done.Ended.Select(Text)]);
        return Answer.Of(shown, LocalWorkersJson.Default.LocalWorkersShown, screen => screen.Say(
            !done.Supervises ? $"Environment {environment} has no workers of its own: `gtc start` serves it. The deployer's answer `supervise` gives each revision one."
            : $"{done.Started.Length} worker(s) started, {done.Kept.Length} kept, {done.Ended.Length} ended."));
    }

    private static string Text(RevisionId revision) => revision.ToString();
}

/// <summary>What a reconcile of this machine's workers answers.</summary>
/// <param name="EnvironmentId">The environment.</param>
/// <param name="Kind">The deployer.</param>
/// <param name="Supervises">Whether revisions have workers of their own.</param>
/// <param name="Started">Revisions that got one.</param>
/// <param name="Kept">Revisions that had one, and it is healthy.</param>
/// <param name="Ended">Revisions that have none any more.</param>
internal sealed record LocalWorkersShown(
    string EnvironmentId, string Kind, bool Supervises, IReadOnlyList<string> Started, IReadOnlyList<string> Kept, IReadOnlyList<string> Ended);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LocalWorkersShown))]
internal sealed partial class LocalWorkersJson : JsonSerializerContext;
