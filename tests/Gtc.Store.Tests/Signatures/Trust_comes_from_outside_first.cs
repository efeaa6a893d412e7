using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Tests;

public sealed class Trust_comes_from_outside_first : IDisposable
{
    private readonly TrustLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_thief_who_rewrites_the_document_is_stopped_by_a_trust_root_beside_it_and_by_a_fingerprint()
    {
        var (document, honest) = await StagedAsync();
        using var thief = Ed25519PrivateKey.FromSeed(Enumerable.Repeat((byte)9, 32).ToArray());
        var stolen = document.Revisions[0] with { BundleDigest = TrustLab.Digest('0') };
        stolen = SignedMembers.WithEnvelope(stolen, RevisionSignatures.Sign(stolen, thief, _lab.Bench.Time.Now));
        var rewritten = SignedMembers.WithKeys(document with { Revisions = [stolen] }, TrustRoot.Empty.Add(TrustedKey.Of(thief.PublicKey)).Value);

        _lab.VerdictOfPod(rewritten).ShouldBeOfType<SignatureVerdict.Verified>("keys in the same file cannot tell");
        _lab.VerdictOfPod(rewritten, new RevisionTrust(_lab.Root, [])).ShouldBeOfType<SignatureVerdict.Invalid>().Rule.ShouldBe("NoTrustedKey");
        _lab.VerdictOfPod(rewritten, new RevisionTrust(null, [honest])).ShouldBeOfType<SignatureVerdict.Invalid>().Rule.ShouldBe("NoTrustedKey");
        _lab.VerdictOfPod(document, new RevisionTrust(null, [honest])).ShouldBeOfType<SignatureVerdict.Verified>();

        var forged = SignedMembers.WithKeys(rewritten, new TrustRoot { Schema = TrustRoot.SchemaId, Keys = [TrustedKey.Of(thief.PublicKey) with { KeyId = honest }] });
        _lab.VerdictOfPod(forged, new RevisionTrust(null, [honest])).ShouldBeOfType<SignatureVerdict.Invalid>().Rule.ShouldBe("KeyIdMismatch");
    }

    [Fact]
    public async Task A_fingerprint_narrows_a_trust_root_and_never_widens_it()
    {
        var (document, honest) = await StagedAsync();
        _lab.VerdictOfPod(document, new RevisionTrust(_lab.Root, [honest])).ShouldBeOfType<SignatureVerdict.Verified>();
        _lab.VerdictOfPod(document, new RevisionTrust(_lab.Root, [new string('0', 32)])).ShouldBeOfType<SignatureVerdict.Invalid>();
        _lab.VerdictOfPod(document, new RevisionTrust(TrustRoot.Empty, [honest])).ShouldBeOfType<SignatureVerdict.Invalid>("removed there, whatever the document says");
    }

    [Fact]
    public async Task With_a_fingerprint_the_documents_word_on_unsigned_revisions_does_not_count()
    {
        var (document, honest) = await StagedAsync();
        var bare = document.Revisions[0] with { UnknownMembers = null };
        var open = SignedMembers.WithAllowUnsigned(document with { Revisions = [bare] }, true);
        RevisionSignatures.Refuse(open, bare, new SignatureVerdict.NotSigned(), RevisionTrust.EmbeddedOnly).ShouldBeNull();
        RevisionSignatures.Refuse(open, bare, new SignatureVerdict.NotSigned(), new RevisionTrust(null, [honest])).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_narrows_a_key_is_honoured()
    {
        var (document, _) = await StagedAsync();
        var key = _lab.Root.Keys.Single();
        Verdict(key with { NotAfter = _lab.Bench.Time.Now }).ShouldBeOfType<SignatureVerdict.Verified>();
        Verdict(key with { NotAfter = _lab.Bench.Time.Now.AddSeconds(-1) }).ShouldBeOfType<SignatureVerdict.Invalid>().Reason.ShouldContain("is trusted until");
        Verdict(key with { Purposes = [KeyPurpose.Revision] }).ShouldBeOfType<SignatureVerdict.Verified>();
        Verdict(key with { Purposes = [KeyPurpose.RevenuePolicy] }).ShouldBeOfType<SignatureVerdict.Invalid>().Reason.ShouldContain("purpose");

        SignatureVerdict Verdict(TrustedKey entry) => _lab.VerdictOfPod(document, new RevisionTrust(TrustRoot.Empty with { Keys = [entry] }, []));
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("", 0)]
    [InlineData(" , ", 0)]
    [InlineData("FE812C12F3AB4CE6AC5DB69AC352F906", 1)]
    [InlineData("fe812c12f3ab4ce6ac5db69ac352f906,fe812c12f3ab4ce6ac5db69ac352f907 fe812c12f3ab4ce6ac5db69ac352f908", 3)]
    public async Task Fingerprints_are_read(string? value, int count)
    {
        await _lab.PrepareAsync();
        RevisionTrust.Load(_lab.Files, _ => value).Value.Fingerprints.Length.ShouldBe(count);
    }

    [Theory]
    [InlineData("fe812c")]
    [InlineData("sha256:fe812c12f3ab4ce6ac5db69ac352f906")]
    [InlineData("ge812c12f3ab4ce6ac5db69ac352f906")]
    public async Task A_fingerprint_that_is_none_opens_nothing(string value)
    {
        await _lab.PrepareAsync();
        RevisionTrust.Load(_lab.Files, _ => value).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
    }

    [Fact]
    public async Task Keys_in_the_document_follow_the_trust_root()
    {
        var (_, honest) = await StagedAsync();
        using var other = Ed25519PrivateKey.FromSeed(Enumerable.Repeat((byte)9, 32).ToArray());
        await _lab.Roots.AddAsync(TrustLab.Prod, other.PublicKey.KeyId, other.PublicKey.ToPem(), null, Workbench.Cancellation);
        SignedMembers.Keys(_lab.Document).Value.Keys.Select(key => key.KeyId).ShouldBe([honest, other.PublicKey.KeyId]);
        var before = _lab.Document;

        await _lab.Roots.RemoveAsync(TrustLab.Prod, honest, null, Workbench.Cancellation);

        SignedMembers.Keys(_lab.Document).Value.Keys.Select(key => key.KeyId).ShouldBe([other.PublicKey.KeyId]);
        _lab.VerdictOfPod(_lab.Document).ShouldBeOfType<SignatureVerdict.Invalid>().Rule.ShouldBe("NoTrustedKey");
        _lab.VerdictOf(_lab.Document.Revisions[0]).ShouldBeOfType<SignatureVerdict.Invalid>();

        var restored = SignedMembers.FollowTrustRoot(_lab.Files, before).Value;
        _lab.VerdictOfPod(restored).ShouldBeOfType<SignatureVerdict.Invalid>("a rollback does not bring the key back");
    }

    private async Task<(EnvironmentDocument Document, string KeyId)> StagedAsync()
    {
        await _lab.PrepareAsync();
        return ((await _lab.StageAsync()).Value.Document, _lab.KeyId);
    }
}
