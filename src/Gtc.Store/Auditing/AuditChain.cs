using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// Chains audit lines: each names the <c>hash</c> of the line before as <c>prev</c>, and its own hash is the SHA-256, in
/// lower-case hexadecimal, over the canonical JSON of the line without <c>hash</c>. The first line names the SHA-256 of the bytes
/// that the log held before, so lines that are older than the chain cannot be changed either.
/// </summary>
internal static class AuditChain
{
    /// <summary>The hash of the line before.</summary>
    public const string PreviousMember = "prev";

    /// <summary>The hash of the line itself.</summary>
    public const string HashMember = "hash";

    /// <summary>Adds both members.</summary>
    /// <returns>The line without its newline, and its hash.</returns>
    public static (byte[] Line, string Hash) Seal(AuditEvent line, string previous)
    {
        // Members that are not known are written last, so the hash goes before the closing brace.
        var unsealed = Documents.AuditEvent.ToLine(line with { UnknownMembers = new() { [PreviousMember] = Text(previous) } });
        using var parsed = JsonDocument.Parse(unsealed);
        var hash = Hash(parsed.RootElement);
        return ([.. unsealed.AsSpan(..^1), .. Encoding.UTF8.GetBytes($",\"{HashMember}\":\"{hash}\"}}")], hash);
    }

    /// <summary>What the first line of a chain names.</summary>
    /// <param name="log">What the log held before.</param>
    public static string Anchor(ReadOnlySpan<byte> log) => Convert.ToHexStringLower(SHA256.HashData(log));

    /// <summary>The hash that a line should have; null when it holds text that is none.</summary>
    public static string? HashOf(JsonElement line)
    {
        try
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream))
            {
                writer.WriteStartObject();
                foreach (var member in line.EnumerateObject().Where(member => member.Name != HashMember))
                {
                    member.WriteTo(writer);
                }

                writer.WriteEndObject();
            }

            using var unsealed = JsonDocument.Parse(stream.GetBuffer().AsMemory(0, (int)stream.Length));
            return Hash(unsealed.RootElement);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Hash(JsonElement unsealed) => Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Bytes(unsealed)));

    /// <summary>A line as a value, or null when it is not one object.</summary>
    public static JsonElement? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A member that is text, or null.</summary>
    public static string? TextOf(JsonElement line, string member) =>
        line.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String && Unescaped(value) is { } text ? text : null;

    private static string? Unescaped(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a character: no text of ours.
            return null;
        }
    }

    private static JsonElement Text(string text)
    {
        using var document = JsonDocument.Parse(Encoding.UTF8.GetBytes($"\"{text}\""));
        return document.RootElement.Clone();
    }
}
