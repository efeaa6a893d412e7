using System.Security.Cryptography;
using System.Text;

namespace Gtc.Signing;

/// <summary>A private key of one of the schemes that gtc signs with: Ed25519 or ECDSA P-256. It stays in one place in memory and is overwritten on dispose. A closed family.</summary>
public abstract class PrivateKey : IDisposable
{
    internal const string Label = "PRIVATE KEY";

    // Pinned: a collection would otherwise leave a copy behind.
    private readonly byte[] _secret;

    private bool _isDisposed;

    private protected PrivateKey(ReadOnlySpan<byte> secret)
    {
        _secret = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        secret.CopyTo(_secret);
    }

    /// <summary>The public half.</summary>
    public abstract PublicKey PublicKey { get; }

    /// <summary>The bytes of a version 1 PKCS#8 structure around the secret.</summary>
    private protected abstract (ReadOnlyMemory<byte> Before, ReadOnlyMemory<byte> After) Pkcs8Frame { get; }

    /// <summary>Reads PKCS#8 PEM (<c>-----BEGIN PRIVATE KEY-----</c>) of either scheme.</summary>
    /// <returns>The key, or <see cref="SigningError.KeyDecode"/>.</returns>
    public static SigningResult<PrivateKey> FromPem(ReadOnlySpan<char> pem)
    {
        if (!PemBlock.Decode(pem, Label).TryGet(out var der, out var error))
        {
            return error;
        }

        try
        {
            if (P256PrivateKey.IsOne(der))
            {
                return P256PrivateKey.FromPkcs8(der).TryGet(out var p256, out error) ? p256 : error;
            }

            return Ed25519PrivateKey.FromDer(der).TryGet(out var ed25519, out error) ? ed25519 : error;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <summary>PKCS#8 version 1 PEM with LF line ends and a final one, as ASCII. The caller clears it.</summary>
    public byte[] ToPem()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var (before, after) = Pkcs8Frame;
        var der = GC.AllocateUninitializedArray<byte>(before.Length + _secret.Length + after.Length, pinned: true);
        before.Span.CopyTo(der);
        _secret.CopyTo(der.AsSpan(before.Length));
        after.Span.CopyTo(der.AsSpan(before.Length + _secret.Length));
        var text = PemEncoding.Write(Label, der);
        var pem = new byte[text.Length + 1];
        Encoding.ASCII.GetBytes(text, pem);
        pem[^1] = (byte)'\n';
        CryptographicOperations.ZeroMemory(der);
        Array.Clear(text);
        return pem;
    }

    /// <summary>Signs the message itself, not a digest of it.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var signature = new byte[PublicKey.Scheme.SignatureLength];
        PublicKey.Scheme.Sign(_secret, message, signature);
        return signature;
    }

    /// <summary>Lets a writer of another text form read the secret.</summary>
    internal T Read<TState, T>(TState state, Func<TState, ReadOnlySpan<byte>, T> read)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return read(state, _secret);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(_secret);
        GC.SuppressFinalize(this);
    }

    /// <summary>The public key's id; never the secret.</summary>
    public override string ToString() => $"{PublicKey.Scheme.Name} private key of {PublicKey.KeyId}";
}
