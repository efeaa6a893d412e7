using System.Text;
using Gtc.Artifacts.Bundles;

namespace Gtc.Artifacts.Tests.Bundles;

public sealed class PackConfiguration
{
    private const string Good = """
        {"schema":"greentic.pack-config-input.v1","pack_id":"p","env_id":"local","bundle_id":"b",
         "non_secret":{"url":"http://x","n":1.0,"deep":{"a":[true,null]}},"secret_refs":{"TOKEN":"secret://local/b/p/TOKEN"}}
        """;

    private static readonly PackConfigScope Scope = new("local", "b", ["p", "q"]);

    [Fact]
    public void A_configuration_becomes_that_of_a_revision_and_reads_back()
    {
        using var folder = new BundleFolder().With("state/pack-configs/p.json", Good).With("state/pack-configs/notes.txt");

        var input = PackConfigInput.ReadAll(folder.Root, Scope).Value.ShouldHaveSingleItem();
        var text = PackConfig.From(input, "01J9").Write();

        Encoding.UTF8.GetString(text).ShouldBe("""
            {
              "schema": "greentic.pack-config.v1",
              "pack_id": "p",
              "revision_id": "01J9",
              "non_secret": {
                "deep": {
                  "a": [
                    true,
                    null
                  ]
                },
                "n": 1.0,
                "url": "http://x"
              },
              "secret_refs": {
                "TOKEN": "secret://local/b/p/TOKEN"
              },
              "runtime_refs": {}
            }

            """);
        var read = PackConfig.Read(text, "p.json").Value;
        (read.PackId, read.RevisionId).ShouldBe(("p", "01J9"));
        read.SecretRefs["TOKEN"].ShouldBe("secret://local/b/p/TOKEN");
        read.NonSecret.Keys.ShouldBe(["deep", "n", "url"]);
        read.RuntimeRefs.ShouldBeEmpty();
    }

    [Fact]
    public void A_text_that_refers_to_what_is_discovered_becomes_such_a_reference()
    {
        using var folder = new BundleFolder().With("state/pack-configs/p.json", Good.Replace("http://x", "runtime://local/discovered/public_url", StringComparison.Ordinal));
        using var foreign = new BundleFolder().With("state/pack-configs/p.json", Good.Replace("http://x", "runtime://prod/discovered/public_url", StringComparison.Ordinal));

        var config = PackConfig.From(PackConfigInput.ReadAll(folder.Root, Scope).Value.ShouldHaveSingleItem(), "01J9");

        config.RuntimeRefs.ShouldHaveSingleItem().ShouldBe(new("url", "runtime://local/discovered/public_url"));
        config.NonSecret.Keys.ShouldBe(["deep", "n"]);
        PackConfigInput.ReadAll(foreign.Root, Scope).Refusal!.Message.ShouldContain("runtime://local/discovered/");
    }

    [Fact]
    public void A_bundle_without_configurations_has_none()
    {
        using var folder = new BundleFolder();

        PackConfigInput.ReadAll(folder.Root, Scope).Value.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("input.v1", "input.v2", "schema must be greentic.pack-config-input.v1")]
    [InlineData("\"pack_id\":\"p\"", "\"pack_id\":\"q\"", "pack_id must be p")]
    [InlineData("\"env_id\":\"local\"", "\"env_id\":\"prod\"", "env_id must be local")]
    [InlineData("\"bundle_id\":\"b\"", "\"bundle_id\":\"c\"", "bundle_id must be b")]
    [InlineData("local/b/p/TOKEN", "local/b/q/TOKEN", "secret_refs.TOKEN must be secret://local/b/p/TOKEN")]
    [InlineData("local/b/p/TOKEN", "local/b/p/OTHER", "secret_refs.TOKEN must be secret://local/b/p/TOKEN")]
    [InlineData("\"non_secret\":{", "\"extra\":1,\"non_secret\":{", "extra is not a known member")]
    public void A_configuration_for_something_else_is_refused(string old, string with, string message)
        => PackConfigInput.Read(Encoding.UTF8.GetBytes(Good.Replace(old, with, StringComparison.Ordinal)), "p", Scope).Refusal!.Message.ShouldContain(message);

    [Fact]
    public void A_configuration_of_a_pack_that_is_not_pinned_is_refused()
        => PackConfigInput.Read(Encoding.UTF8.GetBytes(Good), "p", Scope with { PackIds = ["q"] }).Refusal!.Message.ShouldContain("not one of the bundle's packs");

    [Theory]
    [InlineData("secret_refs", "runtime://local/discovered/x")]
    [InlineData("runtime_refs", "secret://a/b/c/d")]
    public void References_of_a_revision_have_their_scheme(string map, string reference)
        => PackConfig.Read(Encoding.UTF8.GetBytes($$$"""{"schema":"greentic.pack-config.v1","pack_id":"p","revision_id":"r","{{{map}}}":{"k":"{{{reference}}}"}}"""), "x")
            .Refusal!.Message.ShouldContain($"{map}.k must be a reference");
}
