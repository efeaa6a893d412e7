using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>
/// Signs and verifies revisions. Pure: keys, time and bytes are given. A signature may lie in environment.json, in the sidecar file,
/// or in both; every one that is there must hold.
/// </summary>
public static class RevisionSignatures
{
    /// <summary>The sidecar's name in a revision's folder.</summary>
    public const string SidecarName = "rev.sig";

    /// <summary>Where the sidecar of a revision lies, relative to the environment's folder.</summary>
    public static string SidecarRef(RevisionId id) => $"revisions/{id}/{SidecarName}";

    /// <summary>Signs a revision as it is.</summary>
    public static DsseEnvelope Sign(Revision revision, PrivateKey key, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(revision);
        return Dsse.Sign(RevisionStatement.ToBytes(revision, now), key);
    }

    /// <summary>Verifies whatever signatures a revision has.</summary>
    /// <param name="document">The environment, which may carry keys.</param>
    /// <param name="revision">The revision, which may carry its envelope.</param>
    /// <param name="sidecar">The bytes of the sidecar file, or null when there is none.</param>
    /// <param name="trust">What to believe.</param>
    /// <param name="now">The verifier's time, for keys that end.</param>
    public static SignatureVerdict Verify(EnvironmentDocument document, Revision revision, byte[]? sidecar, RevisionTrust trust, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(revision);
        ArgumentNullException.ThrowIfNull(trust);
        if (revision.EnvId != document.EnvironmentId)
        {
            return new SignatureVerdict.Invalid("StatementMismatch", $"it says that it belongs to environment `{revision.EnvId}`, the document is of `{document.EnvironmentId}`");
        }

        var embedded = SignedMembers.Envelope(revision);
        if (embedded is null && sidecar is null)
        {
            return new SignatureVerdict.NotSigned();
        }

        if (!trust.Root(document).TryGet(out var root, out var error))
        {
            return new SignatureVerdict.Invalid(error.Kind, error.Message);
        }

        var verdict = embedded is null ? null : Verify(embedded, revision, root, now);
        return verdict is SignatureVerdict.Invalid || sidecar is null ? verdict! : Verify(sidecar, revision, root, now);
    }

    /// <summary>
    /// The policy: a signature that does not hold is always refused; a missing one is refused unless the environment allows it. Where
    /// the keys are named from outside by their fingerprints, the document's own word on unsigned revisions does not count.
    /// </summary>
    /// <returns>Null when the revision may be served.</returns>
    public static Refusal? Refuse(EnvironmentDocument document, Revision revision, SignatureVerdict verdict, RevisionTrust trust)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(revision);
        ArgumentNullException.ThrowIfNull(trust);
        return verdict switch
        {
            SignatureVerdict.Verified => null,
            SignatureVerdict.NotSigned when SignedMembers.AllowsUnsigned(document) && trust.Fingerprints.IsEmpty => null,
            SignatureVerdict.Invalid invalid => new Refusal.TrustRootFailed($"revision {revision.RevisionId} is not the one that was signed, or nobody trusted signed it: {invalid.Reason}; refusing to serve it")
            {
                Details = [new("rule", invalid.Rule), new("expected", "a signature over this revision by a trusted key"), new("found", invalid.Reason)],
                Next = $"gtc op trust-root list {document.EnvironmentId}",
            },
            _ => new Refusal.TrustRootFailed($"revision {revision.RevisionId} is not signed, and environment `{document.EnvironmentId}` does not allow that; refusing to serve it")
            {
                Details = [new("rule", "Unsigned"), new("expected", "a signature over this revision by a trusted key"), new("found", "none")],
                Next = $"gtc op trust-root bootstrap {document.EnvironmentId}   then stage the bundle again",
            },
        };
    }

    private static SignatureVerdict Verify(byte[] bytes, Revision revision, TrustRoot root, DateTimeOffset now)
    {
        if (!DsseEnvelope.Parse(bytes).TryGet(out var envelope, out var error))
        {
            return new SignatureVerdict.Invalid(error.Kind, error.Message);
        }

        if (!envelope.HasDerivedKeyIds)
        {
            return new SignatureVerdict.Invalid("KeyIdMismatch", "a key id of the envelope is not in lower case, so it is not the envelope that was written");
        }

        if (!Dsse.Verify(envelope, root.KeysFor(KeyPurpose.Revision, now)).TryGet(out var verified, out error))
        {
            var narrowed = envelope.Signatures.Select(signature => root.Find(signature.KeyId)?.WhyNotFor(KeyPurpose.Revision, now)).FirstOrDefault(why => why is not null);
            return new SignatureVerdict.Invalid(error.Kind, narrowed is null ? error.Message : $"{error.Message}; {narrowed}");
        }

        return RevisionStatement.Difference(verified.Statement, revision) is { } difference
            ? new SignatureVerdict.Invalid("StatementMismatch", difference)
            : new SignatureVerdict.Verified(verified.KeyIds);
    }
}
