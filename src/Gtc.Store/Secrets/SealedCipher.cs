using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// Real protection: a random master key that is kept away from the file. Every record has a data key of its own, wrapped with AES-256-GCM;
/// wrapping and value are bound to the secret's URI, its version and what is said about it in the clear, and the file as a whole carries a
/// MAC, so that neither a tombstone nor the list of names can be altered. An older file put back whole is not noticed.
/// </summary>
/// <remarks>Records bear an algorithm of their own, so that the existing runtime refuses them instead of misreading them.</remarks>
internal sealed class SealedCipher : SecretCipher
{
    /// <summary>The algorithm's label in records.</summary>
    public const string Algorithm = "gtc-sealed-v1";

    private const int SaltLength = 32;
    private const int WrappedLength = SecretEnvelope.NonceLength + SecretEnvelope.KeyLength + SecretEnvelope.TagLength;

    private readonly byte[] _master;
    private readonly RandomSource _random;
    private readonly string _keyOrigin;

    /// <summary>Takes the key over.</summary>
    /// <param name="master">32 pinned bytes.</param>
    /// <param name="keyOrigin">Where it is from, for refusals.</param>
    /// <param name="random">Makes data keys, salts and nonces.</param>
    public SealedCipher(byte[] master, string keyOrigin, RandomSource random) => (_master, _keyOrigin, _random) = (master, keyOrigin, random);

    /// <summary>The key in base64.</summary>
    public string KeyText => Convert.ToBase64String(_master);

    /// <summary>Tells keys apart without giving them away.</summary>
    private string KeyId => Convert.ToHexStringLower(Derive("gtc.secrets.key-id.v1", 8));

    public override Refusal? Check(SecretsFileText text)
    {
        if (text.IsEmpty)
        {
            return null;
        }

        var parts = text.Seal?.Split(' ');
        if (parts is not [var key, var mac] || !key.StartsWith("key=", StringComparison.Ordinal) || !mac.StartsWith("mac=", StringComparison.Ordinal))
        {
            return new Refusal.StoreFailed("the seal of the file of secrets is broken");
        }

        if (key[4..] != KeyId)
        {
            return new Refusal.StoreFailed("the file of secrets is sealed with another key") with
            {
                Details = [new("expected", $"key {Shown(key[4..])}, by which the file is sealed"), new("found", $"key {KeyId} from {_keyOrigin}")],
            };
        }

        return CryptographicOperations.FixedTimeEquals(Encoding.Latin1.GetBytes(mac[4..]), Encoding.Latin1.GetBytes(Mac(text.State)))
            ? null
            : new Refusal.StoreFailed("the file of secrets was altered since it was sealed");
    }

    public override StoredRecord Encrypt(uint version, StoredMeta meta, ReadOnlySpan<byte> value, StoredSecrets state)
    {
        var dek = SecretEnvelope.NewKey();
        try
        {
            _random(dek);
            var salt = SecretEnvelope.Draw(_random, SaltLength);
            var nonce = SecretEnvelope.Draw(_random, SecretEnvelope.NonceLength);
            return new StoredRecord
            {
                Meta = meta,
                Value = SecretEnvelope.Seal(dek, salt, Encoding.UTF8.GetBytes(meta.Uri), nonce, value, Bound("value", version, meta)),
                Envelope = new() { Algorithm = Algorithm, Nonce = nonce, HkdfSalt = salt, WrappedDek = Wrap(dek, Bound("dek", version, meta)) },
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dek);
        }
    }

    public override byte[]? Decrypt(StoredRecord record, string key, uint version)
    {
        if (record.Envelope is not { Algorithm: Algorithm, WrappedDek.Length: WrappedLength } envelope
            || record.Meta.Uri != key
            || Unwrap(envelope.WrappedDek, Bound("dek", version, record.Meta)) is not { } dek)
        {
            return null;
        }

        try
        {
            return SecretEnvelope.Open(dek, envelope.HkdfSalt, Encoding.UTF8.GetBytes(key), envelope.Nonce, record.Value, Bound("value", version, record.Meta));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dek);
        }
    }

    public override SecretsFileText Write(StoredSecrets state)
    {
        var text = SecretsFileText.Encode(state);
        return new(text, $"key={KeyId} mac={Mac(text)}");
    }

    public override void Dispose() => CryptographicOperations.ZeroMemory(_master);

    /// <summary>Length-prefixed, so that no two of them are spelt alike.</summary>
    private static byte[] Bound(string part, uint version, StoredMeta meta)
    {
        using var bound = new MemoryStream();
        Span<byte> number = stackalloc byte[sizeof(uint)];
        foreach (var text in new[] { Algorithm, part, meta.Uri, meta.Visibility, meta.ContentType })
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteUInt32BigEndian(number, (uint)bytes.Length);
            bound.Write(number);
            bound.Write(bytes);
        }

        BinaryPrimitives.WriteUInt32BigEndian(number, version);
        bound.Write(number);
        return bound.ToArray();
    }

    private static string Shown(string text) => text.Length <= 64 ? text : $"{text[..64]}…";

    private byte[] Wrap(byte[] dek, byte[] associated)
    {
        var wrapped = new byte[WrappedLength];
        var nonce = wrapped.AsSpan(0, SecretEnvelope.NonceLength);
        _random(nonce);
        using var aes = new AesGcm(_master, SecretEnvelope.TagLength);
        aes.Encrypt(nonce, dek, wrapped.AsSpan(SecretEnvelope.NonceLength, SecretEnvelope.KeyLength), wrapped.AsSpan(WrappedLength - SecretEnvelope.TagLength), associated);
        return wrapped;
    }

    private byte[]? Unwrap(byte[] wrapped, byte[] associated)
    {
        var dek = SecretEnvelope.NewKey();
        try
        {
            using var aes = new AesGcm(_master, SecretEnvelope.TagLength);
            aes.Decrypt(
                wrapped.AsSpan(0, SecretEnvelope.NonceLength),
                wrapped.AsSpan(SecretEnvelope.NonceLength, SecretEnvelope.KeyLength),
                wrapped.AsSpan(WrappedLength - SecretEnvelope.TagLength),
                dek,
                associated);
            return dek;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private string Mac(string state)
    {
        var key = Derive("gtc.secrets.file-mac.v1", SecretEnvelope.KeyLength);
        try
        {
            return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.Latin1.GetBytes(state)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private byte[] Derive(string purpose, int length) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _master, length, salt: [], Encoding.ASCII.GetBytes(purpose));
}
