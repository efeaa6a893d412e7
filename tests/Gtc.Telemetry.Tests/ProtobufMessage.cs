using System.Buffers.Binary;
using System.Text;

namespace Gtc.Telemetry.Tests;

/// <summary>A protobuf message without its schema: fields by number, read by hand so that the test trusts no library.</summary>
internal sealed class ProtobufMessage
{
    private readonly List<(int Number, ulong Value, byte[]? Bytes)> _fields = [];

    public ProtobufMessage(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var tag = Variable(ref bytes);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    _fields.Add((number, Variable(ref bytes), null));
                    break;
                case 1:
                    _fields.Add((number, BinaryPrimitives.ReadUInt64LittleEndian(bytes), null));
                    bytes = bytes[8..];
                    break;
                case 2:
                    var length = (int)Variable(ref bytes);
                    _fields.Add((number, 0, bytes[..length].ToArray()));
                    bytes = bytes[length..];
                    break;
                case 5:
                    _fields.Add((number, BinaryPrimitives.ReadUInt32LittleEndian(bytes), null));
                    bytes = bytes[4..];
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7}");
            }
        }
    }

    public IEnumerable<ProtobufMessage> Messages(int number) => _fields.Where(field => field.Number == number).Select(field => new ProtobufMessage(field.Bytes));

    public byte[] Bytes(int number) => _fields.LastOrDefault(field => field.Number == number).Bytes ?? [];

    public string Text(int number) => Encoding.UTF8.GetString(Bytes(number));

    public ulong Number(int number) => _fields.LastOrDefault(field => field.Number == number).Value;

    public bool Has(int number) => _fields.Any(field => field.Number == number);

    /// <summary>Attributes: KeyValue {1 key, 2 AnyValue {1 string, 2 bool, 3 int, 4 double}}.</summary>
    public Dictionary<string, string> Attributes(int number) => Messages(number).ToDictionary(
        pair => pair.Text(1),
        pair => pair.Messages(2).Single() is var value && value.Has(1) ? value.Text(1) : ((long)value.Number(3)).ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static ulong Variable(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0ul;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
