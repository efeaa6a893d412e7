using System.Buffers.Binary;
using System.Text.Json;

namespace Gtc.Store;

/// <summary>The head of an encrypted backup: how its key is made. It holds no secret; every chunk vouches for it.</summary>
internal sealed record SealHead
{
    public const string SchemaId = "greentic.sealed.v1";

    /// <summary>The input key is the one of the key file.</summary>
    public const string NoDerivation = "none";

    /// <summary>The input key is derived from a passphrase.</summary>
    public const string Pbkdf2 = "pbkdf2-hmac-sha256";

    /// <summary>How often PBKDF2 is repeated in what is written here.</summary>
    public const int DefaultIterations = 600_000;

    public const int SaltLength = 32;

    private const int MaxIterations = 10_000_000;
    private const int MaxLength = 1024;

    public required string Schema { get; init; }

    public required string Kdf { get; init; }

    public int? Iterations { get; init; }

    /// <summary>Random, so that no two backups have one content key.</summary>
    public required byte[] Salt { get; init; }

    public static ReadOnlySpan<byte> Magic => "gtcseal1"u8;

    /// <summary>The head as it stands in the file: what it is, the length of the rest, the rest.</summary>
    public byte[] ToBytes()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, ArchiveJson.Default.SealHead);
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, json.Length);
        return [.. Magic, .. length, .. json];
    }

    /// <summary>Reads a head behind its magic, and keeps its bytes as they stand in the file.</summary>
    /// <exception cref="ArchiveFormatException">It is none.</exception>
    public static async Task<(SealHead Head, byte[] Bytes)> ReadAsync(Stream input, CancellationToken cancellationToken)
    {
        var length = new byte[sizeof(int)];
        if (await input.ReadAtLeastAsync(length, length.Length, throwOnEndOfStream: false, cancellationToken) < length.Length || BinaryPrimitives.ReadInt32BigEndian(length) is not (> 0 and <= MaxLength))
        {
            throw new ArchiveFormatException("the head of what is encrypted cannot be read");
        }

        var bytes = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            if (JsonSerializer.Deserialize(bytes, ArchiveJson.Default.SealHead) is { Schema: SchemaId, Salt.Length: SaltLength } head
                && (head.Kdf == NoDerivation ? head.Iterations is null : head is { Kdf: Pbkdf2, Iterations: >= DefaultIterations and <= MaxIterations }))
            {
                return (head, [.. Magic, .. length, .. bytes]);
            }
        }
        catch (JsonException)
        {
            // Told below.
        }

        throw new ArchiveFormatException("the head of what is encrypted cannot be read");
    }
}
