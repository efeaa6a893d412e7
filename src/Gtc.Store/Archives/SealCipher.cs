using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gtc.Store;

/// <summary>
/// Encrypts a stream in chunks of 64 KiB with AES-256-GCM. The nonce is the chunk's number and whether it is the last one, and the head is
/// additional data of each: so chunks cannot be changed, left out, moved or added, and an end that was cut off is noticed.
/// </summary>
internal sealed class SealCipher : IDisposable
{
    public const int ChunkLength = 64 << 10;
    public const int TagLength = 16;

    private const int NonceLength = 12;

    private readonly AesGcm _cipher;
    private readonly byte[] _head;
    private ulong _number;

    public SealCipher(ArchiveKey key, SealHead head, ReadOnlySpan<byte> headBytes)
    {
        var content = key.ContentKey(head);
        _cipher = new AesGcm(content, TagLength);
        CryptographicOperations.ZeroMemory(content);
        _head = SHA256.HashData(headBytes);
    }

    /// <summary>Encrypts the next chunk; its tag follows it.</summary>
    public void Seal(ReadOnlySpan<byte> chunk, bool isLast, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        Next(nonce, isLast);
        _cipher.Encrypt(nonce, chunk, destination[..chunk.Length], destination.Slice(chunk.Length, TagLength), _head);
    }

    /// <summary>Decrypts the next chunk.</summary>
    /// <returns>False when it is not the one that was written there with this key.</returns>
    public bool TryOpen(ReadOnlySpan<byte> sealedChunk, bool isLast, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        Next(nonce, isLast);
        try
        {
            _cipher.Decrypt(nonce, sealedChunk[..^TagLength], sealedChunk[^TagLength..], destination[..(sealedChunk.Length - TagLength)], _head);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

    private void Next(Span<byte> nonce, bool isLast)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[3..], _number++);
        nonce[^1] = isLast ? (byte)1 : (byte)0;
    }
}
