using System.Security.Cryptography;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>Encrypts and decrypts the records of one file with an unlocked master key. Dispose it to overwrite the key.</summary>
internal abstract class SecretCipher : IDisposable
{
    /// <summary>Whether a file is of this key, whole and unaltered, as far as the cipher can tell.</summary>
    /// <returns>Null when it is.</returns>
    public abstract Refusal? Check(SecretsFileText text);

    /// <summary>Encrypts a value.</summary>
    /// <param name="version">The version that it becomes.</param>
    /// <param name="meta">What is said about it in the clear.</param>
    /// <param name="value">The bytes.</param>
    /// <param name="state">The other secrets of the file.</param>
    public abstract StoredRecord Encrypt(uint version, StoredMeta meta, ReadOnlySpan<byte> value, StoredSecrets state);

    /// <summary>Decrypts a record into a pinned array that the caller owns.</summary>
    /// <returns>Null when the key does not fit or anything was altered.</returns>
    public abstract byte[]? Decrypt(StoredRecord record, string key, uint version);

    /// <summary>The file's text for a state.</summary>
    public abstract SecretsFileText Write(StoredSecrets state);

    public abstract void Dispose();
}

/// <summary>The parts that both ciphers share: a content key derived per record, and AES-256-GCM (store.md §8.3).</summary>
internal static class SecretEnvelope
{
    public const int KeyLength = 32;
    public const int NonceLength = 12;
    public const int TagLength = 16;

    /// <summary>Overwritten by its owner, and never copied by the collector.</summary>
    public static byte[] NewKey() => GC.AllocateArray<byte>(KeyLength, pinned: true);

    public static byte[] Draw(RandomSource random, int length)
    {
        var bytes = new byte[length];
        random(bytes);
        return bytes;
    }

    /// <summary>Ciphertext, then tag.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> dek, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> associated)
    {
        var sealedBytes = new byte[plain.Length + TagLength];
        Span<byte> key = stackalloc byte[KeyLength];
        try
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, dek, key, salt, info);
            using var aes = new AesGcm(key, TagLength);
            aes.Encrypt(nonce, plain, sealedBytes.AsSpan(0, plain.Length), sealedBytes.AsSpan(plain.Length), associated);
            return sealedBytes;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Null when it does not authenticate.</summary>
    public static byte[]? Open(ReadOnlySpan<byte> dek, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> associated)
    {
        if (nonce.Length != NonceLength || sealedBytes.Length < TagLength)
        {
            return null;
        }

        var plain = GC.AllocateArray<byte>(sealedBytes.Length - TagLength, pinned: true);
        Span<byte> key = stackalloc byte[KeyLength];
        try
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, dek, key, salt, info);
            using var aes = new AesGcm(key, TagLength);
            aes.Decrypt(nonce, sealedBytes[..^TagLength], sealedBytes[^TagLength..], plain, associated);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
