using System.Buffers.Binary;

namespace Gtc.Artifacts.Tests.SquashFs;

/// <summary>Damages images in the ways that parsers stumble over. The same seed gives the same damage.</summary>
internal static class Mutation
{
    private static readonly ulong[] Edges =
    [
        0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x100, 0xFFF, 0x1000, 0x1FFF, 0x2000, 0x2001, 0x7FFF, 0x8000, 0x8001, 0x9FFF, 0xA000, 0xA001, 0xFFFF, 0x10000,
        0x1FFFF, 0x20000, 0xFFFFF, 0x100000, 0x0100_0000, 0x0100_1000, 0x0200_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF,
        0x1_0000_0000, 0xFFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFE, 0xFFFF_FFFF_FFFF_FFFF,
    ];

    public static byte[] Apply(byte[] image, int seed)
    {
        var random = new Random(seed);
        byte[] damaged = [.. image];
        for (var count = 1 + random.Next(random.Next(4) == 0 ? 12 : 2); count > 0 && damaged.Length > 8; count--)
        {
            // A third of the damage goes to the superblock, which is small but decides everything.
            var at = random.Next(3) == 0 ? random.Next(Math.Min(96, damaged.Length - 8)) : random.Next(damaged.Length - 8);
            damaged = Damage(damaged, at, random);
        }

        return damaged;
    }

    private static byte[] Damage(byte[] image, int at, Random random)
    {
        var place = image.AsSpan(at);
        switch (random.Next(9))
        {
            case 0:
                image[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                image[at] = (byte)random.Next(256);
                break;
            case 2:
                return image[..random.Next(image.Length)];
            case 3:
                BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)Edges[random.Next(Edges.Length)]);
                break;
            case 4:
                BinaryPrimitives.WriteUInt32LittleEndian(place, (uint)Edges[random.Next(Edges.Length)]);
                break;
            case 5:
                BinaryPrimitives.WriteUInt64LittleEndian(place, Edges[random.Next(Edges.Length)]);
                break;
            case 6: // a number that is almost right
                BinaryPrimitives.WriteUInt32LittleEndian(place, BinaryPrimitives.ReadUInt32LittleEndian(place) + (uint)random.Next(-16, 17));
                break;
            case 7: // a copy of some other part
                var length = random.Next(1, Math.Min(64, image.Length - at));
                image.AsSpan(random.Next(image.Length - length), length).ToArray().CopyTo(place);
                break;
            default: // a pointer to somewhere inside
                BinaryPrimitives.WriteUInt64LittleEndian(place, (ulong)random.Next(image.Length));
                break;
        }

        return image;
    }
}
