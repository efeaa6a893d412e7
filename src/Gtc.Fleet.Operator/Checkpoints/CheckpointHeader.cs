using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Gtc.Fleet.Operator;

/// <summary>Where one page of a cut is.</summary>
/// <param name="Claim">The claim of the operator that wrote it: no two of them have a place in common.</param>
/// <param name="Slot">Which of the page's two places of that claim.</param>
/// <param name="Crc">CRC-32C of its bytes.</param>
internal readonly record struct PagePlace(long Claim, byte Slot, uint Crc);

/// <summary>Whose time of leading a checkpoint is of.</summary>
/// <param name="Lease">The uid of the Lease: numbers of two of them are not compared.</param>
/// <param name="Number">How often it had changed hands.</param>
/// <param name="Holder">Who held it.</param>
internal sealed record LeaseEpoch(string Lease, int Number, string Holder)
{
    /// <summary>Whether another epoch of the same Lease is later than this one.</summary>
    public bool IsBefore(LeaseEpoch other) => other.Lease == Lease && other.Number > Number;
}

/// <summary>
/// What makes pages a cut: how far each source was read into them, and which of the two places of each page belongs to it. It is written last, into the
/// place that the header before it does not use, so that a crash at any moment leaves one that is whole.
/// </summary>
internal sealed record CheckpointHeader
{
    private const uint Magic = 0x31435447;
    private const int Version = 2;

    /// <summary>Counts up with every cut; the higher of two whole headers is the newest.</summary>
    public required long Generation { get; init; }

    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>Under which Lease it was written.</summary>
    public required LeaseEpoch Epoch { get; init; }

    public required IReadOnlyDictionary<string, StreamPosition> Positions { get; init; }

    /// <summary>The version to resume the watch of devices from; null to list them.</summary>
    public string? DevicesVersion { get; init; }

    public required IReadOnlyDictionary<PageId, PagePlace> Pages { get; init; }

    public static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var one in bytes)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }

    public byte[] Write()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(Generation);
        writer.Write(WrittenAt.UtcTicks);
        writer.Write(Epoch.Lease);
        writer.Write(Epoch.Number);
        writer.Write(Epoch.Holder);
        writer.Write(DevicesVersion ?? "");
        writer.Write7BitEncodedInt(Positions.Count);
        foreach (var (stream2, position) in Positions)
        {
            writer.Write(stream2);
            writer.Write(position.Created.UtcTicks);
            writer.Write(position.Sequence);
        }

        writer.Write7BitEncodedInt(Pages.Count);
        foreach (var (id, place) in Pages)
        {
            writer.Write((byte)id.Kind);
            writer.Write7BitEncodedInt(id.Number);
            writer.Write7BitEncodedInt64(place.Claim);
            writer.Write(place.Slot);
            writer.Write(place.Crc);
        }

        writer.Write(Crc(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        return stream.ToArray();
    }

    /// <summary>Reads a header; null when it is torn, of another version, or none.</summary>
    public static CheckpointHeader? Read(byte[]? bytes)
    {
        if (bytes is not { Length: > 12 } || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4)) != Crc(bytes.AsSpan(0, bytes.Length - 4)))
        {
            return null;
        }

        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        if (reader.ReadUInt32() != Magic || reader.ReadInt32() != Version)
        {
            return null;
        }

        var (generation, at) = (reader.ReadInt64(), reader.ReadInt64());
        var epoch = new LeaseEpoch(reader.ReadString(), reader.ReadInt32(), reader.ReadString());
        var devices = reader.ReadString();
        var positions = new Dictionary<string, StreamPosition>();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            positions.Add(reader.ReadString(), new StreamPosition(new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero), reader.ReadUInt64()));
        }

        var pages = new Dictionary<PageId, PagePlace>();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            pages.Add(new PageId((PageKind)reader.ReadByte(), reader.Read7BitEncodedInt()), new PagePlace(reader.Read7BitEncodedInt64(), reader.ReadByte(), reader.ReadUInt32()));
        }

        return new CheckpointHeader
        {
            Generation = generation,
            WrittenAt = new DateTimeOffset(at, TimeSpan.Zero),
            Epoch = epoch,
            DevicesVersion = devices.Length == 0 ? null : devices,
            Positions = positions,
            Pages = pages,
        };
    }
}
