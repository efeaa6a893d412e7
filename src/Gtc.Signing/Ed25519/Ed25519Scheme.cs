using System.Security.Cryptography;

namespace Gtc.Signing;

/// <summary>Ed25519 (RFC 8032) with strict verification: one message and key have exactly one acceptable encoding of a signature, and no signature fits two messages.</summary>
/// <remarks>The arithmetic is OpenSSL's. What it lets through (weak and non-canonical points) is refused before it is asked.</remarks>
public sealed unsafe class Ed25519Scheme : ISignatureScheme
{
    /// <summary>The length of a seed, which is the private key.</summary>
    public const int SeedLength = 32;

    /// <summary>The length of a public key.</summary>
    public const int KeyLength = 32;

    /// <summary>The length of a signature: R, then S.</summary>
    public const int SigLength = 64;

    private Ed25519Scheme()
    {
    }

    /// <summary>The one instance.</summary>
    public static Ed25519Scheme Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "Ed25519";

    /// <inheritdoc/>
    public int PrivateKeyLength => SeedLength;

    /// <inheritdoc/>
    public int PublicKeyLength => KeyLength;

    /// <inheritdoc/>
    public int SignatureLength => SigLength;

    /// <inheritdoc/>
    public void DerivePublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        RequireLength(privateKey.Length, SeedLength, nameof(privateKey));
        RequireLength(publicKey.Length, KeyLength, nameof(publicKey));
        using var key = PrivateKey(privateKey);
        nuint length = KeyLength;
        fixed (byte* destination = publicKey)
        {
            Require(LibCrypto.GetPublicKey(key, destination, &length) == 1 && length == KeyLength, "EVP_PKEY_get_raw_public_key");
        }
    }

    /// <inheritdoc/>
    public void Sign(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        RequireLength(privateKey.Length, SeedLength, nameof(privateKey));
        RequireLength(signature.Length, SigLength, nameof(signature));
        using var key = PrivateKey(privateKey);
        using var context = LibCrypto.NewDigest();
        Require(!context.IsInvalid && LibCrypto.SignInit(context, 0, 0, 0, key) == 1, "EVP_DigestSignInit");
        nuint length = SigLength;
        fixed (byte* destination = signature, source = message)
        {
            Require(LibCrypto.Sign(context, destination, &length, source, (nuint)message.Length) == 1 && length == SigLength, "EVP_DigestSign");
        }
    }

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeyLength
            || signature.Length != SigLength
            || !Ed25519Encoding.IsStrongPoint(publicKey)
            || !Ed25519Encoding.IsStrongPoint(signature[..32])
            || !Ed25519Encoding.IsCanonicalScalar(signature[32..]))
        {
            return false;
        }

        fixed (byte* rawKey = publicKey, sig = signature, source = message)
        {
            using var key = LibCrypto.NewPublicKey(LibCrypto.Ed25519, 0, rawKey, KeyLength);
            using var context = LibCrypto.NewDigest();
            Require(!key.IsInvalid && !context.IsInvalid && LibCrypto.VerifyInit(context, 0, 0, 0, key) == 1, "EVP_DigestVerifyInit");
            var fits = LibCrypto.Verify(context, sig, SigLength, source, (nuint)message.Length) == 1;
            if (!fits)
            {
                LibCrypto.ClearErrors();
            }

            return fits;
        }
    }

    private static LibCrypto.KeyHandle PrivateKey(ReadOnlySpan<byte> seed)
    {
        fixed (byte* source = seed)
        {
            var key = LibCrypto.NewPrivateKey(LibCrypto.Ed25519, 0, source, SeedLength);
            Require(!key.IsInvalid, "EVP_PKEY_new_raw_private_key");
            return key;
        }
    }

    private static void RequireLength(int actual, int expected, string name)
    {
        if (actual != expected)
        {
            throw new ArgumentException($"Expected {expected} bytes, found {actual}.", name);
        }
    }

    private static void Require(bool succeeded, string call)
    {
        if (!succeeded)
        {
            LibCrypto.ClearErrors();
            throw new CryptographicException($"OpenSSL's {call} failed.");
        }
    }
}
