using System.Text;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Tests;

public sealed class A_policy_history_is_verified : IDisposable
{
    private readonly TrustLab _lab = new();

    private string Policies => _lab.Bench.Path("prod", "billing-policies/main/acme");

    public void Dispose() => _lab.Dispose();

    [Fact]
    [Trait("fact", "trust-and-signing:6.8")]
    [Trait("fact", "trust-and-signing:6.9")]
    public async Task Three_versions_hold_down_to_the_first_also_with_the_same_shares()
    {
        await ThreeAsync();
        var history = Verify();
        history.Holds.ShouldBeTrue();
        history.PolicyRef.ShouldEndWith("/v3.json.sig");
        history.Versions.Select(version => version.Version).ShouldBe([3ul, 2, 1]);
        history.Versions.ShouldAllBe(version => version.KeyIds.Single() == _lab.KeyId);
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.10")]
    public async Task A_changed_document_and_a_changed_signature_are_told_apart_and_the_others_hold()
    {
        await ThreeAsync();
        Change("v2.json", "10000", "10001");
        Verify().Versions.Select(version => version.Problem?.Rule).ShouldBe([null, "SubjectDigestMismatch", null]);
        Change("v2.json", "10001", "10000");
        var path = Path.Combine(Policies, "v2.json.sig");
        var envelope = DsseEnvelope.Parse(File.ReadAllBytes(path)).Value;
        var signature = Convert.FromBase64String(envelope.Signatures[0].Sig);
        signature[10] ^= 1;
        File.WriteAllBytes(path, (envelope with { Signatures = [envelope.Signatures[0] with { Sig = Convert.ToBase64String(signature) }] }).ToPrettyBytes());
        Verify().Versions.Select(version => version.Problem?.Rule).ShouldBe([null, "SignatureInvalid", null]);
    }

    [Theory]
    [InlineData("v1.json")]
    [InlineData("v1.json.sig")]
    public async Task No_flipped_bit_of_a_policy_is_accepted(string name)
    {
        await _lab.PrepareAsync();
        var path = Path.Combine(Policies, name);
        var bytes = File.ReadAllBytes(path);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(path, bytes);
            Verify().Holds.ShouldBeFalse($"bit {bit % 8} of byte {bit / 8}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        File.WriteAllBytes(path, bytes);
        Verify().Holds.ShouldBeTrue();
    }

    [Fact]
    public async Task A_good_policy_in_the_place_of_another_breaks_the_chain()
    {
        await ThreeAsync();
        foreach (var suffix in new[] { ".json", ".json.sig" })
        {
            File.Copy(Path.Combine(Policies, "v1" + suffix), Path.Combine(Policies, "v3" + suffix), overwrite: true);
        }

        var problem = Verify().Versions[0].Problem.ShouldNotBeNull();
        problem.Rule.ShouldBe("PolicyMismatch");
        problem.Reason.ShouldContain("chain");
    }

    [Fact]
    public async Task Shares_that_differ_from_the_signed_ones_are_reported()
    {
        await _lab.PrepareAsync();
        var changed = _lab.Document.Bundles[0] with { RevenueShare = [new RevenueShareEntry { PartyId = "thief", BasisPoints = 10_000 }] };
        Verify(changed).Versions[0].Problem!.Reason.ShouldContain("shares");
    }

    [Fact]
    public async Task A_policy_of_another_deployment_is_reported()
    {
        await _lab.PrepareAsync();
        var other = _lab.Document.Bundles[0] with { DeploymentId = new(Ulid.From(DateTimeOffset.UnixEpoch, new byte[10])) };
        Verify(other).Versions[0].Problem!.Reason.ShouldContain("another deployment");
    }

    [Fact]
    public async Task A_missing_version_and_a_removed_key_are_reported()
    {
        await ThreeAsync();
        File.Delete(Path.Combine(Policies, "v2.json"));
        Verify().Versions.Select(version => version.Problem?.Rule).ShouldBe([null, "Missing", null]);
        await _lab.Roots.RemoveAsync(TrustLab.Prod, _lab.KeyId, null, Workbench.Cancellation);
        Verify().Versions[0].Problem!.Rule.ShouldBe("NoTrustedKey");
    }

    [Theory]
    [InlineData("")]
    [InlineData("revenue.json")]
    [InlineData("billing-policies/main/acme/v0.json.sig")]
    [InlineData("billing-policies/main/acme/v01.json.sig")]
    [InlineData("billing-policies/main/other/v1.json.sig")]
    [InlineData("billing-policies/main/acme/v999999.json.sig")]
    [InlineData("../v1.json.sig")]
    public async Task A_reference_that_names_no_policy_of_the_deployment_is_refused(string reference)
    {
        await _lab.PrepareAsync();
        var deployment = _lab.Document.Bundles[0] with { RevenuePolicyRef = reference };
        RevenuePolicyHistory.Verify(_lab.Files, deployment, _lab.Root, _lab.Bench.Time.Now).Refusal.ShouldBeOfType<Refusal.RevenuePolicyFailed>();
    }

    private async Task ThreeAsync()
    {
        await _lab.PrepareAsync();
        await _lab.ReissueAsync();
        await _lab.ReissueAsync();
    }

    private PolicyHistory Verify(BundleDeployment? deployment = null) =>
        RevenuePolicyHistory.Verify(_lab.Files, deployment ?? _lab.Document.Bundles[0], _lab.Root, _lab.Bench.Time.Now).Value;

    private void Change(string name, string find, string replace)
    {
        var path = Path.Combine(Policies, name);
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes(File.ReadAllText(path).Replace(find, replace, StringComparison.Ordinal)));
    }
}
