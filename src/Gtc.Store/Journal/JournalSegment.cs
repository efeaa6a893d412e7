using System.Collections.Immutable;

namespace Gtc.Store;

/// <summary>The lines of one segment, and what is wrong with it.</summary>
internal sealed class JournalSegment
{
    private readonly byte[] _bytes;

    private JournalSegment(string path, byte[] bytes, ImmutableArray<Range> payloads, int soundLength, int? room)
    {
        Path = path;
        _bytes = bytes;
        Payloads = payloads;
        SoundLength = soundLength;
        Room = room;
    }

    public string Path { get; }

    /// <summary>Where the payloads of the readable lines are.</summary>
    public ImmutableArray<Range> Payloads { get; }

    /// <summary>The length of the readable lines at the start.</summary>
    public int SoundLength { get; }

    /// <summary>The readable lines at the start.</summary>
    public ReadOnlySpan<byte> Sound => _bytes.AsSpan(0, SoundLength);

    /// <summary>Whether the rest was being written when the machine stopped: nothing in it was ever flushed.</summary>
    public bool IsTorn { get; private init; }

    /// <summary>How many zeros follow the lines, for lines to come; null when something else follows them.</summary>
    public int? Room { get; }

    /// <summary>Whether the rest was flushed once and is damaged now.</summary>
    public bool IsDamaged => Room is null && !IsTorn;

    public ReadOnlyMemory<byte> Payload(int index) => _bytes.AsMemory(Payloads[index]);

    /// <summary>The generation of its last readable line; 0 without one.</summary>
    public ulong Generation() => Payloads.IsEmpty ? 0 : JournalRecord.ReadStart(Payload(Payloads.Length - 1).Span).Generation;

    /// <summary>Looks at the bytes of a segment.</summary>
    public static JournalSegment Parse(string path, byte[] bytes)
    {
        var payloads = ImmutableArray.CreateBuilder<Range>();
        var offset = 0;
        while (JournalFrame.Read(bytes.AsSpan(offset)) is { } frame)
        {
            payloads.Add(new Range(offset + frame.PayloadStart, offset + frame.PayloadStart + frame.PayloadLength));
            offset += frame.Length;
        }

        var rest = bytes.AsSpan(offset);
        return new JournalSegment(path, bytes, payloads.ToImmutable(), offset, room: rest.ContainsAnyExcept((byte)0) ? null : rest.Length)
        {
            IsTorn = rest.ContainsAnyExcept((byte)0) && !IsFollowedByAFlush(rest),
        };
    }

    /// <summary>
    /// A later flush begins only when the one before has succeeded. So what cannot be read was flushed when the start of a flush
    /// can be read after it, and was never acknowledged otherwise: pages of one flush reach the disk in any order.
    /// </summary>
    private static bool IsFollowedByAFlush(ReadOnlySpan<byte> rest)
    {
        while (rest.IndexOf((byte)'\n') is var end and >= 0)
        {
            rest = rest[(end + 1)..];
            if (JournalFrame.Read(rest) is { SharesFlush: false })
            {
                return true;
            }
        }

        return false;
    }
}
