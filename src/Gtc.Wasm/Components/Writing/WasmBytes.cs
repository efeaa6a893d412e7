using System.Text;

namespace Gtc.Wasm.Components;

/// <summary>Writes the primitives that core modules and components share (core specification 2.0, section 5.1 and 5.2).</summary>
internal sealed class WasmBytes
{
    private readonly List<byte> _bytes = [];

    public int Length => _bytes.Count;

    public WasmBytes Add(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public WasmBytes Append(WasmBytes other) => Add([.. other._bytes]);

    /// <summary>An unsigned number.</summary>
    public WasmBytes Number(int value)
    {
        var rest = (uint)value;
        for (; rest > 0x7F; rest >>= 7)
        {
            _bytes.Add((byte)(rest | 0x80));
        }

        _bytes.Add((byte)rest);
        return this;
    }

    /// <summary>A signed number that is not negative, as constants and references to types are.</summary>
    public WasmBytes Signed(int value)
    {
        for (; value > 0x3F; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)(value & 0x7F));
        return this;
    }

    public WasmBytes Name(string name)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        return Number(utf8.Length).Add(utf8);
    }

    /// <summary>A section: its number, its length, its content.</summary>
    public WasmBytes Section(byte number, WasmBytes content) => Add(number).Number(content.Length).Append(content);

    public byte[] ToArray() => [.. _bytes];
}
