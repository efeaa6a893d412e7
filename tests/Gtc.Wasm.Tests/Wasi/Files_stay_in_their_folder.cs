using System.Text;
using Gtc.Wasm.Wasi;

namespace Gtc.Wasm.Tests.Wasi;

public sealed class Files_stay_in_their_folder : IDisposable
{
    private readonly string _outside = Directory.CreateTempSubdirectory("gtc-wasi-").FullName;
    private readonly WasiContext _context;
    private readonly WasiDescriptor _folder;

    public Files_stay_in_their_folder()
    {
        var inside = Directory.CreateDirectory(Path.Combine(_outside, "inside")).FullName;
        File.WriteAllText(Path.Combine(_outside, "secret"), "no");
        File.WriteAllText(Path.Combine(inside, "file"), "yes");
        Directory.CreateDirectory(Path.Combine(inside, "sub"));
        File.CreateSymbolicLink(Path.Combine(inside, "absolute"), Path.Combine(_outside, "secret"));
        File.CreateSymbolicLink(Path.Combine(inside, "relative"), "../secret");
        File.CreateSymbolicLink(Path.Combine(inside, "within"), "sub/../file");
        Directory.CreateSymbolicLink(Path.Combine(inside, "up"), "..");
        _context = new WasiContext(WasiGrants.None with { FileBytes = 1000 }, TimeProvider.System, _ => { });
        _folder = WasiDescriptor.OfFolder(_context, new WasiFolder("/", inside, IsWritable: true));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _context.Dispose();
        Directory.Delete(_outside, recursive: true);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("sub/../file")]
    [InlineData("./file")]
    [InlineData("within")]
    public void What_is_inside_opens(string path)
    {
        using var file = _folder.Open(path, FileSystemCalls.ReadOnly, read: true, write: false);
        Encoding.UTF8.GetString(file.Read(0, 10).Span).ShouldBe("yes");
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("sub/../../secret")]
    [InlineData("/etc/hostname")]
    [InlineData("absolute")]
    [InlineData("relative")]
    [InlineData("up/secret")]
    public void What_leads_out_does_not(string path)
    {
        Should.Throw<FileFaultException>(() => _folder.Open(path, FileSystemCalls.ReadOnly, read: true, write: false)).Fault.ShouldBe(FileFault.NotPermitted);
        Should.Throw<FileFaultException>(() => _folder.StatusAt(path, follow: true)).Fault.ShouldBe(FileFault.NotPermitted);
    }

    [Theory]
    [InlineData("../new")]
    [InlineData("up/new")]
    [InlineData("..")]
    [InlineData("/new")]
    public void Nothing_is_changed_outside(string path) => Should.Throw<FileFaultException>(() => _folder.Holder(path)).Fault.ShouldBe(FileFault.NotPermitted);

    [Fact]
    public void What_is_written_is_counted()
    {
        using var file = _folder.Open("new", FileSystemCalls.Create | FileSystemCalls.ReadWrite, read: true, write: true);
        file.Write(new byte[900], 0);
        Should.Throw<FileFaultException>(() => file.Write(new byte[200], 900)).Fault.ShouldBe(FileFault.Quota);
        file.Status.Size.ShouldBe(900UL);
    }

    [Fact]
    public void Open_files_are_counted()
    {
        var open = new List<WasiDescriptor>();
        Should.Throw<FileFaultException>(() =>
        {
            while (true)
            {
                open.Add(_folder.Open("file", FileSystemCalls.ReadOnly, read: true, write: false));
            }
        }).Fault.ShouldBe(FileFault.Quota);
        open.Count.ShouldBe(WasiContext.MostDescriptors - 1);
        open.ForEach(file => file.Dispose());
    }

    [Fact]
    public void A_listing_has_every_name_with_its_type()
    {
        var entries = new DirectoryEntries(_folder);
        var found = new List<(uint Type, string Name)>();
        while (entries.Next() is { } entry)
        {
            found.Add(entry);
        }

        found.ShouldContain((6u, "file"));
        found.ShouldContain((3u, "sub"));
        found.ShouldContain((5u, "up"));
        found.Count.ShouldBe(6);
    }
}
