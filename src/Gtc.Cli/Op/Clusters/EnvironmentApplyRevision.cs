using Gtc.Cli.Op.LocalWorkers;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Deployers.Fleet;
using Gtc.Deployers.Kubernetes;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Clusters;

/// <summary><c>gtc op env apply-revision</c>: bring one revision to where the store says that it is (k8s-deployer.md §12).</summary>
internal static class EnvironmentApplyRevision
{
    /// <summary>The verb.</summary>
    public static Verb<ApplyRevisionPayload> Verb => new()
    {
        Noun = "env",
        Name = "apply-revision",
        Purpose = "Start or stop the worker of one revision, in a cluster, a fleet or on this machine, as its lifecycle says",
        Remark = "A warming or ready revision gets a worker, and the verb waits until it is healthy. A draining one is given its drain time. Any other loses its worker.\n"
            + "What is routed stays as it is; env reconcile brings everything. In a fleet a revision gets those devices of its share that run nothing of its deployment yet.",
        Examples = ["op env apply-revision local 01J97Q", "op env apply-revision prod --revision 01J97Q --timeout 600"],
        Payload = ClusterJson.Default.ApplyRevisionPayload,
        Fields =
        [
            PayloadField.Environment,
            new("revision_id", "the revision, or a prefix of its id", "--revision", "ID", "REVISION"),
            new("kind", "the deployer; it must be the bound one", "--kind", "KIND"),
            new("no_wait", "do not wait until the worker is healthy, or has drained", "--no-wait"),
            new("timeout", "how long to wait for that, in seconds; GREENTIC_K8S_WARM_READY_TIMEOUT_SECS or 300 when not given", "--timeout", "S"),
            CredentialsGate.Field,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(ApplyRevisionPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, "env", "apply-revision", ("revision_id", payload.RevisionId));
        if (await LocalRevision.TryAsync(payload, at, intent, call, cancellationToken) is { } here)
        {
            return here.Then(Shown);
        }

        if (!Convergence.Wait(payload.NoWait, payload.Timeout, call).TryGet(out var wait, out refusal)
            || !(await Convergence.PrepareAsync(at, payload.Kind, "apply-revision", SecretContent.Completed, call, cancellationToken)).TryGet(out var prepared, out refusal)
            || !(await CredentialsGate.PassAsync(prepared.Document, payload.RequireValidCredentials, at, call, cancellationToken)).TryGet(out _, out refusal)
            || !Choice.Revision(prepared.Document, payload.RevisionId).TryGet(out var revision, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        return (await at.WorkAsync(Work(intent, prepared.Document, revision, stop => ApplyAsync(prepared, revision, wait, at, call, stop)), cancellationToken)).Then(Shown);
    }

    /// <summary>The work on one revision, as it goes on record.</summary>
    public static OutsideWork<RevisionApplied> Work(MutationIntent intent, EnvironmentDocument document, Revision revision, Func<CancellationToken, Task<Outcome<RevisionApplied>>> run) => new(intent, document)
    {
        Permission = WireRequest.Bare(HttpMethod.Post, "revisions", revision.RevisionId.ToString(), "apply"),
        RunAsync = run,
        OnFiles = (_, applied) => new Mutation<RevisionApplied>(applied) { Target = OpStore.Target(("revision_id", applied.RevisionId), ("action", applied.Action)) },
    };

    private static Outcome<Answer> Shown(RevisionApplied done) =>
        Answer.Of(done, ClusterJson.Default.RevisionApplied, screen => screen.Say($"Revision {done.RevisionId} is {done.Lifecycle}: {done.WorkerName} is {done.Action}."));

    private static async Task<Outcome<RevisionApplied>> ApplyAsync(Prepared prepared, Revision revision, TimeSpan? wait, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await StoreIdentity.LabelAsync(at, call, cancellationToken)).TryGet(out var store, out var refusal)
            || !(await ClusterAccess.OpenAsync(prepared.Document, prepared.Settings, at, call, cancellationToken)).TryGet(out var access, out refusal))
        {
            return refusal;
        }

        using (access)
        {
            var options = new ReconcileOptions { IsBound = access.IsBound, Store = store, Wait = wait, Progress = Convergence.Progress(call) };
            var (deployer, isPresent, worker) = Of(prepared.Settings, prepared.Document, revision, access, options, call);
            if (isPresent && !(await PlaceRecord.BeginAsync(at, prepared.Settings, call, cancellationToken)).TryGet(out _, out refusal))
            {
                return refusal;
            }

            var failed = isPresent
                ? await deployer.WarmRevisionAsync(prepared.Document, revision.RevisionId, null, cancellationToken)
                : await deployer.ArchiveRevisionAsync(prepared.Document, revision.RevisionId, null, cancellationToken);
            if (failed is not null)
            {
                return failed;
            }

            var isDraining = revision.Lifecycle == RevisionLifecycle.Draining;
            if (isDraining && wait is not null)
            {
                options.Progress?.Invoke($"drain    {revision.DrainSeconds} s");
                await Task.Delay(TimeSpan.FromSeconds(revision.DrainSeconds), call.Context.Time, cancellationToken);
            }

            return new RevisionApplied(
                at.Environment.ToString(),
                prepared.Settings.Kind.ToString(),
                revision.RevisionId.ToString(),
                RevisionVerbs.Text(revision.Lifecycle),
                isDraining ? "drained" : isPresent ? "warmed" : "archived",
                worker,
                prepared.Settings.AnswersRef,
                access.Identity,
                call.Warnings);
        }
    }

    /// <summary>Who brings the revision, whether it is to run, and what its worker is called.</summary>
    private static (IDeployer Deployer, bool IsPresent, string Worker) Of(ClusterSettings settings, EnvironmentDocument document, Revision revision, ClusterAccess access, ReconcileOptions options, VerbCall call) => settings switch
    {
        ClusterSettings.OfFleet fleet => (
            new FleetDeployer(access.Client, (_, _) => fleet.Fleet, options, call.Context.Time),
            FleetRenderer.IsPresent(document, revision),
            FleetNames.Deployment(document.EnvironmentId, revision.RevisionId)),
        ClusterSettings.OfCluster cluster => (
            new KubernetesDeployer(access.Client, (_, _) => cluster.Render, options, call.Context.Time),
            Renderer.IsPresent(revision),
            $"gtc-worker-{revision.RevisionId.ToString().ToLowerInvariant()}"),
        _ => throw new InvalidOperationException($"{settings.Kind} has no deployer."),
    };
}
