using System.Security.Cryptography;
using Gtc.Artifacts.SquashFs;

namespace Gtc.Artifacts.Tests.SquashFs;

public class ReadingUpstreamBundles
{
    public static TheoryData<string, string[]> Trees => new()
    {
        {
            "perf-smoke-bundle",
            [
                "bundle-lock.json 449", "bundle-manifest.json 862", "bundle.yaml 407",
                "packs/perf-smoke-pack/dist/perf-smoke-pack.gtpack 1128", "resolved/default.yaml 582", "resolved/demo.default.yaml 32",
            ]
        },
        { "provider-only-bundle", ["bundle-manifest.json 317", "providers/messaging/messaging-webchat-gui.gtpack 16"] },
        {
            "provider-packs-bundle",
            [
                "bundle-manifest.json 406", "packs/app.gtpack 7", "providers/deployer/deployer-terraform.gtpack 13",
                "providers/messaging/messaging-webchat-gui.gtpack 11", "providers/state/state-memory.gtpack 12", "resolved/stray.gtpack 9",
            ]
        },
        {
            "telegram-bundle",
            [
                "bundle-lock.json 573", "bundle-manifest.json 1041", "bundle.yaml 407", "packs/messaging-telegram.gtpack 1298739",
                "packs/quickstart.gtpack 5496796", "resolved/default.yaml 600", "tenants/default/tenant.gmap 14",
            ]
        },
        {
            "templates-bundle",
            [
                "bundle-lock.json 447", "bundle-manifest.json 783", "bundle.yaml 322",
                "packs/templates-pack/dist/templates-pack.gtpack 498827", "resolved/default.yaml 467",
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Trees))]
    [Trait("fact", "bundle-format:5.2")]
    public void A_bundle_unpacks_to_exactly_its_files(string bundle, string[] files)
    {
        var image = UpstreamBundle.Find(bundle);
        using var scratch = new ScratchFolder();

        var report = Images.Extract(image, scratch.Fresh("out")).Value;

        var root = scratch.File("out");
        Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(file => $"{Path.GetRelativePath(root, file)} {new FileInfo(file).Length}")
            .Order(StringComparer.Ordinal).ShouldBe(files);
        Images.List(image).Value.Where(entry => entry.Kind == SquashFsEntryKind.File)
            .Select(entry => $"{entry.Path} {entry.Size}").ShouldBe(files);
        report.Files.ShouldBe(files.Length);
    }

    [Theory]
    [InlineData("perf-smoke-bundle", SquashFsCompressor.Gzip, 1811)]
    [InlineData("provider-only-bundle", SquashFsCompressor.Gzip, 540)]
    [InlineData("provider-packs-bundle", SquashFsCompressor.Gzip, 775)]
    [InlineData("telegram-bundle", SquashFsCompressor.Xz, 1_444_668)]
    [Trait("fact", "bundle-format:5.1")]
    public void The_superblock_says_what_the_specification_lists(string bundle, SquashFsCompressor compressor, long used)
    {
        var image = UpstreamBundle.Find(bundle);

        File.ReadAllBytes(image).AsSpan(0, 4).SequenceEqual("hsqs"u8).ShouldBeTrue();
        var superblock = Images.Inspect<SquashFsSuperblock>(image, found => found.Superblock).Value;
        superblock.Compressor.ShouldBe(compressor);
        superblock.BytesUsed.ShouldBe(used);
        superblock.BlockSize.ShouldBe(131072);
        superblock.IdCount.ShouldBe(1);
        superblock.CreatedAt.ShouldBe(DateTimeOffset.UnixEpoch);
    }

    [Fact]
    [Trait("fact", "bundle-format:5.1")]
    public void The_templates_bundle_is_the_one_that_was_measured()
    {
        var image = File.ReadAllBytes(UpstreamBundle.Find("templates-bundle"));

        Convert.ToHexStringLower(SHA256.HashData(image)).ShouldBe("9c4a4b317f127646233a5ec51bc8931d85e18b4f6edc4da8facf68ae5a568921");
    }

    [Fact]
    public void A_member_is_read_without_unpacking()
    {
        var image = UpstreamBundle.Find("perf-smoke-bundle");

        var manifest = Images.Inspect(image, found => found.ReadFile("bundle-manifest.json", 1 << 20)).Value;

        manifest.Length.ShouldBe(862);
        manifest[0].ShouldBe((byte)'{');
    }
}
