using System.Text;

namespace Gtc.Wasm.Tests.Components;

/// <summary>The primitives of the binary format.</summary>
internal sealed class Bytes
{
    private readonly List<byte> _bytes = [];

    public Bytes Add(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public Bytes Number(long value)
    {
        var rest = (ulong)value;
        do
        {
            var part = (byte)(rest & 0x7F);
            rest >>= 7;
            _bytes.Add(rest == 0 ? part : (byte)(part | 0x80));
        }
        while (rest != 0);
        return this;
    }

    /// <summary>A signed number, as types and constants are.</summary>
    public Bytes Signed(long value)
    {
        while (true)
        {
            var part = (byte)(value & 0x7F);
            value >>= 7;
            if ((value == 0 && (part & 0x40) == 0) || (value == -1 && (part & 0x40) != 0))
            {
                _bytes.Add(part);
                return this;
            }

            _bytes.Add((byte)(part | 0x80));
        }
    }

    public Bytes Name(string name)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        return Number(utf8.Length).Add(utf8);
    }

    public Bytes Append(Bytes other) => Add(other.ToArray());

    public Bytes Section(byte id, Bytes content) => Add(id).Number(content._bytes.Count).Append(content);

    public byte[] ToArray() => [.. _bytes];
}
