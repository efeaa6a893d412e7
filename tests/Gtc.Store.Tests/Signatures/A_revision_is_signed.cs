using System.Text;
using System.Text.Json;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Tests;

public sealed class A_revision_is_signed : IDisposable
{
    private readonly TrustLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_staged_revision_verifies_on_this_host_and_in_a_pod_that_has_the_document_alone()
    {
        await _lab.PrepareAsync();
        var staged = (await _lab.StageAsync()).Value;
        staged.Warning.ShouldBeNull();
        staged.Revision.SignatureSidecarRef.ShouldBe($"revisions/{staged.Revision.RevisionId}/rev.sig");
        File.Exists(_lab.Bench.Path("prod", staged.Revision.SignatureSidecarRef)).ShouldBeTrue();

        var read = _lab.Document;
        _lab.VerdictOf(read.Revisions[0]).ShouldBeOfType<SignatureVerdict.Verified>().KeyIds.ShouldBe([_lab.KeyId]);
        _lab.VerdictOfPod(read).ShouldBeOfType<SignatureVerdict.Verified>();
        RevisionSignatures.Refuse(read, read.Revisions[0], _lab.VerdictOfPod(read), RevisionTrust.EmbeddedOnly).ShouldBeNull();
    }

    [Fact]
    public async Task The_statement_says_what_the_revision_is_made_of()
    {
        await _lab.PrepareAsync();
        var revision = (await _lab.StageAsync()).Value.Revision;
        var envelope = DsseEnvelope.Parse(File.ReadAllBytes(_lab.Bench.Path("prod", revision.SignatureSidecarRef))).Value;
        Encoding.UTF8.GetString(Convert.FromBase64String(envelope.Payload)).ShouldBe(
            $$$"""{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"{{{revision.RevisionId}}}","digest":{"sha256":"{{{new string('a', 64)}}}"}}],"predicateType":"greentic.revision-predicate.v1","predicate":{"schema":"greentic.revision-predicate.v1","revision_id":"{{{revision.RevisionId}}}","deployment_id":"{{{revision.DeploymentId}}}","env_id":"prod","bundle_digest":"{{{TrustLab.Digest('a')}}}","pack_list":[{"pack_id":"p","digest":"{{{TrustLab.Digest('b')}}}"},{"pack_id":"q","digest":"{{{TrustLab.Digest('c')}}}"}],"config_digest":"{{{TrustLab.Digest('d')}}}","signed_at":"2026-11-20T14:02:03Z"}}""");
    }

    [Fact]
    public async Task Whatever_was_signed_and_changed_is_refused()
    {
        await _lab.PrepareAsync();
        var staged = (await _lab.StageAsync()).Value;
        var good = staged.Revision;
        var other = Id(good);
        foreach (var changed in new[]
        {
            good with { BundleDigest = TrustLab.Digest('0') },
            good with { ConfigDigest = TrustLab.Digest('0') },
            good with { PackList = [] },
            good with { PackList = [good.PackList[0]] },
            good with { PackList = [good.PackList[1], good.PackList[0]] },
            good with { PackList = [.. good.PackList, good.PackList[0]] },
            good with { PackList = [good.PackList[0] with { Digest = TrustLab.Digest('0') }, good.PackList[1]] },
            good with { PackList = [good.PackList[0] with { PackId = "r" }, good.PackList[1]] },
            good with { RevisionId = new(other) },
            good with { DeploymentId = new(other) },
            good with { EnvId = Workbench.Env("dev") },
        })
        {
            var document = staged.Document with { Revisions = [changed] };
            _lab.VerdictOfPod(document).ShouldBeOfType<SignatureVerdict.Invalid>().Rule.ShouldBe("StatementMismatch");
            RevisionSignatures.Refuse(document, changed, _lab.VerdictOfPod(document), RevisionTrust.EmbeddedOnly).ShouldBeOfType<Refusal.TrustRootFailed>();
        }

        // What changes during a revision's life is not signed.
        var later = good with { Lifecycle = RevisionLifecycle.Ready, WarmedAt = _lab.Bench.Time.Now, BundleSourceUri = "https://mirror.example/main.gtbundle" };
        _lab.VerdictOfPod(staged.Document with { Revisions = [later] }).ShouldBeOfType<SignatureVerdict.Verified>();
    }

    [Fact]
    public async Task An_envelope_of_another_kind_does_not_pass_for_a_revisions()
    {
        await _lab.PrepareAsync();
        var staged = (await _lab.StageAsync()).Value;
        var policy = DsseEnvelope.Parse(File.ReadAllBytes(_lab.Bench.Path("prod", "billing-policies/main/acme/v1.json.sig"))).Value;
        var revision = SignedMembers.WithEnvelope(staged.Revision, policy);
        _lab.VerdictOfPod(staged.Document with { Revisions = [revision] }).ShouldBeOfType<SignatureVerdict.Invalid>().Rule.ShouldBe("StatementMismatch");
    }

    [Fact]
    public async Task No_flipped_bit_of_the_sidecar_is_accepted()
    {
        await _lab.PrepareAsync();
        var staged = (await _lab.StageAsync()).Value;
        var bytes = File.ReadAllBytes(_lab.Bench.Path("prod", staged.Revision.SignatureSidecarRef));
        var trust = new RevisionTrust(_lab.Root, []);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            RevisionSignatures.Verify(staged.Document, staged.Revision, bytes, trust, _lab.Bench.Time.Now)
                .ShouldBeOfType<SignatureVerdict.Invalid>($"bit {bit % 8} of byte {bit / 8}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        RevisionSignatures.Verify(staged.Document, staged.Revision, bytes, trust, _lab.Bench.Time.Now).ShouldBeOfType<SignatureVerdict.Verified>();
    }

    [Theory]
    [InlineData("signature")]
    [InlineData("trusted_keys")]
    public async Task No_flipped_bit_of_what_is_embedded_is_accepted(string member)
    {
        await _lab.PrepareAsync();
        var document = (await _lab.StageAsync()).Value.Document;
        var bytes = Documents.Environment.ToLine(document);
        var text = Encoding.UTF8.GetString(bytes);
        var raw = (member == "signature" ? document.Revisions[0].UnknownMembers![member] : document.UnknownMembers![member]).GetRawText();
        using var probe = JsonDocument.Parse(bytes);
        var start = text.IndexOf($"\"{member}\":", StringComparison.Ordinal) + member.Length + 3;
        var length = (member == "signature" ? probe.RootElement.GetProperty("revisions")[0] : probe.RootElement).GetProperty(member).GetRawText().Length;
        length.ShouldBeGreaterThan(100, raw);
        var accepted = new List<string>();
        for (var bit = start * 8; bit < (start + length) * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            if (Documents.Environment.Parse(bytes).TryGet(out var flipped, out _) && flipped.Revisions.Length == 1
                && RevisionSignatures.Refuse(flipped, flipped.Revisions[0], _lab.VerdictOfPod(flipped), RevisionTrust.EmbeddedOnly) is null)
            {
                accepted.Add($"{bit % 8} of `{text[Math.Max(0, (bit / 8) - 20)..((bit / 8) + 1)]}`");
            }

            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        accepted.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_a_trusted_operator_key_only_an_environment_that_allows_it_stages()
    {
        await _lab.PrepareAsync();
        await _lab.Roots.RemoveAsync(TrustLab.Prod, _lab.KeyId, null, Workbench.Cancellation);
        var refusal = (await _lab.StageAsync()).Refusal.ShouldBeOfType<Refusal.TrustRootFailed>();
        refusal.Next.ShouldBe("gtc op trust-root bootstrap prod");
        Directory.Exists(_lab.Bench.Path("prod", "revisions")).ShouldBeFalse();

        await _lab.Bench.SaveAsync(SignedMembers.WithAllowUnsigned(_lab.Document, true));
        var staged = (await _lab.StageAsync()).Value;
        staged.Warning.ShouldNotBeNull().ShouldContain("trust-root bootstrap");
        _lab.VerdictOf(staged.Revision).ShouldBeOfType<SignatureVerdict.NotSigned>();
        RevisionSignatures.Refuse(_lab.Document, staged.Revision, new SignatureVerdict.NotSigned(), RevisionTrust.EmbeddedOnly).ShouldBeNull();

        await _lab.Bench.SaveAsync(SignedMembers.WithAllowUnsigned(_lab.Document, null));
        RevisionSignatures.Refuse(_lab.Document, staged.Revision, new SignatureVerdict.NotSigned(), RevisionTrust.EmbeddedOnly)
            .ShouldBeOfType<Refusal.TrustRootFailed>().Details.ShouldContain(new RefusalDetail("rule", "Unsigned"));
    }

    [Fact]
    public void Only_local_does_without_signatures_and_it_may_be_told_not_to()
    {
        SignedMembers.AllowsUnsigned(Workbench.Fresh("prod")).ShouldBeFalse();
        SignedMembers.AllowsUnsigned(Workbench.Fresh("local")).ShouldBeTrue();
        SignedMembers.AllowsUnsigned(SignedMembers.WithAllowUnsigned(Workbench.Fresh("local"), false)).ShouldBeFalse();
        var odd = Workbench.Fresh("local") with { UnknownMembers = new() { ["allow_unsigned"] = JsonDocument.Parse("\"true\"").RootElement } };
        SignedMembers.AllowsUnsigned(odd).ShouldBeFalse("anything but true is no");
    }

    private static Ulid Id(Revision revision) => Ulid.From(revision.CreatedAt, [9, 9, 9, 9, 9, 9, 9, 9, 9, 9]);
}
