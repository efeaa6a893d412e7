using Gtc.Cli.Op.TrustRoots;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Revisions;

/// <summary><c>gtc op revisions stage</c>: pin a bundle as the next revision of a deployment.</summary>
internal static class RevisionStage
{
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
            PayloadField.AuditKey,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(StagePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal) || !OpKeys.File(call).TryGet(out var keys, out refusal))
        {
            return refusal;
        }

        if (!StageRequest.Of(payload, call).TryGet(out var request, out refusal))
        {
            return await at.RefuseAsync(Intent(at, payload.RevisionId, payload.DeploymentId), refusal, cancellationToken);
        }

        try
        {
            return (await StageAsync(at, request, keys, call, cancellationToken)).Then(signed => Result(signed, request, call));
        }
        finally
        {
            await RevisionBundle.RemoveUnusedAsync(at, request.RevisionId);
        }
    }

    private static async Task<Outcome<SignedStage>> StageAsync(OpPlace at, StageRequest request, OperatorKeyFile keys, VerbCall call, CancellationToken cancellationToken)
    {
        var prepared = await PrepareAsync(at, request, call, cancellationToken);
        return await at.Store.MutateAsync(
            Intent(at, request.RevisionId.ToString(), request.Deployment) with { IdempotencyKey = request.IdempotencyKey },
            change => prepared.Then(command => change.Required(at.Environment).Then(document => RevisionVerbs.Stage(document, command, change.Now).Then(
                result => new RevisionSigner(keys).Sign(change, result.Document, result.Staged).Then(Mutation)))),
            cancellationToken);
    }

    private static MutationIntent Intent(OpPlace at, string? revision, string? deployment) =>
        OpStore.Intent(at.Environment, "revisions", "stage", ("revision_id", revision), ("deployment_id", deployment));

    private static Outcome<Mutation<SignedStage>> Mutation(SignedStage result) => new Mutation<SignedStage>(result)
    {
        Document = result.Document,
        Target = OpStore.Target(("revision_id", result.Revision.RevisionId.ToString()), ("deployment_id", result.Revision.DeploymentId.ToString()), ("bundle_digest", result.Revision.BundleDigest)),
    };

    /// <summary>Everything that needs files, before the environment is locked: a large bundle must not keep others from changing it.</summary>
    private static async Task<Outcome<StageRevision>> PrepareAsync(OpPlace at, StageRequest request, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await at.Store.LoadAsync(at.Environment, cancellationToken)).TryGet(out var document, out var refusal)
            || !Choice.Deployment(document, request.Deployment).TryGet(out var deployment, out refusal))
        {
            return refusal;
        }

        if (document.Revisions.Any(revision => revision.RevisionId == request.RevisionId))
        {
            return new Refusal.Conflict($"revision {request.RevisionId} exists already");
        }

        if (request.BundlePath is null)
        {
            return request.Declared(deployment.DeploymentId);
        }

        return (await RevisionBundle.UnpackAsync(at, request.RevisionId, deployment.BundleId, request.BundlePath, request.BundleDigest, call, cancellationToken))
            .Then(found => (Outcome<StageRevision>)request.Computed(deployment.DeploymentId, found));
    }

    private static Outcome<Answer> Result(SignedStage signed, StageRequest request, VerbCall call)
    {
        if (signed.Warning is not null)
        {
            call.Warn(signed.Warning);
        }

        var revision = signed.Revision;
        var isDeclared = request.BundlePath is null;
        var summary = RevisionSummary.Of(revision) with { DigestOrigin = isDeclared ? "declared" : "computed", Warnings = call.Warnings };
        return Answer.Of(summary, OpJson.Default.RevisionSummary, screen =>
        {
            screen.Say($"Revision {revision.RevisionId} staged, number {revision.Sequence} of {revision.BundleId}.");
            screen.Facts(
                ("digest", isDeclared ? $"{revision.BundleDigest}   declared; not fetched, so a worker is the first to check it" : $"{revision.BundleDigest}   of the file's bytes"),
                ("packs", revision.PackList.IsEmpty ? null : string.Join(", ", revision.PackList.Select(pack => pack.PackId))),
                ("signed", signed.Warning is null ? "with the operator's key" : "no"),
                ("pulled from", revision.BundleSourceUri ?? "nowhere: only this host has it"),
                ("next", "gtc op revisions warm"));
        });
    }
}
