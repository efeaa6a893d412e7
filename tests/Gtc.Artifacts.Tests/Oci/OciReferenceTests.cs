using FsCheck;
using FsCheck.Fluent;
using Gtc.Artifacts.Oci;
using Gtc.Artifacts.Tests.Sources;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Oci;

public class OciReferenceTests
{
    private const string Digest = "sha256:9c2f41aa9c2f41aa9c2f41aa9c2f41aa9c2f41aa9c2f41aa9c2f41aa9c2f41aa";

    [Theory]
    [InlineData("oci://registry.example/app", "registry.example", "app", null, false, "latest")]
    [InlineData("oci://registry.example:5000/team/app:1.0", "registry.example:5000", "team/app", "1.0", false, "1.0")]
    [InlineData("oci://localhost/a/b/c-d__e.f@" + Digest, "localhost", "a/b/c-d__e.f", null, true, Digest)]
    [InlineData("oci://127.0.0.1:5000/app:Tag_1@" + Digest, "127.0.0.1:5000", "app", "Tag_1", true, Digest)]
    [InlineData("oci://[::1]:5000/app", "[::1]:5000", "app", null, false, "latest")]
    [InlineData("OCI://docker.io/app", "docker.io", "app", null, false, "latest")]
    public void A_reference_has_its_parts(string text, string registry, string repository, string? tag, bool isPinned, string name)
    {
        var reference = OciReference.Parse(text).Value;

        reference.Registry.ShouldBe(registry);
        reference.Repository.ShouldBe(repository);
        reference.Tag.ShouldBe(tag);
        reference.Digest.HasValue.ShouldBe(isPinned);
        reference.ManifestName.ShouldBe(name);
        OciReference.Parse(reference.ToString()).Value.ShouldBe(reference);
    }

    [Theory]
    [InlineData("registry.example/app")]
    [InlineData("oci://")]
    [InlineData("oci://registry.example")]
    [InlineData("oci://registry.example/")]
    [InlineData("oci:///app")]
    [InlineData("oci://registry.example/App")]
    [InlineData("oci://registry.example/a//b")]
    [InlineData("oci://registry.example/../x")]
    [InlineData("oci://registry.example/a/")]
    [InlineData("oci://registry.example/a:")]
    [InlineData("oci://registry.example/a:b:c")]
    [InlineData("oci://registry.example/a:-x")]
    [InlineData("oci://registry.example/a?x=1")]
    [InlineData("oci://registry.example/a b")]
    [InlineData("oci://registry.example/a\n")]
    [InlineData("oci://registry.example:0/a")]
    [InlineData("oci://registry.example:65536/a")]
    [InlineData("oci://registry.example:/a")]
    [InlineData("oci://regis try/a")]
    [InlineData("oci://-x/a")]
    [InlineData("oci://registry.example/a@sha256:12")]
    [InlineData("oci://registry.example/a@sha512:" + "00")]
    [InlineData("oci://registry.example/a@" + Digest + "@" + Digest)]
    [InlineData("oci://ada:secret@registry.example/a@" + Digest)]
    [InlineData("oci://ada:secret@registry.example/a")]
    public void What_is_not_a_reference_is_refused_without_showing_secrets(string text)
    {
        var refusal = OciReference.Parse(text).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();

        refusal.Detail("code").ShouldBe("InvalidReference");
        refusal.AllText().ShouldNotContain("secret");
    }

    [Fact]
    public void Lengths_are_bounded()
    {
        OciReference.Parse($"oci://r.example/{new string('a', 255)}:{new string('t', 128)}").IsOk.ShouldBeTrue();
        OciReference.Parse($"oci://r.example/{new string('a', 256)}").IsOk.ShouldBeFalse();
        OciReference.Parse($"oci://r.example/a:{new string('t', 129)}").IsOk.ShouldBeFalse();
        OciReference.Parse("oci://r.example/" + new string('a', 1_000_000)).IsOk.ShouldBeFalse();
    }

    [Fact]
    public void No_text_breaks_the_parser_and_what_it_takes_it_writes_back() =>
        Prop.ForAll<string?>(static text =>
        {
            foreach (var candidate in new[] { text ?? "", $"oci://{text}", $"oci://r/{text}", $"oci://r/a:{text}", $"oci://r/a@{text}" })
            {
                if (OciReference.Parse(candidate).TryGet(out var reference, out _) && OciReference.Parse(reference.ToString()).Value != reference)
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();
}
