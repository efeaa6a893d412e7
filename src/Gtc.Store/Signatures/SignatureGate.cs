using Gtc.Model;

namespace Gtc.Store;

/// <summary>What a revision's signature does to its health gate.</summary>
public static class SignatureGate
{
    /// <summary>The check's id on the wire.</summary>
    public const string CheckId = "signature-status";

    /// <summary>The gate with what is wrong with the signature, or as it is.</summary>
    /// <param name="gate">The gate so far.</param>
    /// <param name="refused">Why the revision may not be served, or null.</param>
    public static HealthGate With(HealthGate gate, Refusal? refused)
    {
        ArgumentNullException.ThrowIfNull(gate);
        return refused is null ? gate : new HealthGate(gate.FailedChecks.Add(CheckId), gate.IsPassed ? refused.Message : $"{gate.Message}; {refused.Message}");
    }
}
