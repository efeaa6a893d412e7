namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>One entry of a listing: a checked name and where its inode is.</summary>
internal readonly record struct DirectoryEntry(string Name, ulong InodeReference, int BasicType);

/// <summary>Reads the listing of a directory, entry by entry.</summary>
internal sealed class DirectoryReader(MetadataReader metadata, TableLayout layout)
{
    private const int MaxEntriesPerHeader = 256;
    private const int HeaderBytes = 12;
    private const int EntryBytes = 8;

    public IEnumerable<DirectoryEntry> Read(Inode directory)
    {
        var remaining = directory.Size;
        if (remaining == 0)
        {
            yield break;
        }

        var cursor = metadata.Open(layout.DirectoryStart + (long)directory.Start, (int)directory.Offset, layout.DirectoryEnd);
        var name = new byte[EntryName.MaxBytes + 1];
        while (remaining > 0)
        {
            var count = cursor.ReadUInt32() + 1L;
            var block = (ulong)cursor.ReadUInt32() << 16;
            cursor.ReadUInt32(); // inode number that the entries count from
            remaining -= HeaderBytes;
            if (count > MaxEntriesPerHeader)
            {
                throw ImageFault.Malformed("a directory header announces too many entries", $"at most {MaxEntriesPerHeader}", $"{count}");
            }

            for (; count > 0; count--)
            {
                var offset = cursor.ReadUInt16();
                cursor.ReadUInt16(); // inode number, relative
                var type = cursor.ReadUInt16();
                var length = cursor.ReadUInt16() + 1;
                remaining -= EntryBytes + length;
                if (length > EntryName.MaxBytes || remaining < 0)
                {
                    throw ImageFault.Malformed(
                        "a directory entry does not fit", $"a name of at most {EntryName.MaxBytes} bytes inside the listing", $"{length} bytes");
                }

                cursor.Read(name.AsSpan(0, length));
                yield return new(EntryName.Decode(name.AsSpan(0, length)), block | offset, type);
            }
        }
    }
}
