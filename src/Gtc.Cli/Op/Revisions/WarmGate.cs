using System.Collections.Immutable;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Materialisation;
using Gtc.Model;
using Gtc.Runtime;
using Gtc.Store;

namespace Gtc.Cli.Op.Revisions;

/// <summary>
/// What must hold before a revision may become ready (worker-runtime.md §7.1): the configuration that a worker would get loads, and
/// what was pinned on this host is still what lies on its disk, a worker could load it, a trusted key signed it, and nothing of it was revoked.
/// </summary>
internal static class WarmGate
{
    /// <summary>The check's id on the wire.</summary>
    public const string RuntimeConfigCheck = "runtime-config";

    /// <summary>The check's id on the wire: a worker could load it.</summary>
    public const string ActivationId = "activation";

    /// <summary>Runs every check and reports all failures.</summary>
    public static HealthGate Check(EnvironmentDocument document, Revision revision, EnvironmentLayout layout, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        if (RuntimeConfigRules.Validate(Candidate(document, revision), document.EnvironmentId) is { } broken)
        {
            problems.Add(broken.Message);
        }

        foreach (var reference in revision.PackConfigRefs.Append(revision.PackListLockRef).Where(reference => !RuntimeConfigRules.IsContained(reference)))
        {
            problems.Add($"`{reference}` is not a path inside the environment's folder");
        }

        var packs = problems.Count == 0 ? CheckFiles(revision, layout, problems, cancellationToken) : [];
        if (problems.Count > 0)
        {
            return new HealthGate([RuntimeConfigCheck], string.Join("; ", problems));
        }

        return !packs.IsEmpty && ActivationCheck.Refuse(layout.Folder, revision.RevisionId, packs.Select(pack => pack.Path), revision.PackConfigRefs) is { } unloadable
            ? new HealthGate([ActivationId], $"no worker could load it: {InOneLine(unloadable)}")
            : HealthGate.Passed;
    }

    /// <summary>Adds what the revision's signature amounts to; to be called under the environment's lock, so that trust cannot be taken back in between.</summary>
    public static Outcome<HealthGate> WithSignature(HealthGate gate, EnvironmentDocument document, RevisionId id, MutationContext change, Func<string, string?> variable)
    {
        if (document.Revisions.FirstOrDefault(revision => revision.RevisionId == id) is not { } found)
        {
            return gate;
        }

        return RevisionTrust.Load(change.Files, variable)
            .Then(trust => RevisionSigner.Verify(change.Files, document, found, trust, change.Now)
                .Then(verdict => RevocationList.Load(change.Files, document)
                    .Then<HealthGate>(revoked => SignatureGate.With(gate, RevisionSignatures.Refuse(document, found, verdict, trust) ?? revoked.Refuse(found, verdict)))));
    }

    /// <summary>A change that gives no revision more traffic that was revoked, by the list as it is asked before the change; to be asked under the environment's lock.</summary>
    public static Outcome<EnvironmentDocument> Routed(EnvironmentDocument before, EnvironmentDocument after, MutationContext change, Func<string, string?> variable) =>
        RevocationList.Load(change.Files, before).Then(revoked => revoked.IsEmpty ? after : RevisionTrust.Load(change.Files, variable).Then<EnvironmentDocument>(trust =>
            revoked.RefuseGains(before, after, revision => RevisionSigner.Verify(change.Files, after, revision, trust, change.Now)) is { } refusal ? refusal : after));

    /// <summary>What a worker would be given if the revision took all traffic of its deployment.</summary>
    private static RuntimeConfig Candidate(EnvironmentDocument document, Revision revision)
    {
        var split = new TrafficSplit
        {
            Schema = Schemas.TrafficSplit,
            EnvId = document.EnvironmentId,
            DeploymentId = revision.DeploymentId,
            BundleId = revision.BundleId,
            Generation = 0,
            Entries = [new TrafficShare { RevisionId = revision.RevisionId, WeightBps = TrafficSplit.Whole }],
            UpdatedAt = revision.CreatedAt,
            UpdatedBy = "",
            IdempotencyKey = "",
            AuthorizationRef = "",
        };
        ImmutableArray<TrafficSplit> others = [.. document.TrafficSplits.Where(other => other.DeploymentId != revision.DeploymentId)];
        return RuntimeProjection.Project(document with { TrafficSplits = others.Add(split) });
    }

    /// <returns>Its packs; none when it is not on this host.</returns>
    private static ImmutableArray<PinnedPack> CheckFiles(Revision revision, EnvironmentLayout layout, List<string> problems, CancellationToken cancellationToken)
    {
        var path = layout.Resolve(revision.PackListLockRef);
        if (!File.Exists(path))
        {
            // A declared bundle is brought to disk by whoever serves it; without a source nobody can.
            if (revision.BundleSourceUri is null)
            {
                problems.Add($"{revision.PackListLockRef} is missing, and there is no source to pull the bundle from");
            }

            return [];
        }

        problems.AddRange(revision.PackConfigRefs.Where(reference => !File.Exists(layout.Resolve(reference))).Select(reference => $"{reference} is missing"));
        var pinned = PinnedPacks.Check(layout.Folder, revision.RevisionId, [revision.PackListLockRef], cancellationToken);
        problems.AddRange(pinned.Problems.Select(InOneLine));
        return pinned.Packs;
    }

    private static string InOneLine(Refusal problem) => problem.Details.IsEmpty
        ? problem.Message
        : $"{problem.Message} ({string.Join(", ", problem.Details.Select(detail => $"{detail.Label} {detail.Value}"))})";
}
