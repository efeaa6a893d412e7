using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Model.Tests.Identifiers;

public sealed class Ids_have_one_textual_form
{
    [Theory]
    [InlineData("local")]
    [InlineData("shop-eu.1_x")]
    [InlineData("Prod")]
    public void An_environment_id_is_read(string text) =>
        Sample.Env(text).ToString().ShouldBe(text);

    [Theory]
    [Trait("fact", "store:9.3")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a:b")]
    [InlineData("a\0b")]
    [InlineData("é")]
    [InlineData(null)]
    public void An_unsafe_environment_id_is_not_a_value(string? text) =>
        EnvId.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void An_environment_id_fits_a_dns_label()
    {
        EnvId.TryParse(new string('a', 63), out _).ShouldBeTrue();
        EnvId.TryParse(new string('a', 64), out _).ShouldBeFalse();
    }

    [Fact]
    public void A_ulid_survives_its_text_in_either_case() => Prop.ForAll(
        ArbMap.Default.ArbFor<ulong>().Generator.Two().ToArbitrary(),
        pair =>
        {
            var random = new byte[Ulid.RandomLength];
            BitConverter.TryWriteBytes(random, pair.Item1);
            var time = DateTimeOffset.FromUnixTimeMilliseconds((long)(pair.Item2 % (1UL << 47)));
            var id = Ulid.From(time, random);
            Ulid.TryParse(id.ToString(), out var upper).ShouldBeTrue();
            Ulid.TryParse(id.ToString().ToLowerInvariant(), out var lower).ShouldBeTrue();
            return upper == id && lower == id && id.Time == time && id.ToString().Length == 26;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAV", true)]
    [InlineData("7ZZZZZZZZZZZZZZZZZZZZZZZZZ", true)]
    [InlineData("8ZZZZZZZZZZZZZZZZZZZZZZZZZ", false)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FA", false)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAI", false)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAL", false)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAO", false)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAU", false)]
    public void A_ulid_has_26_crockford_digits_and_128_bits(string text, bool isValid) =>
        Ulid.TryParse(text, out _).ShouldBe(isValid);

    [Theory]
    [Trait("fact", "environment-model:6.11")]
    [InlineData("greentic.deployer.k8s", "MissingVersion")]
    [InlineData("K8s.x@1.0.0", "InvalidPathChar")]
    [InlineData("k8s@1.0.0", "PathMissingDot")]
    [InlineData("a.b@1", "InvalidSemver")]
    [InlineData("a.b@1.0.0@2", "InvalidSemver")]
    [InlineData("@1.0.0", "EmptyPath")]
    [InlineData("a.b@01.0.0", "InvalidSemver")]
    [InlineData("greentic.deployer.k8s@1.0.0-rc.1+build.5", null)]
    public void A_pack_descriptor_names_its_broken_rule(string text, string? expected) =>
        PackDescriptor.Parse(text, out _).ShouldBe(expected);

    [Fact]
    public void A_digest_folds_case_and_refuses_other_lengths()
    {
        Sha256Digest.TryParse("SHA256:" + new string('A', 64), out var digest).ShouldBeTrue();
        digest.ToString().ShouldBe("sha256:" + new string('a', 64));
        Sha256Digest.TryParse("sha256:00", out _).ShouldBeFalse();
        Sha256Digest.TryParse("sha256:" + new string('g', 64), out _).ShouldBeFalse();
    }
}
