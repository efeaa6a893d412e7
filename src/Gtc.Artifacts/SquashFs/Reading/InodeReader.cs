using System.Text;
using System.Text.Unicode;

namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>Reads inodes of all fourteen types.</summary>
internal sealed class InodeReader(MetadataReader metadata, TableLayout layout)
{
    private const int PermissionBits = 0xFFF;

    // A listing's stored size counts three bytes for "." and "..", which are not stored.
    private const int ImplicitListingBytes = 3;

    /// <summary>Reads the inode that a reference names: block position in the table (48 bits), then offset in the block (16 bits).</summary>
    public Inode Read(ulong reference)
    {
        var block = reference >> 16;
        if (block >= (ulong)(layout.DirectoryStart - layout.InodeStart))
        {
            throw ImageFault.Malformed(
                "an inode reference leaves the inode table", $"below {layout.DirectoryStart - layout.InodeStart}", $"{block}");
        }

        var cursor = metadata.Open(layout.InodeStart + (long)block, (int)(reference & 0xFFFF), layout.DirectoryStart);
        var type = cursor.ReadUInt16();
        var mode = cursor.ReadUInt16() & PermissionBits;
        cursor.ReadUInt32(); // owner and group: everything belongs to whoever extracts
        cursor.ReadUInt64(); // modification time and inode number
        return type switch
        {
            1 => BasicDirectory(cursor, mode),
            2 => BasicFile(cursor, mode),
            3 or 10 => Link(cursor, mode),
            4 or 5 or 6 or 7 => Special(mode, type),
            8 => ExtendedDirectory(cursor, mode),
            9 => ExtendedFile(cursor, mode),
            11 or 12 or 13 or 14 => Special(mode, type - 7),
            _ => throw ImageFault.Malformed("an inode has an unknown type", "1 to 14", $"{type}"),
        };
    }

    /// <summary>Reads the target of a symbolic link.</summary>
    public static string ReadTarget(Inode link)
    {
        if (link.Size is 0 or > LinkRule.MaxTargetBytes)
        {
            throw ImageFault.Malformed("a symbolic link has a bad length", $"1 to {LinkRule.MaxTargetBytes} bytes", $"{link.Size} bytes");
        }

        var bytes = new byte[link.Size];
        link.Rest!.Read(bytes);
        return Utf8.IsValid(bytes)
            ? Encoding.UTF8.GetString(bytes)
            : throw ImageFault.Malformed("a symbolic link is not UTF-8", "valid UTF-8", Convert.ToHexStringLower(bytes.AsSpan(0, Math.Min(bytes.Length, 64))));
    }

    private static Inode BasicDirectory(MetadataCursor cursor, int mode)
    {
        var start = cursor.ReadUInt32();
        cursor.ReadUInt32(); // links
        var size = cursor.ReadUInt16();
        return Directory(mode, start, size, cursor.ReadUInt16());
    }

    private static Inode ExtendedDirectory(MetadataCursor cursor, int mode)
    {
        cursor.ReadUInt32(); // links
        var size = cursor.ReadUInt32();
        var start = cursor.ReadUInt32();
        cursor.ReadUInt32(); // parent
        cursor.ReadUInt16(); // entries of the look-up index, which is not needed
        return Directory(mode, start, size, cursor.ReadUInt16());
    }

    private static Inode Directory(int mode, uint start, uint size, uint offset) => new()
    {
        Kind = SquashFsEntryKind.Directory,
        BasicType = 1,
        Mode = mode,
        Size = Math.Max(0, (long)size - ImplicitListingBytes),
        Start = start,
        Offset = offset,
    };

    private static Inode BasicFile(MetadataCursor cursor, int mode)
    {
        var start = cursor.ReadUInt32();
        var fragment = cursor.ReadUInt32();
        var offset = cursor.ReadUInt32();
        return File(cursor, mode, start, fragment, offset, cursor.ReadUInt32());
    }

    private static Inode ExtendedFile(MetadataCursor cursor, int mode)
    {
        var start = cursor.ReadUInt64();
        var size = cursor.ReadUInt64();
        cursor.ReadUInt64(); // bytes saved by sparse blocks
        cursor.ReadUInt32(); // links
        var fragment = cursor.ReadUInt32();
        var offset = cursor.ReadUInt32();
        cursor.ReadUInt32(); // extended attributes
        return File(cursor, mode, start, fragment, offset, size);
    }

    private static Inode File(MetadataCursor cursor, int mode, ulong start, uint fragment, uint offset, ulong size) => new()
    {
        Kind = SquashFsEntryKind.File,
        BasicType = 2,
        Mode = mode,
        Size = (long)Math.Min(size, long.MaxValue),
        Start = start,
        Fragment = fragment,
        Offset = offset,
        Rest = cursor,
    };

    private static Inode Link(MetadataCursor cursor, int mode)
    {
        cursor.ReadUInt32(); // links
        return new() { Kind = SquashFsEntryKind.Symlink, BasicType = 3, Mode = mode, Size = cursor.ReadUInt32(), Rest = cursor };
    }

    private static Inode Special(int mode, int type) => new() { Kind = SquashFsEntryKind.Special, BasicType = type, Mode = mode };
}
