using System.Runtime.Versioning;
using Gtc.Artifacts.SquashFs;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.SquashFs;

[UnsupportedOSPlatform("windows")]
public sealed class UnpackingImages : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("000", "600")]
    [InlineData("444", "644")]
    [InlineData("755", "755")]
    [InlineData("7777", "777")]
    [InlineData("4711", "711")]
    public void Files_keep_plain_permission_bits_and_stay_usable_by_their_owner(string stored, string expected)
    {
        var raw = new RawImage();
        var mode = Convert.ToInt32(stored, 8);
        var folder = raw.Inode(1, mode, [.. RawImage.U32(0), .. RawImage.U32(2), .. RawImage.U16(3), .. RawImage.U16(0), .. RawImage.U32(1)]);
        var image = raw.Build(raw.Directory(RawEntry.Of("d", folder, 1), RawEntry.Of("f", raw.File("content", mode), 2)));

        Images.Extract(image, _scratch).IsOk.ShouldBeTrue();

        Convert.ToString((int)File.GetUnixFileMode(_scratch.File("out/f")), 8).ShouldBe(expected);
        ((int)File.GetUnixFileMode(_scratch.File("out/d"))).ShouldBe(Convert.ToInt32(expected, 8) | 0b111_000_000);
        Images.List(_scratch.File("image")).Value.ShouldAllBe(entry => entry.Mode == mode);
    }

    [Fact]
    public void The_destination_keeps_its_own_mode()
    {
        File.WriteAllBytes(_scratch.File("image"), Images.Write(SquashFsMember.File("f", [])));
        File.SetUnixFileMode(_scratch.Fresh("out"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        Images.Extract(_scratch.File("image"), _scratch.File("out")).IsOk.ShouldBeTrue();

        ((int)File.GetUnixFileMode(_scratch.File("out"))).ShouldBe(0b111_000_000);
    }

    [Fact]
    public void Blocks_left_out_and_a_tail_in_a_fragment_are_put_together()
    {
        var raw = new RawImage();
        var fragment = raw.Fragment(raw.Data("..tail.."u8.ToArray()), 8 | (1 << 24));
        var block = raw.Data([.. Enumerable.Repeat((byte)'b', RawImage.BlockSize)]);
        uint[] blocks = [0, RawImage.BlockSize | (1 << 24), 0];
        var mixed = raw.ExtendedFile(block, (3 * RawImage.BlockSize) + 4, fragment, 2, blocks);
        var hole = raw.ExtendedFile(0, 10 * RawImage.BlockSize, RawImage.NoFragment, 0, new uint[10]);

        Images.Extract(raw.Build(raw.Directory(RawEntry.Of("hole", hole, 2), RawEntry.Of("mixed", mixed, 2))), _scratch).IsOk.ShouldBeTrue();

        File.ReadAllBytes(_scratch.File("out/hole")).ShouldBe(new byte[10 * RawImage.BlockSize]);
        var zeros = new byte[RawImage.BlockSize];
        byte[] expected = [.. zeros, .. Enumerable.Repeat((byte)'b', RawImage.BlockSize), .. zeros, .. "tail"u8];
        File.ReadAllBytes(_scratch.File("out/mixed")).ShouldBe(expected);
        Images.Inspect(_scratch.File("image"), image => image.ReadFile("mixed", 1 << 20)).Value.ShouldBe(expected);
    }

    [Fact]
    public void An_empty_file_may_name_a_fragment_that_was_never_written()
    {
        // Some writers do, because they number the fragment before they know that nothing goes into it.
        var raw = new RawImage();
        var image = raw.Build(raw.Directory(RawEntry.Of("f", raw.File(0, 0, 7, 99, []), 2)));

        Images.Extract(image, _scratch).Value.ShouldBe(new ExtractionReport(1, 0, 0, 0));
    }

    [Fact]
    public void Two_names_of_one_file_become_two_files()
    {
        var raw = new RawImage();
        var file = raw.File("content");

        Images.Extract(raw.Build(raw.Directory(RawEntry.Of("one", file, 2), RawEntry.Of("two", file, 2))), _scratch).IsOk.ShouldBeTrue();

        File.AppendAllText(_scratch.File("out/one"), "!");
        File.ReadAllText(_scratch.File("out/two")).ShouldBe("content");
    }

    [Fact]
    public void Progress_ends_at_the_number_of_bytes()
    {
        var random = new Random(1);
        var content = new byte[5 << 20];
        random.NextBytes(content);
        File.WriteAllBytes(_scratch.File("image"), Images.Write(SquashFsMember.File("big", content), SquashFsMember.File("small", new byte[10])));
        var reports = new Highest();

        using var image = File.OpenHandle(_scratch.File("image"));
        SquashFsExtractor.Extract(
            image, RandomAccess.GetLength(image), _scratch.Fresh("out"), ExtractionLimits.Default, TestContext.Current.CancellationToken, reports)
            .Value.Bytes.ShouldBe(content.Length + 10);

        reports.Value.ShouldBe(content.Length + 10);
        reports.Count.ShouldBeGreaterThan(10);
    }

    [Fact]
    public void Cancelling_stops_between_two_blocks()
    {
        var content = new byte[8 << 20];
        new Random(1).NextBytes(content);
        File.WriteAllBytes(_scratch.File("image"), Images.Write(SquashFsMember.File("big", content)));
        using var source = new CancellationTokenSource();
        var reports = new Highest { First = source.Cancel };

        using var image = File.OpenHandle(_scratch.File("image"));
        Should.Throw<OperationCanceledException>(() => SquashFsExtractor.Extract(
            image, RandomAccess.GetLength(image), _scratch.Fresh("out"), ExtractionLimits.Default, source.Token, reports));

        reports.Value.ShouldBeLessThan(content.Length);
    }

    [Fact]
    public void A_file_that_is_not_there_is_missing_and_links_are_not_followed()
    {
        File.WriteAllBytes(_scratch.File("image"), Images.Write(SquashFsMember.File("d/f", []), SquashFsMember.Symlink("l", "d")));

        foreach (var path in (string[])["", "x", "d", "d/x", "d/f/x", "l", "l/f", "/d/f", "d//f", "../d/f"])
        {
            Images.Inspect(_scratch.File("image"), image => image.ReadFile(path, 10)).Refusal.ShouldBeOfType<Refusal.Missing>(path);
        }
    }

    [Fact]
    public void A_destination_that_cannot_be_written_is_a_refusal()
    {
        // Longer than the 4096 bytes that Linux takes as a path.
        var name = new string('n', 250);
        var image = Images.Write(SquashFsMember.File(string.Join('/', Enumerable.Repeat(name, 17)), []));

        Images.Extract(image, _scratch).Refusal.ShouldBeOfType<Refusal.FileFailed>();
    }

    private sealed class Highest : IProgress<long>
    {
        private readonly Lock _gate = new();

        public Action? First { get; init; }

        public long Value { get; private set; }

        public int Count { get; private set; }

        public void Report(long value)
        {
            lock (_gate)
            {
                Value = Math.Max(Value, value);
                if (Count++ == 0)
                {
                    First?.Invoke();
                }
            }
        }
    }
}
