using System.Security.Cryptography;
using System.Text;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// The developer's cipher, shared with the existing runtime (store.md §8.3). The data key is only XORed with a hash of a pass phrase that
/// is empty by default: this hides values from a glance and protects nothing.
/// </summary>
internal sealed class DevCipher : SecretCipher
{
    /// <summary>The pass phrase's variable.</summary>
    public const string Variable = "GREENTIC_DEV_MASTER_KEY";

    private const string Algorithm = "aes256gcm";
    private const int SaltLength = 32;

    private readonly byte[] _master = SecretEnvelope.NewKey();
    private readonly RandomSource _random;

    public DevCipher(string? passPhrase, RandomSource random)
    {
        _random = random;
        var phrase = Encoding.UTF8.GetBytes(passPhrase ?? "");
        SHA256.HashData(phrase, _master);
        CryptographicOperations.ZeroMemory(phrase);
    }

    /// <summary>Such a file proves nothing about itself.</summary>
    public override Refusal? Check(SecretsFileText text) => null;

    public override StoredRecord Encrypt(uint version, StoredMeta meta, ReadOnlySpan<byte> value, StoredSecrets state)
    {
        var dek = DekOf(meta.Uri, state);
        try
        {
            var salt = SecretEnvelope.Draw(_random, SaltLength);
            var nonce = SecretEnvelope.Draw(_random, SecretEnvelope.NonceLength);
            return new StoredRecord
            {
                Meta = meta,
                Value = SecretEnvelope.Seal(dek, salt, Encoding.UTF8.GetBytes(meta.Uri), nonce, value, []),
                Envelope = new() { Algorithm = Algorithm, Nonce = nonce, HkdfSalt = salt, WrappedDek = Xor(dek, new byte[SecretEnvelope.KeyLength]) },
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dek);
        }
    }

    public override byte[]? Decrypt(StoredRecord record, string key, uint version)
    {
        if (record.Envelope is not { Algorithm: Algorithm, WrappedDek.Length: SecretEnvelope.KeyLength } envelope)
        {
            return null;
        }

        var dek = Xor(envelope.WrappedDek, SecretEnvelope.NewKey());
        try
        {
            return SecretEnvelope.Open(dek, envelope.HkdfSalt, Encoding.UTF8.GetBytes(record.Meta.Uri), envelope.Nonce, record.Value, []);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dek);
        }
    }

    public override SecretsFileText Write(StoredSecrets state) => new(SecretsFileText.Encode(state), Seal: null);

    public override void Dispose() => CryptographicOperations.ZeroMemory(_master);

    /// <summary>
    /// The data key that the secret's category has already, else a new one. The existing runtime keeps one data key per category in memory
    /// and does not look at the others; with a data key per secret it would take the second secret for absent.
    /// </summary>
    private byte[] DekOf(string key, StoredSecrets state)
    {
        var category = key[..(key.LastIndexOf('/') + 1)];
        foreach (var version in state.Secrets.Where(other => other.Key.StartsWith(category, StringComparison.Ordinal)).Select(other => other.Live))
        {
            if (version?.Record is { } record && Decrypt(record, record.Meta.Uri, version.Version) is { } plain)
            {
                CryptographicOperations.ZeroMemory(plain);
                return Xor(record.Envelope.WrappedDek, SecretEnvelope.NewKey());
            }
        }

        var fresh = SecretEnvelope.NewKey();
        _random(fresh);
        return fresh;
    }

    private byte[] Xor(byte[] key, byte[] destination)
    {
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = (byte)(key[i] ^ _master[i]);
        }

        return destination;
    }
}
