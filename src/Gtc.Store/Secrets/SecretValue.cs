using System.Security.Cryptography;
using System.Text;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>The bytes of one secret. Dispose it to overwrite them; nothing but <see cref="Bytes"/> and <see cref="Reveal"/> gives them away.</summary>
public sealed class SecretValue : IDisposable
{
    /// <summary>The most bytes of a secret: 64 KiB.</summary>
    public const int MaxBytes = 64 << 10;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // Pinned, so that the collector leaves no copies behind.
    private readonly byte[] _bytes;

    private SecretValue(byte[] pinned) => _bytes = pinned;

    /// <summary>The bytes; zeros once it is disposed.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Whether the bytes are UTF-8 text.</summary>
    public bool IsText => System.Text.Unicode.Utf8.IsValid(_bytes);

    /// <summary>Copies the bytes of a secret; an empty one is refused.</summary>
    public static Outcome<SecretValue> Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > MaxBytes)
        {
            return new Refusal.InvalidArgument(bytes.IsEmpty
                ? "the secret's value is empty"
                : $"the secret's value has {bytes.Length:N0} bytes, the most is {MaxBytes:N0}");
        }

        var value = new SecretValue(GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true));
        bytes.CopyTo(value._bytes);
        return value;
    }

    /// <summary>The secret of a text.</summary>
    public static Outcome<SecretValue> Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetMaxByteCount(text.Length), pinned: true);
        try
        {
            return Of(bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>The text itself. The only way to a string: it stays in memory until the collector takes it.</summary>
    /// <exception cref="DecoderFallbackException">It is not text.</exception>
    public string Reveal() => Strict.GetString(_bytes);

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    /// <summary>Never the value.</summary>
    public override string ToString() => "(hidden)";
}
