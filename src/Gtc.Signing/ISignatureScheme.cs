namespace Gtc.Signing;

/// <summary>One signature algorithm over raw bytes. Implementations are stateless and safe to share between threads.</summary>
public interface ISignatureScheme
{
    /// <summary>The name, e.g. <c>Ed25519</c>.</summary>
    string Name { get; }

    /// <summary>The length of a raw private key in bytes.</summary>
    int PrivateKeyLength { get; }

    /// <summary>The length of a raw public key in bytes.</summary>
    int PublicKeyLength { get; }

    /// <summary>The length of a signature in bytes.</summary>
    int SignatureLength { get; }

    /// <summary>Computes the public key that belongs to a private key.</summary>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    void DerivePublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey);

    /// <summary>Signs the message itself, not a digest of it.</summary>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    void Sign(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> message, Span<byte> signature);

    /// <summary>True when the signature fits; malformed keys and signatures are false, never an exception.</summary>
    bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
}
