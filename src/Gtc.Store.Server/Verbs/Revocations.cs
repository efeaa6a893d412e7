using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>What an environment takes back, as it lies beside its document: asked inside changes, where nobody can change it in between.</summary>
internal static class Revocations
{
    /// <summary>Reads what lies beside the document.</summary>
    public static Func<string, Outcome<byte[]?>> Reader(ChangeContext context) => reference => Name(reference).Then(context.Side).Then<byte[]?>(side => side?.Bytes.ToArray());

    /// <summary>The name of the list.</summary>
    public static Outcome<SideName> Name(string reference) => SideName.TryParse(reference, out var name)
        ? name
        : new Refusal.InvalidDocument("UnsafeReference", $"revocation.list_ref `{reference}` must be {SideName.Expectation}");

    /// <summary>The list that counts. One that cannot be read is the environment's state and no failure of the server.</summary>
    public static Outcome<RevocationList> Load(ChangeContext context, EnvironmentDocument document) => Told(RevocationList.Load(Reader(context), document));

    /// <summary>The same of what was refused.</summary>
    public static Outcome<RevocationList> Told(Outcome<RevocationList> list) => list.Refusal is Refusal.StoreFailed broken && !StorageCorruption.Is(broken)
        ? new Refusal.Conflict(broken.Message) { Details = broken.Details }
        : list;

    /// <summary>Signs a revision that was just staged. What was revoked is not staged: neither the bundle, nor a pack of it, nor under a key that is taken back.</summary>
    public static Outcome<SignedStage> Sign(OperatorKeyFile operatorKey, ChangeContext context, EnvironmentDocument document, Revision staged) => Load(context, document).Then(revoked =>
        revoked.Refuse(staged, new SignatureVerdict.NotSigned()) is { } early ? early
        : new RevisionSigner(operatorKey).SignInDocument(document, staged, context.TrustRoot, context.Now).Then<SignedStage>(signed =>
            revoked.Refuse(signed.Revision, Verify(context, signed.Document, signed.Revision)) is { } late ? late : signed));

    /// <summary>The right that a change of a slot's binding needs besides its own: whoever may not take a revocation back may not end that the list is asked either.</summary>
    public static (string Noun, string Verb)? RightFor(CapabilitySlot slot) => slot == CapabilitySlot.Revocation ? ("trust-root", "unrevoke") : null;

    /// <summary>An earlier document that asks the list as the present one does: going back in time is no way to end it.</summary>
    public static EnvironmentDocument AskedAsNow(EnvironmentDocument present, EnvironmentDocument earlier)
    {
        var asked = present.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Revocation);
        var packs = earlier.Packs.Select(pack => pack.Slot == CapabilitySlot.Revocation ? asked : pack).OfType<EnvPackBinding>().ToImmutableArray();
        return earlier with { Revocation = present.Revocation, Packs = asked is null || packs.Contains(asked) ? packs : packs.Add(asked) };
    }

    /// <summary>A change that gives no revision more traffic that was revoked, by the lists that are asked before it and after it.</summary>
    public static Outcome<Change> Routed(ChangeContext context, Change change) => change.Document is not { } after ? change
        : RevocationList.RefuseGains(document => Load(context, document), context.Current, after, revision => Verify(context, after, revision)) is { } refusal ? refusal
        : change;

    /// <summary>What a revision's signature amounts to.</summary>
    public static SignatureVerdict Verify(ChangeContext context, EnvironmentDocument document, Revision revision) =>
        RevisionSignatures.Verify(document, revision, null, Trust(context), context.Now);

    /// <summary>What is believed of signatures.</summary>
    public static RevisionTrust Trust(ChangeContext context) => new(context.TrustRoot ?? Signing.TrustRoot.Empty, []);
}
