using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>An error as it is answered: an object tagged by <c>kind</c>.</summary>
/// <param name="Kind">The name of a <see cref="ProblemKind"/>.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Members">The other members.</param>
public sealed record Problem(string Kind, int Status, JsonObject Members)
{
    private const string RefusalMember = "refusal";
    private const string Unaudited = "the change stands, but its audit line could not be written where people read it";

    /// <summary>A problem with the sentence that its kind carries.</summary>
    public static Problem Of(ProblemKind kind, string detail)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return new(kind.Name, kind.Status, new JsonObject { [kind == ProblemKind.Internal || kind == ProblemKind.Unavailable ? "message" : "detail"] = detail });
    }

    /// <summary>There is no such environment.</summary>
    public static Problem NoEnvironment(EnvId environment) => new(ProblemKind.NotFound.Name, ProblemKind.NotFound.Status, new JsonObject { ["env_id"] = environment.ToString() });

    /// <summary>The caller is not known (401), or may not (403).</summary>
    public static Problem Denied(bool isKnown, string policy, string reason) =>
        new(ProblemKind.Unauthorized.Name, isKnown ? ProblemKind.Unauthorized.Status : 401, new JsonObject { ["policy"] = policy, ["reason"] = reason });

    /// <summary>The health gate failed, and the revision is marked so.</summary>
    /// <param name="revision">The revision.</param>
    /// <param name="gate">What failed.</param>
    /// <param name="refusal">The same as the engine says it.</param>
    public static Problem GateFailed(RevisionId revision, HealthGate gate, Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(gate);
        ArgumentNullException.ThrowIfNull(refusal);
        return new(ProblemKind.HealthGateFailed.Name, ProblemKind.HealthGateFailed.Status, new JsonObject
        {
            ["revision_id"] = revision.ToString(),
            ["failed_checks"] = new JsonArray([.. gate.FailedChecks.Select(check => (JsonNode)check)]),
            ["message"] = gate.Message,
            [RefusalMember] = Told(refusal),
        });
    }

    /// <summary>
    /// How the engine's refusals are answered, with the refusal itself for callers who speak to people. What a refusal of the storage says stays in the
    /// server's log; that a change stands which could not be audited is told as that, since nothing else says so.
    /// </summary>
    public static Problem Of(Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        var problem = Plain(refusal);
        var told = refusal is Refusal.AuditFailed ? new Refusal.AuditFailed(Unaudited)
            : problem.Status < 500 && refusal is not PreconditionMissing ? refusal
            : null;
        if (told is not null)
        {
            problem.Members[RefusalMember] = Told(told);
        }

        return problem;
    }

    /// <summary>What a caller refused by itself, in its own words. Whatever failed there, nothing did here.</summary>
    public static Problem OfTold(Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        var plain = Plain(refusal);
        var problem = plain.Status < 500 && plain.Kind != ProblemKind.IntegrityMismatch.Name ? plain : Of(ProblemKind.Conflict, Text(refusal));
        problem.Members[RefusalMember] = Told(refusal);
        return problem;
    }

    private static Problem Plain(Refusal refusal) => refusal switch
    {
        NotDone => Of(ProblemKind.NotYetImplemented, refusal.Message),
        PreconditionMissing => Of(ProblemKind.PreconditionRequired, refusal.Message),
        StorageUnreachable => Of(ProblemKind.Unavailable, refusal.Message),
        _ when StorageCorruption.Is(refusal) => new(ProblemKind.IntegrityMismatch.Name, ProblemKind.IntegrityMismatch.Status, new JsonObject([.. refusal.Details.Select(fact => KeyValuePair.Create(fact.Label, (JsonNode?)fact.Value))])),
        Refusal.Missing => Of(ProblemKind.DependentNotFound, Text(refusal)),
        Refusal.Conflict { IsDuplicate: true } => Of(ProblemKind.AlreadyExists, Text(refusal)),
        Refusal.Conflict or Refusal.DigestMismatch => Of(ProblemKind.Conflict, Text(refusal)),
        Refusal.InvalidArgument or Refusal.InvalidDocument or Refusal.UnreadableAnswers or Refusal.MalformedArtifact => Of(ProblemKind.InvalidRequest, Text(refusal)),
        Refusal.RevenuePolicyFailed => Of(Rule(refusal) is "UnsafeSegment" or "Spec" ? ProblemKind.InvalidRequest : ProblemKind.Conflict, Text(refusal)),
        Refusal.TrustRootFailed when Rule(refusal) is "OperatorKeyNotTrusted" => Of(ProblemKind.Conflict, Text(refusal)),
        Refusal.OperatorKeyFailed when Rule(refusal) is PolicyIssue.NoKey => Of(ProblemKind.Conflict, Text(refusal)),
        Refusal.OperatorKeyFailed => Of(ProblemKind.Internal, "the server's operator key is unavailable"),
        Refusal.AuditFailed => Of(ProblemKind.Internal, Unaudited),
        _ => Of(ProblemKind.Internal, "the storage failed; the server's log says more"),
    };

    /// <summary>The refusal in its own words, kind and next step. Paths of the server do not go out.</summary>
    internal static JsonNode? Told(Refusal refusal) => JsonNode.Parse(KeptRefusal.Write(refusal with { Details = [.. refusal.Details.Where(detail => detail.Label is not ("file" or "backup"))] }));

    private static string? Rule(Refusal refusal) => refusal.Details.Where(detail => detail.Label == "rule").Select(detail => detail.Value).FirstOrDefault();

    /// <summary>The sentence with its facts. Paths of the server do not go out.</summary>
    internal static string Text(Refusal refusal)
    {
        var facts = refusal.Details.Where(detail => detail.Label is not ("file" or "backup" or "rule")).Select(detail => $"{detail.Label}: {detail.Value}").ToList();
        return facts.Count == 0 ? refusal.Message : $"{refusal.Message} ({string.Join("; ", facts)})";
    }
}
