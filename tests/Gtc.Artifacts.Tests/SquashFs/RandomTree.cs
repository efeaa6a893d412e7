namespace Gtc.Artifacts.Tests.SquashFs;

/// <summary>Trees that touch what the format treats specially: block boundaries, zero runs, crowded folders, long and odd names.</summary>
internal static class RandomTree
{
    private const int Block = 128 << 10;

    private static readonly string[] OddNames =
    [
        "ÿ", "日本語", "😀", "e\u0301", "with space", "-dash", "back\\slash", "quote\"'", "new\nline", "...", "a.b.c", "~", "%2e%2e", "CON",
    ];

    public static IReadOnlyList<SampleEntry> Make(int seed)
    {
        var random = new Random(seed);
        var entries = new List<SampleEntry>();
        var folders = new List<string> { "" };
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (var count = random.Next(1, 40); count > 0; count--)
        {
            var parent = folders[random.Next(folders.Count)];
            var path = parent + Name(random);
            if (!taken.Add(path))
            {
                continue;
            }

            switch (random.Next(10))
            {
                case < 3 when path.Count(c => c == '/') < 12:
                    entries.Add(SampleEntry.Folder(path, 0b111_000_000 | random.Next(64)));
                    folders.Add(path + "/");
                    break;
                case 3:
                    entries.Add(SampleEntry.Link(path, Target(random, parent)));
                    break;
                default:
                    entries.Add(SampleEntry.File(path, Content(random), 0b110_000_000 | random.Next(128)));
                    break;
            }
        }

        if (seed % 10 == 0)
        {
            Crowd(random, entries, seed % 20 == 0 ? 230 : 3);
        }

        return entries;
    }

    private static string Name(Random random) => random.Next(8) switch
    {
        0 => OddNames[random.Next(OddNames.Length)],
        1 => new string((char)('a' + random.Next(26)), 255),
        2 => $"{OddNames[random.Next(OddNames.Length)]}{random.Next(100)}",
        _ => $"entry-{random.Next(1000)}",
    };

    private static string Target(Random random, string parent)
    {
        var climbs = string.Concat(Enumerable.Repeat("../", random.Next(parent.Count(c => c == '/') + 1)));
        return climbs + Name(random);
    }

    private static byte[] Content(Random random)
    {
        int[] edges = [0, 1, 4095, 4096, 4097, 65536, Block - 1, Block, Block + 1, (2 * Block) - 1, 2 * Block, (2 * Block) + 1];
        var size = random.Next(4) switch
        {
            0 => edges[random.Next(edges.Length)],
            1 => random.Next(3 * Block),
            _ => random.Next(2000),
        };
        var content = new byte[size];
        switch (random.Next(4))
        {
            case 0:
                random.NextBytes(content);
                break;
            case 1: // nothing but zeros
                break;
            case 2: // data, a hole, data
                random.NextBytes(content.AsSpan(0, size / 5));
                random.NextBytes(content.AsSpan(size - (size / 7)));
                break;
            default:
                for (var at = 0; at < size; at++)
                {
                    content[at] = (byte)"the quick brown fox "[(at + (at / 977)) % 20];
                }

                break;
        }

        return content;
    }

    // More entries than one header takes; with long names, more bytes than a basic directory inode can count.
    private static void Crowd(Random random, List<SampleEntry> entries, int nameLength)
    {
        entries.Add(SampleEntry.Folder("crowd", 0b111_101_101));
        for (var index = 0; index < 600; index++)
        {
            var path = $"crowd/{index:d4}{new string('x', nameLength)}";
            entries.Add(index % 50 == 7
                ? SampleEntry.Folder(path, 0b111_000_111)
                : SampleEntry.File(path, index % 3 == 0 ? [] : BitConverter.GetBytes(random.Next()), 0b110_100_100));
        }
    }
}
