using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>A health gate whose outcome a caller states.</summary>
internal static class StatedGate
{
    /// <summary>The gate. A failure without a word is still a failure.</summary>
    public static Outcome<HealthGate> Of(GateBody body) => body.Ok != body.Failure is null
        ? new Refusal.InvalidArgument("health_gate must be {\"ok\":true} or {\"ok\":false,\"failure\":{\"failed_checks\":[…],\"message\":\"…\"}}")
        : body.Failure is { } failure
        ? new HealthGate(failure.FailedChecks, failure.Message.Length > 0 ? failure.Message : "the health gate failed")
        : HealthGate.Passed;

    /// <summary>The caller says what it found on its disk; who signed the revision and what was revoked is looked at here, where neither can change in between.</summary>
    public static Outcome<HealthGate> WithSignature(HealthGate gate, ChangeContext context, EnvironmentDocument document, RevisionId id)
    {
        if (document.Revisions.FirstOrDefault(revision => revision.RevisionId == id) is not { } found)
        {
            return gate;
        }

        var verdict = Revocations.Verify(context, document, found);
        return Revocations.Load(context, document).Then<HealthGate>(revoked =>
            SignatureGate.With(gate, RevisionSignatures.Refuse(document, found, verdict, Revocations.Trust(context)) ?? revoked.Refuse(found, verdict)));
    }
}
