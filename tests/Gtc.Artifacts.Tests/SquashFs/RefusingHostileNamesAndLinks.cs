using System.Runtime.Versioning;
using Gtc.Artifacts.SquashFs;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.SquashFs;

[UnsupportedOSPlatform("windows")]
public sealed class RefusingHostileNamesAndLinks : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public RefusingHostileNamesAndLinks()
    {
        Directory.CreateDirectory(_scratch.File("out"));
        File.WriteAllText(_scratch.File("outside"), "untouched");
    }

    public void Dispose()
    {
        // Whatever the image was: nothing beside the destination was made or changed.
        Directory.EnumerateFileSystemEntries(_scratch.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["image", "out", "outside"]);
        File.ReadAllText(_scratch.File("outside")).ShouldBe("untouched");
        _scratch.Dispose();
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("/")]
    [InlineData("../outside")]
    [InlineData("/etc/gtc-outside")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    public void A_name_that_is_not_plain_is_refused(string name)
    {
        var raw = new RawImage();
        var file = raw.File("content");

        ShouldRefuse(raw.Build(raw.Directory(RawEntry.Of(name, file, 2))), "a name", listed: false);
    }

    [Fact]
    public void A_name_that_is_not_utf8_is_refused()
    {
        var raw = new RawImage();
        var file = raw.File("content");

        ShouldRefuse(raw.Build(raw.Directory(new RawEntry([0x61, 0xFF], file, 2))), "not UTF-8", listed: false);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(65536)]
    public void A_name_longer_than_255_bytes_is_refused(int length)
    {
        var raw = new RawImage();
        var file = raw.File("content");

        ShouldRefuse(raw.Build(raw.Directory(RawEntry.Of(new string('n', length), file, 2))), "does not fit", listed: false);
    }

    [Fact]
    public void A_path_that_climbs_through_a_real_folder_is_refused()
    {
        var raw = new RawImage();
        var inner = raw.Directory(RawEntry.Of("..", raw.Directory(RawEntry.Of("outside", raw.File("owned"), 2)), 1));

        ShouldRefuse(raw.Build(raw.Directory(RawEntry.Of("d", inner, 1))), "a name walks the tree", listed: false);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    [InlineData(1, 3)]
    public void A_name_that_stands_twice_in_a_folder_is_refused(int first, int second)
    {
        // A link and a folder of one name are how a file gets written through a link.
        var raw = new RawImage();
        ulong Inode(int type) => type switch
        {
            1 => raw.Directory(RawEntry.Of("outside", raw.File("owned"), 2)),
            2 => raw.File("content"),
            _ => raw.Link(".."),
        };

        ShouldRefuse(raw.Build(raw.Directory(RawEntry.Of("d", Inode(first), first), RawEntry.Of("d", Inode(second), second))), "a name twice", listed: false);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("../outside")]
    [InlineData("./../outside")]
    [InlineData("a/../../outside")]
    [InlineData("a/../b")]
    [InlineData("a\0b")]
    public void A_link_at_the_root_that_could_leave_it_is_refused(string target)
    {
        var raw = new RawImage();
        var link = raw.Link(target);

        ShouldRefuse(raw.Build(raw.Directory(RawEntry.Of("l", link, 3))), "a symbolic link", listed: true);
    }

    [Fact]
    public void A_chain_of_links_that_ends_outside_is_refused()
    {
        var raw = new RawImage();
        var root = raw.Directory(RawEntry.Of("a", raw.Link("b"), 3), RawEntry.Of("b", raw.Link(".."), 3), RawEntry.Of("c", raw.Link("a/outside"), 3));

        ShouldRefuse(raw.Build(root), "leaves the root", listed: true);
    }

    [Fact]
    public void A_link_that_climbs_out_of_another_links_target_is_refused()
    {
        // d/e/l is the root itself; taken as text, d/e/l/../.. would be d, but the kernel stands two levels above the root.
        var raw = new RawImage();
        var inner = raw.Directory(RawEntry.Of("l", raw.Link("../.."), 3));
        var root = raw.Directory(RawEntry.Of("d", raw.Directory(RawEntry.Of("e", inner, 1)), 1), RawEntry.Of("x", raw.Link("d/e/l/../../outside"), 3));

        ShouldRefuse(raw.Build(root), "climbs after a name", listed: true);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    public void Links_that_stay_inside_are_made_even_when_they_dangle(int type)
    {
        var raw = new RawImage();
        var inner = raw.Directory(RawEntry.Of("up", raw.Link("../f", type), type == 10 ? 3 : type), RawEntry.Of("none", raw.Link("./missing"), 3));
        var image = raw.Build(raw.Directory(RawEntry.Of("d", inner, 1), RawEntry.Of("f", raw.File("inside"), 2)));

        Images.Extract(image, _scratch).Value.ShouldBe(new ExtractionReport(1, 1, 2, 6));

        File.ReadAllText(_scratch.File("out/d/up")).ShouldBe("inside");
        new FileInfo(_scratch.File("out/d/none")).LinkTarget.ShouldBe("./missing");
    }

    [Fact]
    public void A_target_that_is_empty_or_beyond_what_linux_follows_is_refused()
    {
        foreach (var target in (string[])["", new string('t', 4096)])
        {
            var raw = new RawImage();
            ShouldRefuse(raw.Build(raw.Directory(RawEntry.Of("l", raw.Link(target), 3))), "a symbolic link has a bad length", listed: false);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void Devices_fifos_and_sockets_are_listed_but_never_made(int type)
    {
        var raw = new RawImage();
        var image = raw.Build(raw.Directory(RawEntry.Of("special", raw.Special(type), type > 7 ? type - 7 : type)));

        ShouldRefuse(image, "a device, a fifo or a socket", listed: true);

        Images.List(_scratch.File("image")).Value.Single().Kind.ShouldBe(SquashFsEntryKind.Special);
    }

    [Fact]
    public void A_folder_that_holds_itself_is_refused()
    {
        var raw = new RawImage();
        var start = raw.Header(0, 0);
        raw.Entry(RawEntry.Of("again", raw.NextInode, 1));

        ShouldRefuse(raw.Build(raw.Directory(1, start, 12 + 8 + 5)), "reached twice", listed: false);
    }

    [Fact]
    public void A_folder_in_two_places_is_refused()
    {
        var raw = new RawImage();
        var shared = raw.Directory(RawEntry.Of("f", raw.File("x"), 2));

        ShouldRefuse(raw.Build(raw.Directory(RawEntry.Of("one", shared, 1), RawEntry.Of("two", shared, 1))), "reached twice", listed: false);
    }

    [Fact]
    public void A_destination_that_is_not_empty_is_refused()
    {
        // Otherwise a link that waits there would be written through.
        File.WriteAllBytes(_scratch.File("image"), Images.Write(SquashFsMember.File("d/f", "x"u8.ToArray())));
        File.CreateSymbolicLink(_scratch.File("out/d"), "..");

        Images.Extract(_scratch.File("image"), _scratch.File("out")).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    private void ShouldRefuse(byte[] image, string reason, bool listed)
    {
        var refusal = Images.Extract(image, _scratch).Refusal.ShouldBeOfType<Refusal.MalformedArtifact>();

        Images.Explain(refusal).ShouldContain(reason);
        Directory.EnumerateFileSystemEntries(_scratch.File("out")).ShouldBeEmpty("a refusal for the structure comes before the first write");
        Images.List(_scratch.File("image")).IsOk.ShouldBe(listed);
    }
}
