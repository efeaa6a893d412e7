using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Numerics;
using System.Text;

namespace Gtc.Store;

/// <summary>
/// One line of a journal segment: <c>LLLLLLLL CCCCCCCC{ |+}PAYLOAD\n</c>. L is the payload's length and C the checksum, both as
/// eight lower-case hexadecimal digits; the mark is a space on the first record of a flush and <c>+</c> on those that share it.
/// </summary>
/// <remarks>
/// The checksum is CRC32C over length, mark and payload: it has to find what a disk or a power cut did, for which 32 bits and a
/// known length are enough, and it costs nothing. What a person did is found by the SHA-256 chain of the audit lines inside.
/// </remarks>
internal static class JournalFrame
{
    /// <summary>The most bytes of a payload: a document of the largest size, escaped, with its record around it.</summary>
    public const int MaxPayload = 256 << 20;

    private const int LengthDigits = 8;
    private const int ChecksumStart = LengthDigits + 1;
    private const int MarkAt = ChecksumStart + 8;

    /// <summary>Where the payload begins in its line.</summary>
    public const int HeaderLength = MarkAt + 1;

    /// <summary>The bytes that a payload takes in a segment.</summary>
    public static int Length(int payload) => HeaderLength + payload + 1;

    /// <summary>Writes the line of a payload, which holds no newline.</summary>
    public static void Write(ArrayBufferWriter<byte> lines, ReadOnlySpan<byte> payload, bool sharesFlush)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, MaxPayload);
        var line = lines.GetSpan(Length(payload.Length))[..Length(payload.Length)];
        WriteHex(line, (uint)payload.Length);
        line[LengthDigits] = (byte)' ';
        line[MarkAt] = sharesFlush ? (byte)'+' : (byte)' ';
        payload.CopyTo(line[HeaderLength..]);
        line[^1] = (byte)'\n';
        WriteHex(line[ChecksumStart..], Checksum(line));
        lines.Advance(line.Length);
    }

    /// <summary>Reads the line at the start of a span.</summary>
    /// <returns>Null when it is not whole or not what was written.</returns>
    public static Frame? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= HeaderLength
            || !TryReadHex(bytes[..LengthDigits], out var payload)
            || payload > MaxPayload
            || bytes.Length < Length((int)payload))
        {
            return null;
        }

        var line = bytes[..Length((int)payload)];
        return line[^1] == '\n'
            && line[MarkAt] is (byte)' ' or (byte)'+'
            && TryReadHex(line.Slice(ChecksumStart, 8), out var checksum)
            && checksum == Checksum(line)
            ? new Frame(HeaderLength, (int)payload, line.Length, line[MarkAt] == '+')
            : null;
    }

    private static uint Checksum(ReadOnlySpan<byte> line) =>
        ~Append(Append(uint.MaxValue, line[..LengthDigits]), line[MarkAt..]);

    private static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            checksum = BitOperations.Crc32C(checksum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var value in bytes)
        {
            checksum = BitOperations.Crc32C(checksum, value);
        }

        return checksum;
    }

    private static void WriteHex(Span<byte> destination, uint value) =>
        Encoding.ASCII.GetBytes(value.ToString("x8", System.Globalization.CultureInfo.InvariantCulture), destination);

    private static bool TryReadHex(ReadOnlySpan<byte> digits, out uint value) =>
        Utf8Parser.TryParse(digits, out value, out var used, 'x') && used == digits.Length;

    /// <summary>Where the parts of a line are, relative to its start.</summary>
    internal readonly record struct Frame(int PayloadStart, int PayloadLength, int Length, bool SharesFlush);
}
