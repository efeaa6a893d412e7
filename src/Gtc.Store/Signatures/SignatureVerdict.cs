using System.Collections.Immutable;

namespace Gtc.Store;

/// <summary>What the signature of a revision amounts to. A closed family; the policy on it is <see cref="RevisionSignatures.Refuse"/>.</summary>
public abstract record SignatureVerdict
{
    private SignatureVerdict()
    {
    }

    /// <summary>Trusted keys signed exactly this revision.</summary>
    /// <param name="KeyIds">The keys, at least one.</param>
    public sealed record Verified(ImmutableArray<string> KeyIds) : SignatureVerdict;

    /// <summary>There is no signature, neither in the document nor beside the revision.</summary>
    public sealed record NotSigned : SignatureVerdict;

    /// <summary>There is a signature, and it does not hold. Never tolerated.</summary>
    /// <param name="Rule">The rule that it breaks, e.g. <c>NoTrustedKey</c> or <c>StatementMismatch</c>.</param>
    /// <param name="Reason">A clause for people.</param>
    public sealed record Invalid(string Rule, string Reason) : SignatureVerdict;
}
