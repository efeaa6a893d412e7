using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Gtc.Podman;

/// <summary>Splits streams: into lines of JSON, and into the frames of a container's output. Both are bounded.</summary>
internal static class StreamLines
{
    public const int MaxLine = 256 * 1024;
    public const int MaxFrame = 1024 * 1024;
    private const int FrameHead = 8;

    /// <summary>The lines of a stream without their ends; empty ones are left out.</summary>
    /// <exception cref="ProtocolException">A line is too long.</exception>
    public static async IAsyncEnumerable<byte[]> LinesAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        while (true)
        {
            var read = await pipe.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                if (Line(buffer.Slice(0, end)) is { Length: > 0 } line)
                {
                    yield return line;
                }

                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }

            if (buffer.Length > MaxLine)
            {
                throw new ProtocolException($"a line is longer than {MaxLine} bytes");
            }

            if (read.IsCompleted)
            {
                if (Line(buffer) is { Length: > 0 } last)
                {
                    yield return last;
                }

                yield break;
            }

            pipe.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>The frames of a container's output: one byte for the stream, three that are zero, a length in big-endian order, the text.</summary>
    /// <exception cref="ProtocolException">A frame is too long, or is none.</exception>
    public static async IAsyncEnumerable<(bool IsError, byte[] Text)> FramesAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var head = new byte[FrameHead];
        while (true)
        {
            var read = await stream.ReadAtLeastAsync(head, FrameHead, throwOnEndOfStream: false, cancellationToken);
            if (read == 0)
            {
                yield break;
            }

            if (read < FrameHead || head[0] > 2 || head[1] != 0 || head[2] != 0 || head[3] != 0)
            {
                throw new ProtocolException("a frame of a container's output has no valid head");
            }

            var length = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4));
            if (length > MaxFrame)
            {
                throw new ProtocolException($"a frame of a container's output has {length} bytes, at most {MaxFrame} are read");
            }

            var text = new byte[length];
            if (await stream.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancellationToken) < text.Length)
            {
                throw new ProtocolException("a container's output ends within a frame");
            }

            yield return (head[0] == 2, text);
        }
    }

    private static byte[] Line(ReadOnlySequence<byte> bytes)
    {
        if (bytes.Length > MaxLine)
        {
            throw new ProtocolException($"a line is longer than {MaxLine} bytes");
        }

        var line = bytes.ToArray();
        return line is [.., (byte)'\r'] ? line[..^1] : line;
    }
}
