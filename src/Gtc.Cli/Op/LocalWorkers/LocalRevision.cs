using System.Globalization;
using System.Text.Json;
using Gtc.Cli.Op.Clusters;
using Gtc.Cli.Verbs;
using Gtc.Deployers.LocalProcess;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.LocalWorkers;

/// <summary>Brings one revision's worker on this machine to what the environment says: <c>env apply-revision</c> where local-process is bound.</summary>
internal static class LocalRevision
{
    /// <summary>Applies it, where the bound deployer is that of this machine.</summary>
    /// <returns>What was done; null when it is not this deployer's, or the environment cannot be read.</returns>
    public static async Task<Outcome<RevisionApplied>?> TryAsync(ApplyRevisionPayload payload, OpPlace at, MutationIntent intent, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await at.LoadAsync(cancellationToken)).TryGet(out var document, out _) || !LocalDeployer.IsBound(document))
        {
            return null;
        }

        var answers = await LocalDeployer.AnswersAsync(at, document, cancellationToken);
        if (!Plan(payload, at, document, answers).TryGet(out var planned, out var refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        return await at.WorkAsync(
            EnvironmentApplyRevision.Work(intent, document, planned.Revision, stop => ApplyAsync(payload, document, planned, answers.Value, call, stop)), cancellationToken);
    }

    private static Outcome<Planned> Plan(ApplyRevisionPayload payload, OpPlace at, EnvironmentDocument document, Outcome<JsonElement?> answers)
    {
        if (payload.Timeout is not null || payload.RequireValidCredentials)
        {
            return new Refusal.InvalidArgument($"{(payload.Timeout is null ? "require_valid_credentials" : "timeout")} is about a cluster, and environment `{at.Environment}` runs on this machine")
            {
                Details = [new("how long a worker may take", "the deployer's answer warm_timeout_seconds")],
            };
        }

        return !DeployerKind.Resolve(document, payload.Kind, "apply-revision", isLive: true).TryGet(out var kind, out var refusal)
            || !Choice.Revision(document, payload.RevisionId).TryGet(out var revision, out refusal)
            || !answers.Then(LocalProcessSettings.Read).TryGet(out var settings, out refusal)
                ? refusal
                : !settings.Supervises ? new Refusal.Conflict($"the revisions of environment `{at.Environment}` have no workers of their own: `gtc start` serves them")
                {
                    Details = [new("to give each one", "the deployer's answer supervise=true")],
                    Next = $"gtc op env-packs update {at.Environment} slot=deployer",
                }
                : at is RemotePlace remote ? LocalDeployer.NeedsFiles(remote)
                : new Planned(kind, revision, (LocalPlace)at);
    }

    private static async Task<Outcome<RevisionApplied>> ApplyAsync(
        ApplyRevisionPayload payload, EnvironmentDocument document, Planned planned, JsonElement? answers, VerbCall call, CancellationToken cancellationToken)
    {
        var revision = planned.Revision;
        using var processes = new LinuxWorkerProcesses();
        var deployer = LocalDeployer.Open(planned.At.Store, processes, call.Context);
        var isPresent = LocalProcessDeployer.NeedsWorker(revision);
        var failed = isPresent
            ? await deployer.WarmRevisionAsync(document, revision.RevisionId, answers, cancellationToken)
            : await deployer.ArchiveRevisionAsync(document, revision.RevisionId, answers, cancellationToken);
        if (failed is not null)
        {
            return failed;
        }

        var isDraining = revision.Lifecycle == RevisionLifecycle.Draining;
        if (isDraining && !payload.NoWait)
        {
            Convergence.Progress(call)?.Invoke($"drain    {revision.DrainSeconds.ToString(CultureInfo.InvariantCulture)} s");
            await Task.Delay(TimeSpan.FromSeconds(revision.DrainSeconds), call.Context.Time, cancellationToken);
        }

        return new RevisionApplied(
            document.EnvironmentId.ToString(),
            planned.Kind.ToString(),
            revision.RevisionId.ToString(),
            RevisionVerbs.Text(revision.Lifecycle),
            isDraining ? "drained" : isPresent ? "warmed" : "archived",
            "the worker on this machine",
            document.Packs.First(pack => pack.Slot == CapabilitySlot.Deployer).AnswersRef,
            "local",
            call.Warnings);
    }

    private sealed record Planned(PackDescriptor Kind, Revision Revision, LocalPlace At);
}
