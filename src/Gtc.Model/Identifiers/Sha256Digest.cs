using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>A SHA-256 digest in its one textual form, <c>sha256:</c> and 64 lower-case hex digits.</summary>
[JsonConverter(typeof(TextValueJson<Sha256Digest>))]
public readonly record struct Sha256Digest : ITextValue<Sha256Digest>
{
    /// <summary>The algorithm prefix, colon included.</summary>
    public const string Prefix = "sha256:";

    private readonly string? _text;

    private Sha256Digest(string text) => _text = text;

    /// <inheritdoc/>
    public static string Expectation => "sha256: and 64 hex digits";

    /// <summary>The 64 hex digits without the prefix.</summary>
    public string Hex => ToString()[Prefix.Length..];

    /// <summary>Makes a digest from the 32 raw bytes of a finished hash.</summary>
    /// <exception cref="ArgumentException">There are not 32 bytes.</exception>
    public static Sha256Digest FromBytes(ReadOnlySpan<byte> hash) => hash.Length == 32
        ? new(Prefix + Convert.ToHexStringLower(hash))
        : throw new ArgumentException("A SHA-256 digest has 32 bytes.", nameof(hash));

    /// <inheritdoc/>
    /// <remarks>Upper-case digits are folded.</remarks>
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
