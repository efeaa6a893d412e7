using System.Buffers;
using System.Text;

namespace Gtc.Nats.Tests;

/// <summary>Bytes as they may come: in any pieces.</summary>
internal static class Pieces
{
    /// <summary>A sequence of segments that end at the given positions.</summary>
    public static ReadOnlySequence<byte> Cut(byte[] bytes, params int[] ends)
    {
        var first = new Piece(default, 0);
        var last = first;
        var from = 0;
        foreach (var end in ends.Append(bytes.Length))
        {
            last = last.Then(bytes.AsMemory(from, end - from));
            from = end;
        }

        return new(first, 0, last, last.Memory.Length);
    }

    /// <summary>What was read, in words, until more bytes are needed.</summary>
    public static List<string> ReadAll(this FrameReader reader, ref ReadOnlySequence<byte> rest)
    {
        var read = new List<string>();
        while (reader.TryRead(ref rest, out var frame))
        {
            read.Add(frame.Kind == FrameKind.Message
                ? $"{Text(frame.Subject)}|{frame.Sid}|{Text(frame.ReplyTo)}|{Text(frame.Headers)}|{Text(frame.Payload)}"
                : $"{frame.Kind} {Text(frame.Text)}");
        }

        return read;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Piece Then(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
