using Gtc.Artifacts.SquashFs;

namespace Gtc.Artifacts.Tests.SquashFs;

/// <summary>One entry of a tree that is made for a test, or found on disk.</summary>
internal sealed record SampleEntry(string Path, SquashFsEntryKind Kind, int Mode, byte[] Content, string? Target)
{
    public static SampleEntry Folder(string path, int mode) => new(path, SquashFsEntryKind.Directory, mode, [], null);

    public static SampleEntry File(string path, byte[] content, int mode) => new(path, SquashFsEntryKind.File, mode, content, null);

    public static SampleEntry Link(string path, string target) => new(path, SquashFsEntryKind.Symlink, 0b111_111_111, [], target);

    public SquashFsMember ToMember() => Kind switch
    {
        SquashFsEntryKind.Directory => SquashFsMember.Directory(Path, Mode),
        SquashFsEntryKind.File => SquashFsMember.File(Path, Content, Mode),
        _ => SquashFsMember.Symlink(Path, Target!),
    };

    /// <summary>Everything that must agree, in a line; content as length and hash.</summary>
    public override string ToString() =>
        $"{Path} {Kind} {Convert.ToString(Mode, 8)} {Target} {Content.Length} {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Content))[..16]}";
}
