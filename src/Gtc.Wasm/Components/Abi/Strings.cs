using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Gtc.Wasm.Components;

/// <summary>Strings in a guest's memory, in the three encodings of the canonical ABI.</summary>
internal static class Strings
{
    private const uint Utf16Tag = 0x8000_0000;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly UTF8Encoding Lenient = new(encoderShouldEmitUTF8Identifier: false);

    public static string Load(ref ValueReader reader, uint address, uint length)
    {
        var call = reader.Call;
        switch (call.Encoding)
        {
            case StringEncoding.Utf8:
                return Utf8(call, reader.Slice(address, 1, Bounded(call, length)));
            case StringEncoding.Utf16:
                return Utf16(call, reader.Slice(address, 2, Bounded(call, (ulong)length * 2)));
            default:
                return (length & Utf16Tag) != 0
                    ? Utf16(call, reader.Slice(address, 2, Bounded(call, (ulong)(length ^ Utf16Tag) * 2)))
                    : Encoding.Latin1.GetString(reader.Slice(address, 2, Bounded(call, length)));
        }
    }

    public static (uint Address, uint Length) Store(AbiCall call, string value) => call.Encoding switch
    {
        StringEncoding.Utf8 => StoreUtf8(call, value),
        StringEncoding.Utf16 => (StoreUtf16(call, value), (uint)value.Length),
        _ when IsLatin1(value) => (StoreLatin1(call, value), (uint)value.Length),
        _ => (StoreUtf16(call, value), (uint)value.Length | Utf16Tag),
    };

    private static string Utf8(AbiCall call, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw ComponentTraps.Make("a string that is not UTF-8");
        }
    }

    private static string Utf16(AbiCall call, ReadOnlySpan<byte> bytes)
    {
        var text = MemoryMarshal.Cast<byte, char>(bytes).ToString();
        return IsWellFormed(text) ? text : throw ComponentTraps.Make("a string that is not UTF-16: a surrogate without its pair");
    }

    private static (uint Address, uint Length) StoreUtf8(AbiCall call, string value)
    {
        var length = Lenient.GetByteCount(value);
        var address = call.Allocate(1, (ulong)length);
        Lenient.GetBytes(value, call.Memory.Bytes.Slice((int)address, length));
        return (address, (uint)length);
    }

    private static uint StoreUtf16(AbiCall call, string value)
    {
        var text = IsWellFormed(value) ? value : Lenient.GetString(Lenient.GetBytes(value));
        var address = call.Allocate(2, (ulong)text.Length * 2);
        MemoryMarshal.AsBytes(text.AsSpan()).CopyTo(call.Memory.Bytes[(int)address..]);
        return address;
    }

    private static uint StoreLatin1(AbiCall call, string value)
    {
        var address = call.Allocate(2, (ulong)value.Length);
        Encoding.Latin1.GetBytes(value, call.Memory.Bytes.Slice((int)address, value.Length));
        return address;
    }

    private static ulong Bounded(AbiCall call, ulong bytes) =>
        bytes <= ComponentLimits.ValueBytes ? bytes : throw ComponentTraps.Make($"a string of {bytes} bytes; at most {ComponentLimits.ValueBytes} can cross");

    private static bool IsLatin1(string value) => !value.AsSpan().ContainsAnyExceptInRange('\0', '\u00FF');

    // Without a surrogate there is nothing to pair; the walk over runes is for the few strings that have one.
    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        var rest = text;
        for (var at = rest.IndexOfAnyInRange('\uD800', '\uDFFF'); at >= 0; at = rest.IndexOfAnyInRange('\uD800', '\uDFFF'))
        {
            if (Rune.DecodeFromUtf16(rest[at..], out _, out _) != OperationStatus.Done)
            {
                return false;
            }

            rest = rest[(at + 2)..];
        }

        return true;
    }
}
