using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gtc.Model;

/// <summary>
/// Canonical JSON (environment-model.md §2.15): keys sorted by their UTF-8 bytes at every level, no white space, only
/// <c>"</c>, <c>\</c> and control characters escaped, number tokens kept as they were written.
/// </summary>
public static class CanonicalJson
{
    private const int MaxDepth = 64;

    /// <summary>The canonical bytes of a value.</summary>
    public static byte[] Bytes(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Write(buffer, value, 0);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The SHA-256 over the canonical bytes.</summary>
    public static Sha256Digest Digest(JsonElement value) => Sha256Digest.FromBytes(SHA256.HashData(Bytes(value)));

    /// <summary>How many bytes a string takes, quotes included.</summary>
    public static int StringLength(string text)
    {
        var buffer = new ArrayBufferWriter<byte>();
        WriteString(buffer, text);
        return buffer.WrittenCount;
    }

    private static void Write(ArrayBufferWriter<byte> buffer, JsonElement value, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new JsonException($"The value is nested deeper than {MaxDepth} levels.");
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(buffer, value, depth);
                break;
            case JsonValueKind.Array:
                WriteArray(buffer, value, depth);
                break;
            case JsonValueKind.String:
                WriteString(buffer, value.GetString()!);
                break;
            default:
                Append(buffer, value.GetRawText());
                break;
        }
    }

    private static void WriteObject(ArrayBufferWriter<byte> buffer, JsonElement value, int depth)
    {
        var members = value.EnumerateObject()
            .Select(member => (Key: Encoding.UTF8.GetBytes(member.Name), Member: member))
            .ToList();
        members.Sort(static (left, right) => left.Key.AsSpan().SequenceCompareTo(right.Key));
        Append(buffer, "{");
        for (var index = 0; index < members.Count; index++)
        {
            if (index > 0)
            {
                Append(buffer, ",");
            }

            WriteString(buffer, members[index].Member.Name);
            Append(buffer, ":");
            Write(buffer, members[index].Member.Value, depth + 1);
        }

        Append(buffer, "}");
    }

    private static void WriteArray(ArrayBufferWriter<byte> buffer, JsonElement value, int depth)
    {
        Append(buffer, "[");
        var isFirst = true;
        foreach (var item in value.EnumerateArray())
        {
            if (!isFirst)
            {
                Append(buffer, ",");
            }

            isFirst = false;
            Write(buffer, item, depth + 1);
        }

        Append(buffer, "]");
    }

    private static void WriteString(ArrayBufferWriter<byte> buffer, string text)
    {
        if (!text.AsSpan().ContainsAny('"', '\\') && !text.AsSpan().ContainsAnyInRange('\0', '\u001f'))
        {
            buffer.Write("\""u8);
            Append(buffer, text);
            buffer.Write("\""u8);
            return;
        }

        var escaped = new StringBuilder(text.Length + 2).Append('"');
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' => escaped.Append("\\\""),
                '\\' => escaped.Append("\\\\"),
                '\b' => escaped.Append("\\b"),
                '\f' => escaped.Append("\\f"),
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                < ' ' => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => escaped.Append(character),
            };
        }

        Append(buffer, escaped.Append('"').ToString());
    }

    private static void Append(ArrayBufferWriter<byte> buffer, string text)
    {
        var span = buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        buffer.Advance(Encoding.UTF8.GetBytes(text, span));
    }
}
