using System.Buffers;
using System.Text.Json;

namespace Gtc.Fleet.Operator;

/// <summary>The smallest JSON merge patch (RFC 7396) that makes one object of another: members that changed, and null for those that are gone.</summary>
internal static class MergePatch
{
    /// <summary>The patch, wrapped in an object with one member.</summary>
    /// <param name="member">The member, e.g. <c>status</c>.</param>
    /// <param name="before">What the other side has; null when that is not known, so that every member is named.</param>
    /// <param name="after">What it is to have. Without members that are null.</param>
    /// <param name="optional">Names, with dots between them, of members that are to be taken away when <paramref name="after"/> lacks them and <paramref name="before"/> is not known.</param>
    /// <param name="version">The version of the resource that is to be patched and no other; null for any.</param>
    /// <returns>The patch, or null when there is nothing to change.</returns>
    public static ReadOnlyMemory<byte>? Between(string member, JsonElement? before, JsonElement after, IReadOnlyList<string> optional, string? version = null)
    {
        if (before is { } known && JsonElement.DeepEquals(known, after))
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (version is not null)
            {
                writer.WriteStartObject("metadata");
                writer.WriteString("resourceVersion", version);
                writer.WriteEndObject();
            }

            writer.WritePropertyName(member);
            if (before is { } old)
            {
                WriteChanges(writer, old, after);
            }
            else
            {
                WriteAll(writer, after, "", optional);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteChanges(Utf8JsonWriter writer, JsonElement before, JsonElement after)
    {
        writer.WriteStartObject();
        foreach (var member in after.EnumerateObject())
        {
            if (!before.TryGetProperty(member.Name, out var old))
            {
                member.WriteTo(writer);
            }
            else if (!JsonElement.DeepEquals(old, member.Value))
            {
                writer.WritePropertyName(member.Name);
                WriteChange(writer, old, member.Value);
            }
        }

        foreach (var member in before.EnumerateObject().Where(member => !after.TryGetProperty(member.Name, out _)))
        {
            writer.WriteNull(member.Name);
        }

        writer.WriteEndObject();
    }

    private static void WriteChange(Utf8JsonWriter writer, JsonElement before, JsonElement after)
    {
        if (before.ValueKind == JsonValueKind.Object && after.ValueKind == JsonValueKind.Object)
        {
            WriteChanges(writer, before, after);
        }
        else
        {
            after.WriteTo(writer);
        }
    }

    private static void WriteAll(Utf8JsonWriter writer, JsonElement after, string prefix, IReadOnlyList<string> optional)
    {
        writer.WriteStartObject();
        foreach (var member in after.EnumerateObject())
        {
            writer.WritePropertyName(member.Name);
            if (member.Value.ValueKind == JsonValueKind.Object)
            {
                WriteAll(writer, member.Value, $"{prefix}{member.Name}.", optional);
            }
            else
            {
                member.Value.WriteTo(writer);
            }
        }

        foreach (var name in optional.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..]))
        {
            if (!name.Contains('.', StringComparison.Ordinal) && !after.TryGetProperty(name, out _))
            {
                writer.WriteNull(name);
            }
        }

        writer.WriteEndObject();
    }
}
