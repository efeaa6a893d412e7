using System.Collections.Immutable;

namespace Gtc.Wasm;

/// <summary>A section of a core module or component, as both binary formats have it: a number, a length, the content.</summary>
/// <param name="Number">What kind of section it is; 0 for custom ones.</param>
/// <param name="Name">The name of a custom section, otherwise null.</param>
/// <param name="Start">Where the content starts, in bytes from the start of the file; behind the name of a custom section.</param>
/// <param name="Length">Bytes of the content.</param>
public sealed record WasmSection(byte Number, string? Name, int Start, int Length)
{
    /// <summary>In a component, the number of a section that is a core module.</summary>
    public const byte CoreModuleNumber = 1;

    /// <summary>In a component, the number of a section that is a nested component.</summary>
    public const byte ComponentNumber = 4;

    private const int Preamble = 8;

    /// <summary>Lists the sections of a core module or component. Contents are not read.</summary>
    /// <returns>The sections in order, or why the bytes are not made of any.</returns>
    public static WasmResult<ImmutableArray<WasmSection>> List(ReadOnlySpan<byte> bytes, WasmLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        try
        {
            return Read(bytes, limits);
        }
        catch (WasmFaultException fault)
        {
            return fault.Error;
        }
    }

    private static ImmutableArray<WasmSection> Read(ReadOnlySpan<byte> bytes, WasmLimits limits)
    {
        if (bytes.Length < Preamble || !bytes[..4].SequenceEqual("\0asm"u8))
        {
            throw WasmFaultException.Malformed(0, "magic header not detected: WebAssembly starts with 00 61 73 6d and a version");
        }

        var sections = ImmutableArray.CreateBuilder<WasmSection>();
        var reader = new ByteReader(bytes, Preamble, bytes.Length);
        while (!reader.IsAtEnd)
        {
            var place = reader.Position;
            if (sections.Count == limits.Sections)
            {
                throw WasmFaultException.TooLarge(place, $"more than {limits.Sections} sections");
            }

            var number = reader.Byte();
            var length = reader.U32();
            if (length > (uint)reader.Left)
            {
                throw WasmFaultException.Malformed(place, $"length out of bounds: section {number} claims {length} bytes where {reader.Left} are left");
            }

            var content = new ByteReader(bytes, reader.Position, reader.Position + (int)length);
            var name = number == 0 ? content.Name(limits.NameBytes) : null;
            sections.Add(new WasmSection(number, name, content.Position, content.Left));
            reader.Take((int)length);
        }

        return sections.ToImmutable();
    }
}
