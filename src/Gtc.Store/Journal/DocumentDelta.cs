using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Gtc.Store;

/// <summary>
/// What makes one compact JSON document into another, member by member of the root: <c>["revisions",120,1,"…"]</c> keeps the
/// first 120 bytes of the old member and its last byte, with the text between. Lists grow at their end, so this is short.
/// </summary>
internal static class DocumentDelta
{
    /// <summary>The delta as JSON, or null when the whole document is the shorter way to say it.</summary>
    public static byte[]? Between(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        var (old, next) = (Members(before), Members(after));
        if (!old.Select(member => member.Name).SequenceEqual(next.Select(member => member.Name), StringComparer.Ordinal))
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JournalRecord.Compact))
        {
            writer.WriteStartArray();
            for (var index = 0; index < old.Length; index++)
            {
                WriteMember(writer, old[index].Name, before[old[index].Value], after[next[index].Value]);
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenCount < after.Length / 2 ? buffer.WrittenSpan.ToArray() : null;
    }

    /// <summary>The document after the delta.</summary>
    /// <exception cref="JournalFormatException">The delta is not of this document.</exception>
    public static byte[] Apply(ReadOnlySpan<byte> before, JsonElement delta)
    {
        var changes = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var change in delta.EnumerateArray())
        {
            changes[change[0].GetString()!] = change;
        }

        var after = new ArrayBufferWriter<byte>(before.Length + 256);
        var copied = 0;
        foreach (var member in Members(before))
        {
            if (!changes.Remove(member.Name, out var change))
            {
                continue;
            }

            var (start, length) = member.Value.GetOffsetAndLength(before.Length);
            var (head, tail) = (change[1].GetInt32(), change[2].GetInt32());
            if (head < 0 || tail < 0 || (long)head + tail > length)
            {
                throw new JournalFormatException($"the delta keeps {head} and {tail} bytes of `{member.Name}`, which has {length}");
            }

            after.Write(before[copied..(start + head)]);
            after.Write(Encoding.UTF8.GetBytes(change[3].GetString()!));
            copied = start + length - tail;
        }

        if (changes.Count > 0)
        {
            throw new JournalFormatException($"the delta changes `{changes.Keys.First()}`, which the document does not have");
        }

        after.Write(before[copied..]);
        return after.WrittenSpan.ToArray();
    }

    private static void WriteMember(Utf8JsonWriter writer, string name, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        if (before.SequenceEqual(after))
        {
            return;
        }

        var head = before.CommonPrefixLength(after);
        while (head > 0 && (IsInsideCharacter(before, head) || IsInsideCharacter(after, head)))
        {
            head--;
        }

        var tail = 0;
        var most = Math.Min(before.Length, after.Length) - head;
        while (tail < most && before[^(tail + 1)] == after[^(tail + 1)])
        {
            tail++;
        }

        while (tail > 0 && IsInsideCharacter(after, after.Length - tail))
        {
            tail--;
        }

        writer.WriteStartArray();
        writer.WriteStringValue(name);
        writer.WriteNumberValue(head);
        writer.WriteNumberValue(tail);
        writer.WriteStringValue(after[head..^tail]);
        writer.WriteEndArray();
    }

    private static bool IsInsideCharacter(ReadOnlySpan<byte> text, int at) => at < text.Length && (text[at] & 0xc0) == 0x80;

    private static ImmutableArray<(string Name, Range Value)> Members(ReadOnlySpan<byte> document)
    {
        var members = ImmutableArray.CreateBuilder<(string, Range)>();
        var reader = new Utf8JsonReader(document);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            members.Add((name, new Range(start, (int)reader.BytesConsumed)));
        }

        return members.ToImmutable();
    }
}
