using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Gtc.Artifacts.SquashFs;

namespace Gtc.Artifacts.Tests.SquashFs;

[UnsupportedOSPlatform("windows")]
public class AgreementWithSquashFsTools
{
    private const int TreesPerBatch = 20;

    private static readonly string[][] Options =
    [
        [], ["-b", "4096"], ["-noI", "-noD", "-noF"], ["-no-fragments"], ["-b", "1048576"], ["-always-use-fragments"], ["-noD"],
        ["-noI", "-b", "65536"], ["-nopad", "-no-exports"], ["-no-sparse", "-no-duplicates"], ["-b", "4096", "-always-use-fragments"], ["-noId", "-noX"],
    ];

    public static TheoryData<int> Batches => [.. Enumerable.Range(0, 200 / TreesPerBatch)];

    [Theory]
    [MemberData(nameof(Batches))]
    public async Task What_mksquashfs_packs_is_read_and_unpacked_to_the_same_tree(int batch)
    {
        using var scratch = new ScratchFolder();
        foreach (var seed in Enumerable.Range(batch * TreesPerBatch, TreesPerBatch))
        {
            var tree = RandomTree.Make(seed);
            TreeOnDisk.Create(scratch.Fresh("tree"), tree);
            await SquashFsTools.PackAsync(scratch.File("tree"), scratch.File("image"), [.. Compression(seed), .. Options[seed % Options.Length]]);

            Images.Extract(scratch.File("image"), scratch.Fresh("out")).Refusal.ShouldBeNull($"seed {seed}");

            TreeOnDisk.Describe(scratch.File("out")).ShouldBe(TreeOnDisk.Describe(tree), $"seed {seed}");
            ShouldList(tree, scratch.File("image"), seed);
        }
    }

    [Theory]
    [MemberData(nameof(Batches))]
    public async Task What_the_writer_packs_is_unpacked_by_unsquashfs_to_the_same_tree(int batch)
    {
        using var scratch = new ScratchFolder();
        foreach (var seed in Enumerable.Range(batch * TreesPerBatch, TreesPerBatch))
        {
            var tree = RandomTree.Make(seed);
            File.WriteAllBytes(scratch.File("image"), Images.Write([.. tree.Select(entry => entry.ToMember())]));

            scratch.Fresh("out");
            Directory.Delete(scratch.File("out"));
            await SquashFsTools.UnpackAsync(scratch.File("image"), scratch.File("out"));

            TreeOnDisk.Describe(scratch.File("out")).ShouldBe(TreeOnDisk.Describe(tree), $"seed {seed}");
            ShouldList(tree, scratch.File("image"), seed);
        }
    }

    private static string[] Compression(int seed)
    {
        var zstd = NativeLibrary.TryLoad("libzstd.so.1", out _);
        return (seed % 5) switch
        {
            0 or 2 => ["-comp", "gzip"],
            1 => ["-comp", "xz"],
            3 => ["-comp", "xz", "-Xbcj", "x86"],
            _ => ["-comp", zstd ? "zstd" : "gzip"],
        };
    }

    private static void ShouldList(IReadOnlyList<SampleEntry> tree, string image, int seed)
    {
        Images.List(image).Value.Select(entry => $"{entry.Path} {entry.Kind} {entry.Mode} {entry.Size} {entry.LinkTarget}").ShouldBe(
            tree.OrderBy(entry => entry.Path, StringComparer.Ordinal).Select(entry => $"{entry.Path} {entry.Kind} {entry.Mode} {Size(entry)} {entry.Target}"),
            $"seed {seed}");
        foreach (var file in tree.Where(entry => entry.Kind == SquashFsEntryKind.File).Take(3))
        {
            Images.Inspect(image, found => found.ReadFile(file.Path, file.Content.Length)).Value.ShouldBe(file.Content, $"seed {seed}");
        }
    }

    private static int Size(SampleEntry entry) =>
        entry.Target is { } target ? System.Text.Encoding.UTF8.GetByteCount(target) : entry.Content.Length;
}
