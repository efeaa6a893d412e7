using Gtc.Artifacts.Building;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.SquashFs;
using Gtc.Artifacts.Tests.Bundles;
using Gtc.Artifacts.Tests.Packs;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Building;

public sealed class ReproducibleBundles
{
    [Fact]
    public async Task Copies_with_other_times_modes_and_order_give_the_same_bytes()
    {
        using var first = Sources.Full();
        using var second = new BundleFolder();
        var files = Directory.GetFiles(first.Root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(first.Root, file)).Order(StringComparer.Ordinal);
        foreach (var file in files.Reverse())
        {
            second.With(file, await File.ReadAllBytesAsync(Path.Combine(first.Root, file), TestContext.Current.CancellationToken));
            var copy = Path.Combine(second.Root, file);
            File.SetLastWriteTimeUtc(copy, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }

        using var output = new BundleFolder();
        var one = await Build(first, output, "one.gtbundle");
        var two = await Build(second, output, "two.gtbundle");

        two.Digest.ShouldBe(one.Digest);
        two.Length.ShouldBe(new FileInfo(two.Path).Length);
        Directory.GetFiles(output.Root).Select(Path.GetFileName).Order().ShouldBe(["one.gtbundle", "two.gtbundle"]);
    }

    [Fact]
    public async Task A_bundle_unpacks_to_what_was_planned_and_scans_to_its_packs()
    {
        using var source = Sources.Full();
        using var output = new BundleFolder();
        var built = await Build(source, output, "b.gtbundle");
        var tree = (await BundleBuilder.PlanAsync(source.Root, "0.1.0", TestContext.Current.CancellationToken)).Value;
        var unpacked = Directory.CreateDirectory(Path.Combine(output.Root, "unpacked")).FullName;

        using (var image = File.OpenHandle(built.Path))
        {
            var report = SquashFsExtractor.Extract(image, built.Length, unpacked, ExtractionLimits.Default, TestContext.Current.CancellationToken, null).Value;
            report.Files.ShouldBe(tree.Members.Length);
        }

        foreach (var member in tree.Members)
        {
            (await File.ReadAllBytesAsync(Path.Combine(unpacked, member.Path), TestContext.Current.CancellationToken)).ShouldBe(BundleBuilding.Content(tree, member.Path));
        }

        BundleManifest.ReadFrom(unpacked).Value.BundleId.ShouldBe("b");
        PackScan.Run(unpacked, TestContext.Current.CancellationToken).Value.Select(pack => pack.PackId).ShouldBe(["ready", "shop", "gui"]);
    }

    [Fact]
    public async Task A_bundle_that_cannot_be_written_leaves_nothing_behind()
    {
        using var source = Sources.Small();
        using var output = new BundleFolder();
        Directory.CreateDirectory(Path.Combine(output.Root, "taken.gtbundle"));

        var built = await BundleBuilder.BuildAsync(source.Root, Path.Combine(output.Root, "taken.gtbundle"), "0.1.0", TestContext.Current.CancellationToken);

        built.Refusal.ShouldBeOfType<Refusal.FileFailed>();
        Directory.GetFileSystemEntries(output.Root).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_inspection_shows_container_manifest_packs_and_their_flows()
    {
        using var source = Sources.Full();
        using var output = new BundleFolder();
        var built = await Build(source, output, "b.gtbundle");

        var found = (await BundleInspector.InspectAsync(built.Path, TestContext.Current.CancellationToken)).Value;

        (found.Digest, found.Length).ShouldBe((built.Digest, built.Length));
        found.Container.Compressor.ShouldBe(SquashFsCompressor.Gzip);
        found.Manifest.BundleId.ShouldBe("b");
        found.Lock.ShouldNotBeNull().ToolVersion.ShouldBe("0.1.0");
        found.Entries.Select(entry => entry.Path).ShouldContain("resolved/acme.yaml");
        found.Packs.Select(pack => pack.Pinned.PackId).ShouldBe(["ready", "shop", "gui"]);
        found.Packs[0].Manifest.ShouldBeNull();
        found.Packs[0].Problem.ShouldBeOfType<Refusal.MalformedArtifact>();
        found.Packs[1].Manifest.ShouldNotBeNull().Flows.Select(flow => flow.Id).ShouldBe(["main"]);
        found.Packs[1].SbomDifferences.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("perf-smoke-bundle", "perf-smoke-pack")]
    [InlineData("provider-packs-bundle", "app, messaging-webchat-gui, state-memory")]
    [InlineData("provider-only-bundle", "messaging-webchat-gui")]
    public async Task Real_bundles_are_inspected(string name, string packs)
    {
        var found = (await BundleInspector.InspectAsync(Upstream.Path($"{name}.gtbundle"), TestContext.Current.CancellationToken)).Value;

        found.Manifest.BundleId.ShouldBe(name);
        string.Join(", ", found.Packs.Select(pack => pack.Pinned.PackId)).ShouldBe(packs);
        if (name == "perf-smoke-bundle")
        {
            found.Packs[0].Manifest.ShouldNotBeNull().PackId.ShouldBe("perf.smoke.pack");
            found.Packs[0].SbomDifferences.ShouldBeEmpty();
            found.Lock.ShouldNotBeNull().AppPacks.ShouldHaveSingleItem();
        }
    }

    [Fact]
    public async Task What_is_no_bundle_is_refused()
    {
        using var folder = new BundleFolder().With("x.gtbundle", "no image");

        (await BundleInspector.InspectAsync(Path.Combine(folder.Root, "x.gtbundle"), TestContext.Current.CancellationToken)).Refusal.ShouldBeOfType<Refusal.MalformedArtifact>();
        (await BundleInspector.InspectAsync(Path.Combine(folder.Root, "none"), TestContext.Current.CancellationToken)).Refusal.ShouldBeOfType<Refusal.FileFailed>();
    }

    private static async Task<BuiltBundle> Build(BundleFolder source, BundleFolder output, string name) =>
        (await BundleBuilder.BuildAsync(source.Root, Path.Combine(output.Root, name), "0.1.0", TestContext.Current.CancellationToken)).Value;
}
