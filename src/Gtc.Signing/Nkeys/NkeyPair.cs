using System.Buffers.Text;
using System.Security.Cryptography;

namespace Gtc.Signing;

/// <summary>A NATS key with its private half. The seed stays in one place in memory and is overwritten on dispose.</summary>
public sealed class NkeyPair : IDisposable
{
    private readonly Ed25519PrivateKey _key;

    private NkeyPair(NkeyKind kind, ReadOnlySpan<byte> seed)
    {
        _key = Ed25519PrivateKey.FromSeed(seed);
        PublicKey = new(kind, _key.PublicKey);
    }

    /// <summary>The public half.</summary>
    public NkeyPublicKey PublicKey { get; }

    /// <summary>Makes a key of a kind from 32 random bytes, which the caller clears.</summary>
    /// <exception cref="ArgumentException">There are not 32 bytes.</exception>
    public static NkeyPair FromRaw(NkeyKind kind, ReadOnlySpan<byte> seed) => new(kind, seed);

    /// <summary>Makes a new key.</summary>
    /// <param name="kind">Whose it is.</param>
    /// <param name="random">Fills a span with random bytes, e.g. <see cref="RandomNumberGenerator.Fill"/>.</param>
    public static NkeyPair Create(NkeyKind kind, Action<Span<byte>> random)
    {
        Span<byte> seed = stackalloc byte[Ed25519Scheme.SeedLength];
        try
        {
            random(seed);
            return new(kind, seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>Reads a seed of 58 characters (<c>SU…</c>, <c>SA…</c>, <c>SO…</c>).</summary>
    /// <returns>The key, or <see cref="SigningError.KeyDecode"/>.</returns>
    public static SigningResult<NkeyPair> FromSeed(ReadOnlySpan<char> text)
    {
        Span<byte> seed = stackalloc byte[Ed25519Scheme.SeedLength];
        try
        {
            if (!NkeyText.DecodeSeed(text, seed).TryGet(out var kind, out var error))
            {
                return error;
            }

            return new NkeyPair(kind, seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>The seed's 58 characters. The caller clears them.</summary>
    public char[] ToSeed() => _key.Read(PublicKey.Kind, static (kind, seed) => NkeyText.EncodeSeed(kind, seed));

    /// <summary>Signs the message itself, not a digest of it.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message) => _key.Sign(message);

    /// <summary>Signs and writes the signature as servers take it: base64url without padding.</summary>
    public string SignToText(ReadOnlySpan<byte> message) => Base64Url.EncodeToString(Sign(message));

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    /// <summary>The public key; never the seed.</summary>
    public override string ToString() => $"nkey pair of {PublicKey}";
}
