namespace Gtc.Wasm.Tests;

/// <summary>Damages modules, reproducibly.</summary>
internal static class Mutation
{
    // Opcodes, prefixes, types and numbers that mean something in many places.
    private static readonly byte[] Telling = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x0B, 0x0C, 0x0E, 0x10, 0x11, 0x1A, 0x20, 0x21, 0x28, 0x36, 0x40, 0x41, 0x6A, 0x6F, 0x70, 0x7B, 0x7C, 0x7E, 0x7F, 0x80, 0xFC, 0xFD, 0xFF];

    /// <summary>A damaged copy. Most damage keeps the length, so that the sections around it still make sense.</summary>
    public static byte[] Of(byte[] module, byte[] other, Random random)
    {
        var bytes = module.ToList();
        for (var left = 1 + random.Next(3); left > 0; left--)
        {
            var place = 8 + random.Next(bytes.Count - 8);
            switch (random.Next(12))
            {
                case 0:
                    bytes.Insert(place, Telling[random.Next(Telling.Length)]);
                    break;
                case 1:
                    bytes.RemoveRange(place, Math.Min(1 + random.Next(4), bytes.Count - place));
                    break;
                case 2:
                    var length = Math.Min(random.Next(24), Math.Min(bytes.Count - place, other.Length));
                    var from = random.Next(other.Length - length + 1);
                    for (var at = 0; at < length; at++)
                    {
                        bytes[place + at] = other[from + at];
                    }

                    break;
                case 3 or 4 or 5:
                    bytes[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 6:
                    bytes[place] = (byte)random.Next(256);
                    break;
                default:
                    bytes[place] = Telling[random.Next(Telling.Length)];
                    break;
            }

            if (bytes.Count <= 9)
            {
                break;
            }
        }

        return [.. bytes];
    }

    /// <summary>A damaged copy whose sections still have the lengths that they claim: one is damaged inside, left out, repeated, moved, or taken from another file.</summary>
    public static byte[] OfSections(byte[] module, byte[] other, Random random)
    {
        var sections = Split(module);
        var place = random.Next(sections.Count);
        switch (random.Next(8))
        {
            case 0:
                sections.RemoveAt(place);
                break;
            case 1:
                sections.Insert(random.Next(sections.Count), sections[place]);
                break;
            case 2:
                (sections[place], sections[^1]) = (sections[^1], sections[place]);
                break;
            case 3:
                var others = Split(other);
                sections[place] = others[random.Next(others.Count)];
                break;
            default:
                // Eight bytes before the content stand for the preamble, which damage spares.
                byte[] whole = [.. new byte[8], .. sections[place].Content];
                sections[place] = (sections[place].Number, whole.Length > 8 ? Of(whole, other, random)[8..] : []);
                break;
        }

        List<byte> bytes = [.. module[..8]];
        foreach (var section in sections)
        {
            bytes.Add(section.Number);
            bytes.AddRange(new Components.Bytes().Number(section.Content.Length).Add(section.Content).ToArray());
        }

        return [.. bytes];
    }

    private static List<(byte Number, byte[] Content)> Split(byte[] module) =>
        [.. WasmSection.List(module, WasmLimits.Default).Value.Select(section => (section.Number, module[section.Start..(section.Start + section.Length)]))];
}
