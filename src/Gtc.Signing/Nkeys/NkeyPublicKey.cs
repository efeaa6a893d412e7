namespace Gtc.Signing;

/// <summary>The public half of a NATS key, e.g. <c>UDXU…</c>.</summary>
public sealed class NkeyPublicKey
{
    private readonly Ed25519PublicKey _key;

    internal NkeyPublicKey(NkeyKind kind, Ed25519PublicKey key)
    {
        Kind = kind;
        _key = key;
        Text = NkeyText.EncodePublic(kind, key.Raw);
    }

    /// <summary>Whose key it is.</summary>
    public NkeyKind Kind { get; }

    /// <summary>Its 56 characters.</summary>
    public string Text { get; }

    /// <summary>Reads 56 characters.</summary>
    /// <returns>The key, or <see cref="SigningError.KeyDecode"/>.</returns>
    public static SigningResult<NkeyPublicKey> Parse(ReadOnlySpan<char> text)
    {
        Span<byte> raw = stackalloc byte[Ed25519Scheme.KeyLength];
        if (!NkeyText.DecodePublic(text, raw).TryGet(out var kind, out var error) || !Ed25519PublicKey.FromRaw(raw).TryGet(out var key, out error))
        {
            return error;
        }

        return new NkeyPublicKey(kind, key);
    }

    /// <summary>True when the signature fits the message.</summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => _key.Scheme.Verify(_key.Raw, message, signature);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
