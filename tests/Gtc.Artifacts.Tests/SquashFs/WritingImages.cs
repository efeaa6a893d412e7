using FsCheck;
using FsCheck.Fluent;
using Gtc.Artifacts.SquashFs;

namespace Gtc.Artifacts.Tests.SquashFs;

public sealed class WritingImages : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Any_tree_comes_back_as_it_was_written_and_in_any_order_as_the_same_bytes()
    {
        var names = Gen.Elements("a", "b", "ab", "é", "日本", "A", ".x", "z z");
        var path = names.NonEmptyListOf().Select(parts => string.Join('/', parts.Take(5)));
        var content = Gen.OneOf(
            Gen.Choose(0, 3).Select(size => new byte[size]),
            Gen.Choose(131_070, 131_074).Select(size => Fill(size)),
            Gen.Choose(0, 300_000).Select(size => Fill(size)));
        var mode = Gen.Choose(0, 511);
        var file = from place in path from bytes in content from bits in mode select SampleEntry.File(place, bytes, bits);
        var folder = from place in path from bits in mode select SampleEntry.Folder(place, bits);
        var link = from place in path from target in names select SampleEntry.Link(place, target);
        var tree = Gen.OneOf(file, folder, link).ListOf().Select(Compatible).ToArbitrary();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150).WithReplay(20261120, 7), Prop.ForAll(tree, entries => RoundTrips(entries)));
    }

    [Fact]
    public void Content_that_arrives_in_drips_gives_the_same_bytes()
    {
        var content = Fill(300_000);

        Images.Write(SquashFsMember.File("f", () => new Drip(content))).ShouldBe(Images.Write(SquashFsMember.File("f", content)));
    }

    [Fact]
    public void The_image_says_nothing_about_who_made_it_or_when()
    {
        var image = Images.Write(SquashFsMember.File("f", "x"u8.ToArray()));
        File.WriteAllBytes(_scratch.File("image"), image);

        var superblock = Images.Inspect<SquashFsSuperblock>(_scratch.File("image"), found => found.Superblock).Value;

        image.Length.ShouldBe(4096);
        superblock.ShouldBe(new SquashFsSuperblock
        {
            Compressor = SquashFsCompressor.Gzip,
            BlockSize = 131072,
            BytesUsed = superblock.BytesUsed,
            InodeCount = 2,
            FragmentCount = 1,
            IdCount = 1,
            CreatedAt = DateTimeOffset.UnixEpoch,
            Flags = 0x200,
            IsExportable = false,
        });
        superblock.BytesUsed.ShouldBeLessThan(300);
    }

    [Fact]
    public void A_real_bundle_written_again_is_as_small_as_before()
    {
        var bundle = UpstreamBundle.Find("perf-smoke-bundle");
        Images.Extract(bundle, _scratch.Fresh("out")).IsOk.ShouldBeTrue();
        var root = _scratch.File("out");

        var image = Images.Write([.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(file => SquashFsMember.File(Path.GetRelativePath(root, file), () => File.OpenRead(file)))]);

        image.Length.ShouldBe(4096);
    }

    [Fact]
    public void Folders_that_are_only_implied_get_the_usual_mode()
    {
        var image = Images.Write(SquashFsMember.File("a/b/f", []), SquashFsMember.Directory("a", 0b111_000_000));

        Images.List(image, _scratch).Value.Select(entry => $"{entry.Path} {Convert.ToString(entry.Mode, 8)}").ShouldBe(["a 700", "a/b 755", "a/b/f 644"]);
    }

    [Fact]
    public void The_image_may_start_in_the_middle_of_a_stream()
    {
        var member = SquashFsMember.File("f", Fill(200_000));
        using var output = new MemoryStream();
        output.Write("before"u8);

        SquashFsWriter.Write(output, [member]);

        output.Position.ShouldBe(output.Length);
        output.ToArray()[6..].ShouldBe(Images.Write(member));
    }

    [Fact]
    public void A_file_beyond_4_GiB_keeps_its_size()
    {
        var size = (4L << 30) + 1;
        using (var output = File.Create(_scratch.File("image")))
        {
            SquashFsWriter.Write(output, [SquashFsMember.File("big", () => new Zeros(size)), SquashFsMember.File("later", Fill(200_000))]);
        }

        var limits = ExtractionLimits.Default with { MaxRatio = 10_000 };
        Images.List(_scratch.File("image"), limits).Value.Select(entry => entry.Size).ShouldBe([size, 200_000]);
        Images.Inspect(_scratch.File("image"), image => image.ReadFile("later", 200_000), limits).Value.ShouldBe(Fill(200_000));
    }

    [Fact]
    public void An_empty_tree_is_an_image_too()
    {
        Images.Extract(Images.Write(), _scratch).Value.ShouldBe(new ExtractionReport(0, 0, 0, 0));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/f")]
    [InlineData("a//f")]
    [InlineData("a/")]
    [InlineData("../f")]
    [InlineData("a/./f")]
    [InlineData("a\0f")]
    public void A_path_that_the_reader_would_refuse_is_not_written(string path) =>
        Should.Throw<ArgumentException>(() => Images.Write(SquashFsMember.File(path, [])));

    [Fact]
    public void Members_that_contradict_each_other_are_not_written()
    {
        Should.Throw<ArgumentException>(() => Images.Write(SquashFsMember.File("f", []), SquashFsMember.File("f", [])));
        Should.Throw<ArgumentException>(() => Images.Write(SquashFsMember.File("f", []), SquashFsMember.File("f/g", [])));
        Should.Throw<ArgumentException>(() => Images.Write(SquashFsMember.File("f/g", []), SquashFsMember.File("f", [])));
        Should.Throw<ArgumentException>(() => Images.Write(SquashFsMember.Symlink("l", "../out")));
        Should.Throw<ArgumentOutOfRangeException>(() => SquashFsMember.File("f", [], 0b100_000_000_000));
    }

    private bool RoundTrips(IReadOnlyList<SampleEntry> tree)
    {
        var members = tree.Select(entry => entry.ToMember()).ToArray();
        var image = Images.Write(members);
        File.WriteAllBytes(_scratch.File("image"), image);
        Array.Reverse(members);
        var listed = Images.List(_scratch.File("image")).Value.ToDictionary(entry => entry.Path);

        return Images.Write(members).AsSpan().SequenceEqual(image)
            && Images.Extract(_scratch.File("image"), _scratch.Fresh("out")).IsOk
            && tree.All(entry => listed[entry.Path] is var found && found.Kind == entry.Kind && found.Mode == entry.Mode && found.LinkTarget == entry.Target)
            && tree.Where(entry => entry.Kind == SquashFsEntryKind.File)
                .All(entry => File.ReadAllBytes(Path.Combine(_scratch.File("out"), entry.Path)).AsSpan().SequenceEqual(entry.Content));
    }

    // Keeps what can stand in one tree: no path twice, nothing below a file or a link.
    private static IReadOnlyList<SampleEntry> Compatible(IEnumerable<SampleEntry> entries)
    {
        var kept = new Dictionary<string, SampleEntry>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var clashes = kept.Values.Any(other => other.Path == entry.Path
                || (other.Kind != SquashFsEntryKind.Directory && entry.Path.StartsWith(other.Path + "/", StringComparison.Ordinal))
                || (entry.Kind != SquashFsEntryKind.Directory && other.Path.StartsWith(entry.Path + "/", StringComparison.Ordinal)));
            if (!clashes)
            {
                kept.Add(entry.Path, entry);
            }
        }

        return [.. kept.Values];
    }

    private static byte[] Fill(int size)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content.AsSpan(0, size / 2));
        return content;
    }

    /// <summary>More zeros than fit in memory.</summary>
    private sealed class Zeros(long remaining) : MemoryStream
    {
        private long _remaining = remaining;

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(buffer.Length, _remaining);
            _remaining -= count;
            buffer[..count].Clear();
            return count;
        }
    }

    /// <summary>Yields a few bytes at a time, as a network does.</summary>
    private sealed class Drip(byte[] content) : MemoryStream(content, writable: false)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 777));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 777)]);
    }
}
