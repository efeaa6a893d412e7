using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>A SHA-256 digest in its one textual form, <c>sha256:</c> and 64 lower-case hex digits.</summary>
[JsonConverter(typeof(Sha256DigestJson))]
public readonly record struct Sha256Digest
{
    /// <summary>The algorithm prefix, colon included.</summary>
    public const string Prefix = "sha256:";

    private readonly string? _text;

    private Sha256Digest(string text) => _text = text;

    /// <summary>The 64 hex digits without the prefix.</summary>
    public string Hex => ToString()[Prefix.Length..];

    /// <summary>Makes a digest from the 32 raw bytes of a finished hash.</summary>
    /// <exception cref="ArgumentException">There are not 32 bytes.</exception>
    public static Sha256Digest FromBytes(ReadOnlySpan<byte> hash) => hash.Length == 32
        ? new(Prefix + Convert.ToHexStringLower(hash))
        : throw new ArgumentException("A SHA-256 digest has 32 bytes.", nameof(hash));

    /// <summary>Parses <c>sha256:</c> and 64 hex digits; upper-case digits are folded.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Sha256Digest digest)
    {
        digest = default;
        if (text is null || text.Length != Prefix.Length + 64 || !text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        foreach (var character in text.AsSpan(Prefix.Length))
        {
            if (!char.IsAsciiHexDigit(character))
            {
                return false;
            }
        }

        digest = new(text.ToLowerInvariant());
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => _text ?? throw new InvalidOperationException("An empty digest has no text.");
}

internal sealed class Sha256DigestJson : JsonConverter<Sha256Digest>
{
    public override Sha256Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Sha256Digest.TryParse(reader.GetString(), out var digest)
            ? digest
            : throw new JsonException("Expected sha256: and 64 hex digits.");

    public override void Write(Utf8JsonWriter writer, Sha256Digest value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
