using System.Collections.Immutable;
using System.Text;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Digests;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Bundles;

public sealed class PackScanning
{
    [Fact]
    public async Task Packs_and_providers_count_and_nothing_else_does()
    {
        using var folder = new BundleFolder()
            .With("packs/app.gtpack", "app")
            .With("packs/deep/er/b.gtpack")
            .With("packs/readme.md")
            .With("packs/.gtpack")
            .With("providers/deployer/deployer-terraform.gtpack")
            .With("providers/messaging/messaging-webchat-gui.gtpack", "not a zip")
            .With("providers/state/x/state-memory.gtpack")
            .With("providers/loose.gtpack")
            .With("resolved/stray.gtpack")
            .With("stray.gtpack");

        var packs = await Scan(folder);

        packs.Select(pack => pack.Path).ShouldBe(
            ["packs/app.gtpack", "packs/deep/er/b.gtpack", "providers/messaging/messaging-webchat-gui.gtpack", "providers/state/x/state-memory.gtpack"]);
        packs.Select(pack => pack.PackId).ShouldBe(["app", "b", "messaging-webchat-gui", "state-memory"]);
        packs[0].Digest.ShouldBe(ContentDigest.Of("app"u8));
    }

    [Fact]
    public async Task Symbolic_links_are_not_followed()
    {
        using var outside = new BundleFolder().With("secret.gtpack").With("more/other.gtpack");
        using var folder = new BundleFolder()
            .With("packs/a.gtpack")
            .Link("packs/linked.gtpack", Path.Combine(outside.Root, "secret.gtpack"))
            .Link("packs/folder", Path.Combine(outside.Root, "more"))
            .Link("providers/messaging", outside.Root);

        (await Scan(folder)).Select(pack => pack.PackId).ShouldBe(["a"]);
    }

    [Fact]
    [Trait("fact", "bundle-format:5.11")]
    public async Task Two_packs_of_one_stem_are_refused()
    {
        using var folder = new BundleFolder().With("packs/one/a.gtpack").With("packs/two/a.gtpack");

        var refusal = PackScan.Run(folder.Root, TestContext.Current.CancellationToken).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();

        refusal.Message.ShouldContain("two packs with the id a");
        refusal.Details.Select(detail => detail.Value).ShouldBe(["packs/one/a.gtpack", "packs/two/a.gtpack"]);
    }

    [Fact]
    public async Task A_bundle_without_packs_is_refused_in_the_words_of_the_specification()
    {
        using var folder = new BundleFolder().With("resolved/stray.gtpack").With("providers/deployer/d.gtpack");

        PackScan.Run(folder.Root, TestContext.Current.CancellationToken).Refusal!.Message
            .ShouldContain("contains no .gtpack artifacts under packs/ or providers/<domain>/");
    }

    [Fact]
    public async Task The_lock_of_a_scan_reads_back_and_has_the_exact_shape()
    {
        using var folder = new BundleFolder().With("packs/app.gtpack", "app");
        var list = PackListLock.Create("01J9", "revisions/01J9/bundle", await Scan(folder));

        var json = Encoding.UTF8.GetString(list.Write());

        json.ShouldBe($$"""
            {
              "schema": "greentic.pack-list-lock.v1",
              "revision_id": "01J9",
              "packs": [
                {
                  "pack_id": "app",
                  "path": "revisions/01J9/bundle/packs/app.gtpack",
                  "digest": "{{ContentDigest.Of("app"u8)}}"
                }
              ]
            }

            """);
        var read = PackListLock.Read(list.Write()).Value;
        read.RevisionId.ShouldBe("01J9");
        read.Packs.ShouldBe(list.Packs);
    }

    [Theory]
    [InlineData("../x.gtpack", "a", "segment")]
    [InlineData("/x.gtpack", "a", "absolute")]
    [InlineData("x.gtpack", "b", "twice")]
    public void A_lock_that_leaves_the_environment_or_repeats_itself_is_refused(string path, string second, string because)
    {
        var digest = ContentDigest.Of([]);
        var list = new PackListLock("r", [new("b", "ok.gtpack", digest), new(second, path, digest)]);

        PackListLock.Read(list.Write()).Refusal!.Message.ShouldContain(because);
    }

    private static async Task<ImmutableArray<PinnedPack>> Scan(BundleFolder folder) =>
        PackScan.Run(folder.Root, TestContext.Current.CancellationToken).Value;
}
