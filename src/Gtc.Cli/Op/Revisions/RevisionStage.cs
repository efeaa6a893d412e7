using Gtc.Cli.Op.TrustRoots;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Revisions;

/// <summary><c>gtc op revisions stage</c>: pin a bundle as the next revision of a deployment.</summary>
internal static class RevisionStage
{
    private const string Declared = "declared";

    /// <summary>One line.</summary>
    public const string Purpose = "Stage a revision: pin a bundle's digest and packs, and say where workers pull it from";

    /// <summary>The verb.</summary>
    public static Verb<StagePayload> Verb => new()
    {
        Noun = "revisions",
        Name = "stage",
        Purpose = Purpose,
        Remark = "With bundle_path the file is hashed, unpacked and pinned here. With bundle_source_uri and bundle_digest alone the revision is recorded as declared and nothing is fetched.\n"
            + "It is signed with the operator's key, which the environment must trust (gtc op trust-root bootstrap); only `local` stages without one, with a warning.",
        Examples =
        [
            "op revisions stage bundle_path=perf-smoke-bundle.gtbundle bundle_source_uri=http://127.0.0.1:8090/bundle.gtbundle",
            "op revisions stage local --deployment checkout --bundle checkout.gtbundle",
            "op revisions stage bundle_source_uri=oci://registry.example/checkout:1 bundle_digest=sha256:c5199a710cb4433ca039e8016a940f3f24e9452e52b064d3bc58a52edf668706",
        ],
        Payload = OpJson.Default.StagePayload,
        Fields =
        [
            PayloadField.Environment,
            new("deployment_id", "the deployment, a prefix of its id, or its bundle; the only one when not given", "--deployment", "ID"),
            new("revision_id", "the revision's id, a ULID; minted when not given", "--revision", "ULID"),
            new("bundle_path", "the bundle file to pin", "--bundle", "FILE"),
            new("bundle_digest", "the bundle's digest; a file that has another one is refused", "--digest", "SHA256"),
            new("bundle_source_uri", "where workers pull the bundle from", "--source", "URI"),
            new("pack_list", "the packs of a declared bundle"),
            new("pack_list_lock_ref", "the pack list's lock file of a declared bundle", "--lock-ref", "PATH"),
            new("config_digest", "the digest over the pack configurations of a declared bundle", "--config-digest", "SHA256"),
            new("signature_sidecar_ref", "where the signature envelope of a revision that stays unsigned is put later; a signed one has it in revisions/ID/rev.sig", "--signature-ref", "PATH"),
            new("drain_seconds", $"seconds that running requests get when it drains; {StagePayload.DefaultDrainSeconds} when not given", "--drain-seconds", "N"),
            PayloadField.RetryKey,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(StagePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal) || !OpKeys.File(call).TryGet(out var keys, out refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, "revisions", "stage", ("revision_id", payload.RevisionId), ("deployment_id", payload.DeploymentId));
        if (!StageRequest.Of(payload, call).TryGet(out var request, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        if (!(await at.ExistsAsync(cancellationToken)).TryGet(out var exists, out refusal))
        {
            return refusal;
        }

        if (request.BundlePath is null || !exists)
        {
            return await StageAsync(at, null, intent, payload, request, keys, call, cancellationToken);
        }

        // Held until the revision stands in the document: a folder without a revision is what `revisions gc` deletes.
        if (!(await RevisionBytes.TakeAsync(at, cancellationToken)).TryGet(out var bytes, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        await using (bytes)
        {
            return await StageAsync(at, bytes, intent, payload, request, keys, call, cancellationToken);
        }
    }

    private static async Task<Outcome<Answer>> StageAsync(
        OpPlace at, RevisionBytes? bytes, MutationIntent intent, StagePayload payload, StageRequest request, OperatorKeyFile keys, VerbCall call, CancellationToken cancellationToken)
    {
        var prepared = await PrepareAsync(at, bytes, request, call, cancellationToken);
        SignedStage? made = null;
        var done = await RepeatableChange.RunAsync(
            at,
            intent,
            payload.IdempotencyKey,
            RepeatableChange.Request(payload, OpJson.Default.StagePayload),
            call,
            OpJson.Default.RevisionSummary,
            (change, _) => prepared.Then(command => change.Required(at.Environment).Then(document => RevisionVerbs.Stage(document, command, change.Now).Then(
                result => SignAsPermitted(change, result.Document, result.Staged, keys, call).Then(signed => Mutation(made = signed, request, call))))),
            new(
                (_, _) => prepared.Then<WireRequest>(command => Asked(command)),
                answer =>
                {
                    var signed = SignedStage.Read(answer.Document, answer.Revision);
                    made = answer.IsReplay ? null : signed;
                    return Summary(signed, request, call);
                }),
            cancellationToken);
        return done.Then(summary => Result(summary, made));
    }

    private static WireRequest Asked(StageRevision command) => WireRequest.With(
        HttpMethod.Post,
        ContractJson.Default.StageBody,
        new StageBody
        {
            RevisionId = command.RevisionId,
            DeploymentId = command.DeploymentId,
            BundleDigest = command.BundleDigest,
            BundleSourceUri = command.BundleSourceUri,
            PackList = command.PackList,
            PackListLockRef = command.PackListLockRef,
            PackConfigRefs = command.PackConfigRefs,
            ConfigDigest = command.ConfigDigest,
            SignatureSidecarRef = command.SignatureSidecarRef,
            DrainSeconds = command.DrainSeconds,
        },
        "revisions");

    /// <summary>What was revoked is not staged: neither the bundle, nor a pack of it, nor under a key that is taken back.</summary>
    public static Outcome<SignedStage> SignAsPermitted(MutationContext change, EnvironmentDocument document, Revision staged, OperatorKeyFile keys, VerbCall call)
    {
        if (!RevocationList.Load(change.Files, document).TryGet(out var revoked, out var refusal)
            || !RevisionTrust.Load(change.Files, call.Context.Variable).TryGet(out var trust, out refusal))
        {
            return refusal;
        }

        return revoked.Refuse(staged, new SignatureVerdict.NotSigned()) is { } early
            ? early
            : new RevisionSigner(keys).Sign(change, document, staged).Then(signed =>
                RevisionSigner.Verify(change.Files, signed.Document, signed.Revision, trust, change.Now)
                    .Then<SignedStage>(verdict => revoked.Refuse(signed.Revision, verdict) is { } late ? late : signed));
    }

    private static RevisionSummary Summary(SignedStage signed, StageRequest request, VerbCall call)
    {
        if (signed.Warning is not null)
        {
            call.Warn(signed.Warning);
        }

        return RevisionSummary.Of(signed.Revision) with { DigestOrigin = request.BundlePath is null ? Declared : "computed", Warnings = call.Warnings?.ToArray() };
    }

    private static Outcome<Mutation<RevisionSummary>> Mutation(SignedStage signed, StageRequest request, VerbCall call)
    {
        var summary = Summary(signed, request, call);
        return new Mutation<RevisionSummary>(summary)
        {
            Document = signed.Document,
            Target = OpStore.Target(("revision_id", summary.RevisionId), ("deployment_id", summary.DeploymentId), ("bundle_digest", summary.BundleDigest)),
        };
    }

    /// <summary>Everything that needs files, before the environment is locked: a large bundle must not keep others from changing it.</summary>
    private static async Task<Outcome<StageRevision>> PrepareAsync(OpPlace at, RevisionBytes? bytes, StageRequest request, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await at.LoadAsync(cancellationToken)).TryGet(out var document, out var refusal)
            || !Choice.Deployment(document, request.Deployment).TryGet(out var deployment, out refusal))
        {
            return refusal;
        }

        if (document.Revisions.Any(revision => revision.RevisionId == request.RevisionId))
        {
            return new Refusal.Conflict($"revision {request.RevisionId} exists already");
        }

        if (request.BundlePath is null || bytes is null)
        {
            return request.Declared(deployment.DeploymentId);
        }

        return (await bytes.UnpackAsync(request.RevisionId, deployment.BundleId, request.BundlePath, request.BundleDigest, call, cancellationToken))
            .Then(found => (Outcome<StageRevision>)request.Computed(deployment.DeploymentId, found));
    }

    /// <param name="summary">The answer.</param>
    /// <param name="made">What was staged, or null when an earlier answer is given again.</param>
    private static Outcome<Answer> Result(RevisionSummary summary, SignedStage? made) => Answer.Of(summary, OpJson.Default.RevisionSummary, screen =>
    {
        screen.Say(made is null
            ? $"Revision {summary.RevisionId} was staged under this key before, number {summary.Sequence} of {summary.BundleId}."
            : $"Revision {summary.RevisionId} staged, number {summary.Sequence} of {summary.BundleId}.");
        screen.Facts(
            ("digest", summary.DigestOrigin == Declared ? $"{summary.BundleDigest}   declared; not fetched, so a worker is the first to check it" : $"{summary.BundleDigest}   of the file's bytes"),
            ("packs", made is null or { Revision.PackList.IsEmpty: true } ? null : string.Join(", ", made.Revision.PackList.Select(pack => pack.PackId))),
            ("signed", made is null ? null : made.Warning is null ? "with the operator's key" : "no"),
            ("pulled from", summary.BundleSourceUri ?? "nowhere: only this host has it"),
            ("next", "gtc op revisions warm"));
    });
}
