using Gtc.Model;

namespace Gtc.EnvPacks.Tests.Versions;

public class Descriptors_are_read
{
    [Fact, Trait("fact", "env-packs:12.1")]
    public void A_descriptor_has_a_path_and_a_version()
    {
        var kind = Descriptors.Read("greentic.deployer.k8s@1.0.0").Value;
        kind.Path.ShouldBe("greentic.deployer.k8s");
        kind.Version.ShouldBe("1.0.0");
    }

    [Theory, Trait("fact", "env-packs:12.1")]
    [InlineData("greentic.deployer.k8s", "MissingVersion")]
    [InlineData("@1.0.0", "EmptyPath")]
    [InlineData("k8s@1.0.0", "PathMissingDot")]
    [InlineData("Greentic.k8s@1.0.0", "InvalidPathChar `G`")]
    [InlineData("a.b@1.0", "InvalidSemver")]
    [InlineData("a.b@1.0.0@2", "`@`")]
    public void A_broken_rule_is_named(string text, string named) =>
        Descriptors.Read(text).Refusal.ShouldBeOfType<Refusal.InvalidArgument>().Message.ShouldContain(named);

    [Fact, Trait("fact", "env-packs:12.10")]
    public void A_reference_to_an_extension_has_a_path_and_may_have_an_instance()
    {
        Descriptors.ReadExtension("ext://acme.geo.lookup/eu").Value.ShouldBe(new ExtensionKey("acme.geo.lookup", "eu"));
        Descriptors.ReadExtension("ext://acme.geo.lookup").Value.ShouldBe(new ExtensionKey("acme.geo.lookup", null));
        Descriptors.ReadExtension("ext://acme.geo.lookup/a/b").Refusal!.Message.ShouldContain("instance `a/b`");
    }

    [Fact, Trait("fact", "environment-model:6.12")]
    public void A_broken_instance_is_named()
    {
        Descriptors.ReadExtension("ext://greentic.mem.long/eu-1").Value.ShouldBe(new ExtensionKey("greentic.mem.long", "eu-1"));
        Descriptors.ReadExtension("ext://greentic.mem.long/").Refusal!.Message.ShouldContain("EmptyInstance");
        Descriptors.ReadExtension("ext://a.b/c/d").Refusal!.Message.ShouldContain("InvalidInstanceChar `/`");
    }

    [Theory]
    [InlineData("acme.geo.lookup")]
    [InlineData("ext://")]
    [InlineData("ext://acme")]
    [InlineData("ext://acme.geo/")]
    [InlineData("ext://acme.geo@1.0.0/eu")]
    public void What_is_no_reference_is_refused(string text) => Descriptors.ReadExtension(text).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
}
