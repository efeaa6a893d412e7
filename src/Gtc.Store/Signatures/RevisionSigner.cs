using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>Signs revisions inside changes of an environment, and verifies them with what lies in its folder.</summary>
/// <param name="operatorKey">The operator's key; it is never made here.</param>
public sealed class RevisionSigner(OperatorKeyFile operatorKey)
{
    /// <summary>
    /// Signs a revision that was just staged: the envelope and the trusted keys into the document, the envelope into the sidecar file,
    /// which is read back and verified. Without a trusted operator key it stays unsigned where the environment allows that.
    /// </summary>
    /// <param name="context">The running change.</param>
    /// <param name="document">The document with the staged revision in it.</param>
    /// <param name="staged">The revision.</param>
    public Outcome<SignedStage> Sign(MutationContext context, EnvironmentDocument document, Revision staged)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(staged);
        if (!new TrustRootFile(context.Files).Load().TryGet(out var root, out var refusal)
            || !operatorKey.LoadIfPresent().TryGet(out var key, out refusal))
        {
            return refusal;
        }

        using (key)
        {
            return WhyNot(key, root, context.Now) is { } why
                ? Unsigned(document, staged, why)
                : Sign(context, document, staged, key!.Key, root!);
        }
    }

    /// <summary>As <see cref="Sign(MutationContext, EnvironmentDocument, Revision)"/>, for a store that keeps documents and no files beside them: there is no sidecar.</summary>
    /// <param name="document">The document with the staged revision in it.</param>
    /// <param name="staged">The revision.</param>
    /// <param name="root">The environment's trust root, or null when it never had one.</param>
    /// <param name="now">The time of signing.</param>
    public Outcome<SignedStage> SignInDocument(EnvironmentDocument document, Revision staged, TrustRoot? root, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(staged);
        if (!operatorKey.LoadIfPresent().TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        using (key)
        {
            if (WhyNot(key, root, now) is { } why)
            {
                return Unsigned(document, staged, why);
            }

            var signed = SignedMembers.WithEnvelope(staged, RevisionSignatures.Sign(staged, key!.Key, now));
            var changed = Replaced(SignedMembers.WithKeys(document, root!), signed);
            var trust = new RevisionTrust(root!, []);
            return RevisionSignatures.Refuse(changed, signed, RevisionSignatures.Verify(changed, signed, null, trust, now), trust) is { } unsound
                ? unsound
                : new SignedStage(changed, signed, null);
        }
    }

    /// <summary>Verifies a revision with the environment's files and what is pinned from outside.</summary>
    public static Outcome<SignatureVerdict> Verify(EnvironmentFiles files, EnvironmentDocument document, Revision revision, RevisionTrust trust, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(revision);
        return ReadSidecar(files, revision).Then<SignatureVerdict>(sidecar => RevisionSignatures.Verify(document, revision, sidecar, trust, now));
    }

    /// <summary>Adds a signature by a new key to a revision whose present signatures hold.</summary>
    /// <returns>The document with it; or why it was left as it is.</returns>
    internal static Outcome<EnvironmentDocument> Countersign(MutationContext context, EnvironmentDocument document, Revision revision, PrivateKey key, TrustRoot root)
    {
        var trust = new RevisionTrust(root, []);
        if (!Verify(context.Files, document, revision, trust, context.Now).TryGet(out var verdict, out var refusal))
        {
            return refusal;
        }

        if (verdict is not SignatureVerdict.Verified)
        {
            return RevisionSignatures.Refuse(document, revision, verdict, trust) ?? new Refusal.TrustRootFailed($"revision {revision.RevisionId} is not signed");
        }

        if (!ReadSidecar(context.Files, revision).TryGet(out var sidecar, out refusal))
        {
            return refusal;
        }

        var keep = root.Keys.Select(trusted => trusted.KeyId).ToHashSet(StringComparer.Ordinal);
        var present = DsseEnvelope.Parse(SignedMembers.Envelope(revision) ?? sidecar).Value;
        return present.CountersignedBy(key, keep).TryGet(out var envelope, out var error)
            ? Keep(context, document, revision, envelope, trust)
            : TrustRootFile.Failed(error);
    }

    private static Outcome<byte[]?> ReadSidecar(EnvironmentFiles files, Revision revision) => RuntimeConfigRules.IsContained(revision.SignatureSidecarRef)
        ? files.Read(revision.SignatureSidecarRef, DsseEnvelope.MaxBytes)
        : (byte[]?)null;

    private static EnvironmentDocument Replaced(EnvironmentDocument document, Revision revision) =>
        document with { Revisions = [.. document.Revisions.Select(present => present.RevisionId == revision.RevisionId ? revision : present)] };

    private static string? WhyNot(OperatorKey? key, TrustRoot? root, DateTimeOffset now)
    {
        if (key is null)
        {
            return "there is no operator key";
        }

        return root?.Find(key.KeyId) is { } entry
            ? entry.WhyNotFor(KeyPurpose.Revision, now)
            : $"operator key {key.KeyId} is not in the trust root";
    }

    private static Outcome<SignedStage> Unsigned(EnvironmentDocument document, Revision staged, string why) => SignedMembers.AllowsUnsigned(document)
        ? new SignedStage(document, staged, $"the revision is not signed: {why}; `gtc op trust-root bootstrap {document.EnvironmentId}` makes the next one signed")
        : new Refusal.TrustRootFailed($"the revision cannot be signed, and environment `{document.EnvironmentId}` does not serve unsigned ones: {why}")
        {
            Details = [new("rule", "OperatorKeyNotTrusted")],
            Next = $"gtc op trust-root bootstrap {document.EnvironmentId}",
        };

    private static Outcome<SignedStage> Sign(MutationContext context, EnvironmentDocument document, Revision staged, PrivateKey key, TrustRoot root)
    {
        var envelope = RevisionSignatures.Sign(staged, key, context.Now);
        return Keep(context, SignedMembers.WithKeys(document, root), staged, envelope, new RevisionTrust(root, []))
            .Then<SignedStage>(signed => new SignedStage(signed, signed.Revisions.First(revision => revision.RevisionId == staged.RevisionId), null));
    }

    /// <summary>Writes an envelope to both places and verifies what a reader will find.</summary>
    private static Outcome<EnvironmentDocument> Keep(MutationContext context, EnvironmentDocument document, Revision revision, DsseEnvelope envelope, RevisionTrust trust)
    {
        var sidecarRef = RevisionSignatures.SidecarRef(revision.RevisionId);
        var signed = SignedMembers.WithEnvelope(revision, envelope) with { SignatureSidecarRef = sidecarRef };
        if (context.Files.Write(sidecarRef, envelope.ToPrettyBytes()) is { } unwritten)
        {
            return unwritten;
        }

        var changed = Replaced(document, signed);
        return Verify(context.Files, changed, signed, trust, context.Now).Then<EnvironmentDocument>(verdict =>
            RevisionSignatures.Refuse(changed, signed, verdict, trust) is { } refusal ? refusal : changed);
    }
}

/// <summary>A staged revision after signing.</summary>
/// <param name="Document">The document to save.</param>
/// <param name="Revision">The revision as it is in it.</param>
/// <param name="Warning">Why it is not signed, or null when it is.</param>
public sealed record SignedStage(EnvironmentDocument Document, Revision Revision, string? Warning)
{
    /// <summary>A revision that was staged elsewhere, e.g. by a store server.</summary>
    public static SignedStage Read(EnvironmentDocument document, Revision revision)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new(document, revision, SignedMembers.Envelope(revision) is null
            ? $"the revision is not signed; `gtc op trust-root bootstrap {document.EnvironmentId}` makes the next one signed"
            : null);
    }
}
