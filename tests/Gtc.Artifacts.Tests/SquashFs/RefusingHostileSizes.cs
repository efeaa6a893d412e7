using System.Diagnostics;
using System.IO.Compression;
using Gtc.Artifacts.SquashFs;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.SquashFs;

public sealed class RefusingHostileSizes : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(1UL << 40)]
    [InlineData(ulong.MaxValue)]
    [InlineData(65UL << 20)]
    public void A_sparse_file_bigger_than_the_image_justifies_is_refused(ulong size)
    {
        var raw = new RawImage();

        ShouldRefuse(Single(raw, raw.ExtendedFile(0, size, RawImage.NoFragment, 0, new uint[64])), "its files are too big");
    }

    [Fact]
    public void A_file_that_compresses_too_well_is_refused_by_its_ratio()
    {
        var image = Images.Write(SquashFsMember.File("zeros", new byte[80 << 20]));

        ShouldRefuse(image, "its files are too big", ExtractionLimits.Default with { MaxRatio = 100 });
    }

    [Fact]
    public void Names_of_one_file_count_once_each()
    {
        var raw = new RawImage();
        var file = raw.File(new string('x', 4000));
        var image = raw.Build(raw.Directory([.. Enumerable.Range(0, 10).Select(index => RawEntry.Of($"{index}", file, 2))]));

        Images.Extract(image, _scratch, ExtractionLimits.Default with { MaxTotalBytes = 40_000 }).Value.ShouldBe(new ExtractionReport(10, 0, 0, 40_000));
        ShouldRefuse(image, "its files are too big", ExtractionLimits.Default with { MaxTotalBytes = 39_999 });
    }

    [Fact]
    public void More_entries_than_allowed_are_refused()
    {
        var image = Images.Write([.. Enumerable.Range(0, 301).Select(index => SquashFsMember.File($"f{index}", []))]);

        Images.Extract(image, _scratch, ExtractionLimits.Default with { MaxEntries = 301 }).Value.Files.ShouldBe(301);
        ShouldRefuse(image, "too many entries", ExtractionLimits.Default with { MaxEntries = 300 });
    }

    [Fact]
    public void A_tree_deeper_than_allowed_is_refused()
    {
        var image = Images.Write(SquashFsMember.File("a/b/c/d", []));

        Images.Extract(image, _scratch, ExtractionLimits.Default with { MaxDepth = 4 }).IsOk.ShouldBeTrue();
        ShouldRefuse(image, "too deep", ExtractionLimits.Default with { MaxDepth = 3 });
    }

    [Fact]
    public void A_thousand_nested_folders_are_refused_at_the_default_depth()
    {
        var raw = new RawImage();
        var inner = raw.Directory();
        for (var depth = 0; depth < 1000; depth++)
        {
            inner = raw.Directory(RawEntry.Of("d", inner, 1));
        }

        ShouldRefuse(raw.Build(inner), "too deep");
    }

    [Fact]
    public void A_block_that_unpacks_to_more_than_a_block_is_refused()
    {
        var raw = new RawImage();
        var bomb = Zlib(new byte[64 << 20]);
        foreach (var part in (byte[][])[bomb, Zlib(new byte[RawImage.BlockSize + 1])])
        {
            var start = raw.Data(part);
            var file = raw.File(start, RawImage.BlockSize, RawImage.NoFragment, 0, [(uint)Math.Min(part.Length, RawImage.BlockSize)]);
            ShouldRefuse(Single(raw, file), "a compressed block is damaged");
        }
    }

    [Fact]
    public void A_block_that_unpacks_to_less_than_its_file_needs_is_refused()
    {
        var raw = new RawImage();
        var packed = Zlib(new byte[100]);
        var file = raw.File(raw.Data(packed), 101, RawImage.NoFragment, 0, [(uint)packed.Length]);

        ShouldRefuse(Single(raw, file), "a data block has a bad content");
    }

    [Fact]
    public void A_metadata_block_that_unpacks_to_more_than_8_KiB_is_refused()
    {
        var image = Single(new RawImage(), null);
        var inodes = BitConverter.ToInt64(image, 64);
        var bomb = Zlib(new byte[1 << 20]);
        byte[] moved = [.. image[..(int)inodes], .. RawImage.U16(bomb.Length), .. bomb, .. image[(int)inodes..]];
        foreach (var pointer in (int[])[40, 48, 72, 80])
        {
            RawImage.U64((ulong)(BitConverter.ToInt64(image, pointer) + bomb.Length + 2)).CopyTo(moved, pointer);
        }

        var ids = (int)BitConverter.ToInt64(moved, 48);
        RawImage.U64((ulong)(BitConverter.ToInt64(moved, ids) + bomb.Length + 2)).CopyTo(moved, ids);
        RawImage.U64(0).CopyTo(moved, 32);

        ShouldRefuse(moved, "a compressed block is damaged");
    }

    [Fact]
    public void Thousands_of_fragments_over_one_block_are_refused_as_too_much_work()
    {
        // Each file is a byte, but to get it a whole fragment must be unpacked.
        var raw = new RawImage();
        var packed = Zlib(new byte[RawImage.BlockSize]);
        var start = raw.Data(packed);
        var files = Enumerable.Range(0, 20_000).Select(index =>
            RawEntry.Of($"f{index:d5}", raw.File(0, 1, raw.Fragment(start, (uint)packed.Length), 0, []), 2)).ToArray();

        ShouldRefuse(raw.Build(raw.Directory(files)), "more work than its size justifies", ExtractionLimits.Default with { MaxRatio = 10 });
    }

    [Fact]
    public void Twelve_thousand_fragments_within_the_budget_are_unpacked_quickly()
    {
        var raw = new RawImage();
        var packed = Zlib(new byte[RawImage.BlockSize]);
        var start = raw.Data(packed);
        var files = Enumerable.Range(0, 12_000).Select(index =>
            RawEntry.Of($"f{index:d5}", raw.File(0, 1, raw.Fragment(start, (uint)packed.Length), 0, []), 2)).ToArray();

        Images.Extract(raw.Build(raw.Directory(files)), _scratch).Value.Bytes.ShouldBe(12_000);
    }

    [Fact]
    public void A_member_bigger_than_asked_for_is_refused()
    {
        File.WriteAllBytes(_scratch.File("image"), Images.Write(SquashFsMember.File("f", new byte[11])));

        Images.Inspect(_scratch.File("image"), image => image.ReadFile("f", 11)).Value.Length.ShouldBe(11);
        Images.Explain(Images.Inspect(_scratch.File("image"), image => image.ReadFile("f", 10)).Refusal).ShouldContain("too big");
    }

    private static byte[] Single(RawImage raw, ulong? file)
    {
        var inode = file ?? raw.File("content");
        return raw.Build(raw.Directory(RawEntry.Of("f", inode, 2)));
    }

    private static byte[] Zlib(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            zlib.Write(content);
        }

        return packed.ToArray();
    }

    private void ShouldRefuse(byte[] image, string reason, ExtractionLimits? limits = null)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();

        var refusal = Images.Extract(image, _scratch, limits).Refusal.ShouldBeOfType<Refusal.MalformedArtifact>();

        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(256 << 20);
        Images.Explain(refusal).ShouldContain(reason);
    }
}
