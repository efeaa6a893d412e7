using System.Buffers.Binary;
using Gtc.Artifacts.SquashFs;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.SquashFs;

public sealed class RefusingDamagedStructures : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(0, 0x73717369UL, 4, "not a SquashFS image")]
    [InlineData(12, 0UL, 4, "block size")]
    [InlineData(12, 2048UL, 4, "block size")]
    [InlineData(12, 1UL << 21, 4, "block size")]
    [InlineData(12, 8192UL, 4, "block size")]
    [InlineData(22, 13UL, 2, "block size")]
    [InlineData(20, 0UL, 2, "compressor is unknown")]
    [InlineData(20, 7UL, 2, "compressor is unknown")]
    [InlineData(28, 3UL, 2, "its version")]
    [InlineData(30, 1UL, 2, "its version")]
    [InlineData(40, 95UL, 8, "its size does not fit")]
    [InlineData(40, 1UL << 62, 8, "its size does not fit")]
    [InlineData(40, ulong.MaxValue, 8, "its size does not fit")]
    [InlineData(32, ulong.MaxValue, 8, "leaves the inode table")]
    [InlineData(32, 0xFFFFUL, 8, "past a metadata block")]
    [InlineData(48, 0UL, 8, "owner table")]
    [InlineData(48, ulong.MaxValue, 8, "owner table")]
    [InlineData(26, 0xFFFFUL, 2, "owner table")]
    [InlineData(56, 0UL, 8, "attribute table")]
    [InlineData(64, 0UL, 8, "inode and directory table")]
    [InlineData(64, 1UL << 40, 8, "inode and directory table")]
    [InlineData(72, 96UL, 8, "inode and directory table")]
    [InlineData(72, ulong.MaxValue, 8, "inode and directory table")]
    [InlineData(80, 0UL, 8, "fragment table")]
    [InlineData(80, ulong.MaxValue - 1, 8, "fragment table")]
    [InlineData(16, (ulong)uint.MaxValue, 4, "fragment table")]
    [InlineData(88, 97UL, 8, "export table")]
    public void A_superblock_that_lies_is_refused(int offset, ulong value, int bytes, string reason)
    {
        var image = Sample();
        BitConverter.GetBytes(value).AsSpan(0, bytes).CopyTo(image.AsSpan(offset));

        ShouldRefuse(image, reason);
    }

    [Theory]
    [InlineData(SquashFsCompressor.Lzma, "lzma")]
    [InlineData(SquashFsCompressor.Lzo, "lzo")]
    [InlineData(SquashFsCompressor.Lz4, "lz4")]
    public void A_compressor_without_a_decoder_is_named_with_those_that_work(SquashFsCompressor compressor, string name)
    {
        var image = Sample();
        image[20] = (byte)compressor;

        ShouldRefuse(image, $"found {name}");
        ShouldRefuse(image, "gzip, xz (needs liblzma) or zstd (needs libzstd)");
    }

    [Fact]
    public void A_claimed_number_of_inodes_costs_nothing()
    {
        var image = Sample();
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(4), uint.MaxValue);

        Images.Extract(image, _scratch).IsOk.ShouldBeTrue();
    }

    [Fact]
    public void Tables_that_start_inside_another_are_refused()
    {
        var image = Sample();
        var fragments = (int)BitConverter.ToInt64(image, 80);
        RawImage.U64((ulong)BitConverter.ToInt64(image, 72) - 1).CopyTo(image, fragments);

        ShouldRefuse(image, "inode and directory table");
    }

    [Theory]
    [InlineData(0, "too short")]
    [InlineData(95, "too short")]
    [InlineData(96, "its size does not fit")]
    [InlineData(200, "its size does not fit")]
    public void A_file_that_was_cut_off_is_refused(int length, string reason) => ShouldRefuse(Sample()[..length], reason);

    [Fact]
    public void Trailing_padding_is_accepted()
    {
        Images.Extract([.. Sample(), .. new byte[10_000]], _scratch).IsOk.ShouldBeTrue();
    }

    [Fact]
    public void A_header_with_too_many_entries_is_refused()
    {
        foreach (var count in (uint[])[256, uint.MaxValue])
        {
            var raw = new RawImage();
            var file = raw.File("x");
            var start = raw.Header(count, (uint)(file >> 16));
            raw.Entry(RawEntry.Of("f", file, 2));

            ShouldRefuse(raw.Build(raw.Directory(8, start, 12 + 9)), "announces too many entries");
        }
    }

    [Fact]
    public void A_listing_that_ends_inside_an_entry_is_refused()
    {
        var raw = new RawImage();
        var file = raw.File("x");
        var start = raw.Header(0, (uint)(file >> 16));
        raw.Entry(RawEntry.Of("file", file, 2));

        ShouldRefuse(raw.Build(raw.Directory(8, start, 12 + 9)), "does not fit");
    }

    [Fact]
    public void A_listing_that_runs_past_its_table_is_refused()
    {
        var raw = new RawImage();
        var file = raw.File("x");
        var start = raw.Header(0, (uint)(file >> 16));
        raw.Entry(RawEntry.Of("file", file, 2));

        ShouldRefuse(raw.Build(raw.Directory(8, start, 0xFFFF_0000)), "lies outside its table");
    }

    [Fact]
    public void An_entry_that_disagrees_with_its_inode_is_refused()
    {
        var raw = new RawImage();
        var file = raw.File("x");

        ShouldRefuse(raw.Build(raw.Directory(RawEntry.Of("f", file, 1))), "disagree");
    }

    [Fact]
    public void A_root_that_is_a_file_is_refused()
    {
        var raw = new RawImage();
        var file = raw.File("x");
        raw.Directory();

        ShouldRefuse(raw.Build(file), "its root is not a directory");
    }

    [Fact]
    public void An_unknown_inode_type_is_refused()
    {
        foreach (var type in (int[])[0, 15, 0xFFFF])
        {
            var raw = new RawImage();
            ShouldRefuse(raw.Build(raw.Directory(RawEntry.Of("f", raw.Special(type), 4))), "unknown type");
        }
    }

    [Theory]
    [InlineData(1u, 0u, "does not exist")]
    [InlineData(0xFFFF_FFFEu, 0u, "does not exist")]
    [InlineData(0u, 5u, "leaves its fragment")]
    [InlineData(0u, 4095u, "leaves its fragment")]
    [InlineData(0u, uint.MaxValue, "leaves its fragment")]
    public void A_tail_outside_its_fragment_is_refused(uint fragment, uint offset, string reason)
    {
        var raw = new RawImage();
        raw.Fragment(raw.Data(new byte[10]), 10 | (1 << 24));
        var file = raw.File(0, 6, fragment, offset, []);

        ShouldRefuse(raw.Build(raw.Directory(RawEntry.Of("f", file, 2))), reason);
    }

    [Theory]
    [InlineData(0UL, 10u)]
    [InlineData(1UL << 40, 10u)]
    [InlineData(ulong.MaxValue, 10u)]
    [InlineData(96UL, 0u)]
    [InlineData(96UL, 4096u)]
    public void A_fragment_outside_the_data_is_refused(ulong start, uint size)
    {
        var raw = new RawImage();
        raw.Data(new byte[10]);
        raw.Fragment(start, size | (1 << 24));

        ShouldRefuse(raw.Build(raw.Directory(RawEntry.Of("f", raw.File(0, 6, 0, 0, []), 2))), "lies outside the data");
    }

    [Theory]
    [InlineData(96u, 4097u | (1 << 24), "a data block has a bad size")]
    [InlineData(96u, 0x0200_0004u, "a data block has a bad size")]
    [InlineData(96u, 5u | (1 << 24), "a stored data block has a bad size")]
    [InlineData(0u, 4u | (1 << 24), "lie outside the data")]
    [InlineData(200u, 4u | (1 << 24), "lie outside the data")]
    [InlineData(uint.MaxValue, 4u | (1 << 24), "lie outside the data")]
    [InlineData(96u, 4u, "a compressed block is damaged")]
    public void A_block_that_cannot_be_is_refused(uint start, uint size, string reason)
    {
        var raw = new RawImage();
        raw.Data("data"u8.ToArray());
        var file = raw.File(start, 4, RawImage.NoFragment, 0, [size]);

        ShouldRefuse(raw.Build(raw.Directory(RawEntry.Of("f", file, 2))), reason);
    }

    [Fact]
    public void A_block_list_longer_than_the_table_is_refused()
    {
        var raw = new RawImage();
        const int RootBytes = 40;
        var root = raw.Directory(RawEntry.Of("f", raw.NextInode + RootBytes, 2));
        raw.ExtendedFile(0, 60 << 20, RawImage.NoFragment, 0, new uint[16]);

        // The file is the last inode, so its list runs into the end.
        ShouldRefuse(raw.Build(root), "lies outside its table");
    }

    private static byte[] Sample()
    {
        var raw = new RawImage();
        var data = raw.Data("tail"u8.ToArray());
        raw.Fragment(data, 4 | (1 << 24));
        return raw.Build(raw.Directory(RawEntry.Of("f", raw.File("content"), 2), RawEntry.Of("t", raw.File(0, 4, 0, 0, []), 2)));
    }

    private void ShouldRefuse(byte[] image, string reason)
    {
        var refusal = Images.Extract(image, _scratch).Refusal.ShouldBeOfType<Refusal.MalformedArtifact>();

        Images.Explain(refusal).ShouldContain(reason);
        Images.Explain(refusal).ShouldContain("expected");
        Images.Explain(refusal).ShouldContain("found");
    }
}
