using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gtc.Fleet.Contracts;

/// <summary>
/// Writes JSON in the one form that is hashed (fleet.md §3.4): no white space, members in the order they are written, only <c>"</c>, <c>\</c> and control
/// characters escaped, numbers in their shortest form.
/// </summary>
internal sealed class CanonicalWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1024);
    private bool _needsComma;

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public void Open(char bracket)
    {
        Separate();
        Put((byte)bracket);
        _needsComma = false;
    }

    public void Close(char bracket)
    {
        Put((byte)bracket);
        _needsComma = true;
    }

    public void Name(string name)
    {
        Separate();
        Quote(name);
        Put((byte)':');
        _needsComma = false;
    }

    public void Text(string text)
    {
        Separate();
        Quote(text);
        _needsComma = true;
    }

    public void Number(double number) => Raw(Shortest(number));

    /// <summary>A value that this version knows nothing about: its members are sorted, since nobody declares their order.</summary>
    public void Element(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                Open('{');
                Members(value.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value)));
                Close('}');
                break;
            case JsonValueKind.Array:
                Open('[');
                foreach (var item in value.EnumerateArray())
                {
                    Element(item);
                }

                Close(']');
                break;
            case JsonValueKind.String:
                Text(value.GetString()!);
                break;
            case JsonValueKind.Number:
                Raw(value.TryGetInt64(out var whole) ? whole.ToString(CultureInfo.InvariantCulture) : Shortest(value.GetDouble()));
                break;
            default:
                Raw(value.GetRawText());
                break;
        }
    }

    public void Members(IEnumerable<KeyValuePair<string, JsonElement>>? members)
    {
        foreach (var (name, value) in (members ?? []).OrderBy(member => member.Key, StringComparer.Ordinal))
        {
            Name(name);
            Element(value);
        }
    }

    private static string Shortest(double number) =>
        number == Math.Truncate(number) && Math.Abs(number) < 1e15 ? ((long)number).ToString(CultureInfo.InvariantCulture) : number.ToString("R", CultureInfo.InvariantCulture);

    private void Raw(string text)
    {
        Separate();
        Encoding.UTF8.GetBytes(text, _bytes);
        _needsComma = true;
    }

    private void Separate()
    {
        if (_needsComma)
        {
            Put((byte)',');
        }
    }

    private void Put(byte octet)
    {
        _bytes.GetSpan(1)[0] = octet;
        _bytes.Advance(1);
    }

    private void Quote(string text)
    {
        Put((byte)'"');
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            var plain = 0;
            while (plain < rest.Length && rest[plain] >= ' ' && rest[plain] is not ('"' or '\\'))
            {
                plain++;
            }

            Encoding.UTF8.GetBytes(rest[..plain], _bytes);
            if (plain < rest.Length)
            {
                Encoding.UTF8.GetBytes(Escape(rest[plain]), _bytes);
                plain++;
            }

            rest = rest[plain..];
        }

        Put((byte)'"');
    }

    private static string Escape(char character) => character switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => $"\\u{(int)character:x4}",
    };
}
