using System.Text;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Tests;

public sealed class An_operator_key_is_rotated : IDisposable
{
    private readonly TrustLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Both_keys_verify_until_the_old_one_is_removed()
    {
        await _lab.PrepareAsync();
        await _lab.ReissueAsync();
        await _lab.StageAsync();
        var old = _lab.KeyId;

        var rotated = (await _lab.Rotation.RotateAsync([TrustLab.Prod], Workbench.Cancellation)).Value;

        (rotated.OldKeyId, rotated.NewKeyId).ShouldBe((old, _lab.KeyId));
        rotated.NewKeyId.ShouldNotBe(old);
        var report = rotated.Environments.Single();
        (report.RevisionsSigned, report.PoliciesSigned).ShouldBe((1, 2));
        report.Skipped.ShouldBeEmpty();
        _lab.Root.Keys.Select(key => key.KeyId).ShouldBe([old, rotated.NewKeyId]);
        _lab.Root.Keys[1].Source.ShouldBe("operator-key rotate");
        _lab.VerdictOf(_lab.Document.Revisions[0]).ShouldBeOfType<SignatureVerdict.Verified>().KeyIds.ShouldBe([old, rotated.NewKeyId]);
        _lab.VerdictOfPod(_lab.Document, new RevisionTrust(null, [old])).ShouldBeOfType<SignatureVerdict.Verified>("a pod that pins the old key still boots");
        _lab.VerdictOfPod(_lab.Document, new RevisionTrust(null, [rotated.NewKeyId])).ShouldBeOfType<SignatureVerdict.Verified>();

        await _lab.Roots.RemoveAsync(TrustLab.Prod, old, null, Workbench.Cancellation);

        _lab.VerdictOf(_lab.Document.Revisions[0]).ShouldBeOfType<SignatureVerdict.Verified>().KeyIds.ShouldBe([rotated.NewKeyId]);
        RevenuePolicyHistory.Verify(_lab.Files, _lab.Document.Bundles[0], _lab.Root, _lab.Bench.Time.Now).Value.Holds.ShouldBeTrue();
        await _lab.ReissueAsync();
        RevenuePolicyHistory.Verify(_lab.Files, _lab.Document.Bundles[0], _lab.Root, _lab.Bench.Time.Now).Value.Versions.Length.ShouldBe(3);
    }

    [Fact]
    public async Task What_only_the_removed_key_signed_is_refused()
    {
        await _lab.PrepareAsync();
        await _lab.StageAsync();
        await _lab.Rotation.RotateAsync([TrustLab.Prod], Workbench.Cancellation);
        await _lab.StageAsync();
        await _lab.Roots.RemoveAsync(TrustLab.Prod, _lab.KeyId, null, Workbench.Cancellation);
        _lab.VerdictOf(_lab.Document.Revisions[0]).ShouldBeOfType<SignatureVerdict.Verified>("both signed it");
        _lab.VerdictOf(_lab.Document.Revisions[1]).ShouldBeOfType<SignatureVerdict.Invalid>("the new key alone signed it");
    }

    [Fact]
    public async Task What_does_not_verify_is_left_as_it_is()
    {
        await _lab.PrepareAsync();
        var revision = (await _lab.StageAsync()).Value.Revision;
        var sidecar = _lab.Bench.Path("prod", revision.SignatureSidecarRef);
        File.WriteAllText(sidecar, "{}");
        File.AppendAllText(_lab.Bench.Path("prod", "billing-policies/main/acme/v1.json"), " ");

        var report = (await _lab.Rotation.RotateAsync([TrustLab.Prod], Workbench.Cancellation)).Value.Environments.Single();

        (report.RevisionsSigned, report.PoliciesSigned, report.Skipped.Length).ShouldBe((0, 0, 2));
        File.ReadAllText(sidecar).ShouldBe("{}");
    }

    [Fact]
    public async Task A_rotation_that_was_cut_short_goes_on_with_the_same_key()
    {
        await _lab.PrepareAsync();
        await _lab.StageAsync();
        var old = _lab.KeyId;
        string next;
        using (var successor = _lab.Key.LoadOrGenerateSuccessor().Value)
        {
            next = successor.KeyId;
        }

        _lab.KeyId.ShouldBe(old, "until the end the old key is in place");
        (await _lab.Rotation.RotateAsync([TrustLab.Prod], Workbench.Cancellation)).Value.NewKeyId.ShouldBe(next);
        _lab.KeyId.ShouldBe(next);
    }

    [Fact]
    public async Task The_old_private_key_is_kept_private_and_no_other_file_stays()
    {
        await _lab.PrepareAsync();
        var old = _lab.KeyId;
        var rotated = (await _lab.Rotation.RotateAsync([], Workbench.Cancellation)).Value;
        rotated.RetiredKeyPath.ShouldBe($"{_lab.Key.Path}.{old}");
        Directory.GetFiles(_lab.Bench.Folder["operator"]).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["key.pem", $"key.pem.{old}", "key.pem.pub"], ignoreOrder: true);
        foreach (var file in new[] { rotated.RetiredKeyPath, _lab.Key.Path })
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        using var key = PrivateKey.FromPem(File.ReadAllText(rotated.RetiredKeyPath)).Value;
        key.PublicKey.KeyId.ShouldBe(old);
    }

    [Fact]
    public async Task An_environment_that_does_not_trust_the_key_stops_it_before_anything_is_made()
    {
        await _lab.PrepareAsync();
        await _lab.Bench.CreateAsync("other");
        var refusal = (await _lab.Rotation.RotateAsync([TrustLab.Prod, Workbench.Env("other")], Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.TrustRootFailed>();
        refusal.Next.ShouldBe("gtc op trust-root bootstrap other");
        File.Exists(_lab.Key.Path + ".next").ShouldBeFalse();
        _lab.Root.Keys.Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_p256_key_can_be_the_operators()
    {
        using var key = P256PrivateKey.FromScalar(Enumerable.Repeat((byte)7, 32).ToArray()).Value;
        Directory.CreateDirectory(_lab.Bench.Folder["operator"]);
        await File.WriteAllBytesAsync(_lab.Key.Path, key.ToPem(), Workbench.Cancellation);
        File.SetUnixFileMode(_lab.Key.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await _lab.PrepareAsync();
        await _lab.StageAsync();
        _lab.KeyId.ShouldBe(key.PublicKey.KeyId);
        _lab.VerdictOfPod(_lab.Document).ShouldBeOfType<SignatureVerdict.Verified>().KeyIds.ShouldBe([key.PublicKey.KeyId]);
        (await _lab.Rotation.RotateAsync([TrustLab.Prod], Workbench.Cancellation)).Value.Environments[0].RevisionsSigned.ShouldBe(1);
        _lab.VerdictOfPod(_lab.Document).ShouldBeOfType<SignatureVerdict.Verified>().KeyIds.Length.ShouldBe(2);
        Encoding.ASCII.GetString(await File.ReadAllBytesAsync(_lab.Key.Path, Workbench.Cancellation)).ShouldContain("PRIVATE KEY");
    }
}
