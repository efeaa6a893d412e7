using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>Writes a backup from front to back: environments, manifest, signature, digest. Without its end a backup is none.</summary>
public sealed class StoreArchiveWriter : IDisposable
{
    private readonly Stream _output;
    private readonly IncrementalHash _everything = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ImmutableArray<ArchivedEnvironment>.Builder _environments = ImmutableArray.CreateBuilder<ArchivedEnvironment>();

    private StoreArchiveWriter(Stream output) => _output = output;

    /// <summary>Begins a backup.</summary>
    /// <param name="output">Where it goes; it stays open.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public static async Task<StoreArchiveWriter> BeginAsync(Stream output, CancellationToken cancellationToken)
    {
        var writer = new StoreArchiveWriter(output);
        await writer.WriteAsync(ArchiveFormat.Magic.ToArray(), cancellationToken);
        return writer;
    }

    /// <summary>Adds an environment. They come in the order of their ids.</summary>
    public async Task AddAsync(EnvironmentImage image, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(image);
        var bytes = EnvironmentImageFormat.ToBytes(image);
        await WritePartAsync(ArchiveFormat.Entry, Compress(bytes), cancellationToken);
        _environments.Add(EnvironmentImageFormat.Describe(image) with { Bytes = bytes.LongLength, Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)) });
    }

    /// <summary>Ends the backup.</summary>
    /// <param name="backupId">Its id, a ULID.</param>
    /// <param name="createdAt">When it was begun.</param>
    /// <param name="key">Signs it.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async Task<ArchiveManifest> FinishAsync(string backupId, DateTimeOffset createdAt, PrivateKey key, CancellationToken cancellationToken)
    {
        var manifest = new ArchiveManifest { Schema = ArchiveManifest.SchemaId, BackupId = backupId, CreatedAt = createdAt, Environments = _environments.ToImmutable() };
        var bytes = manifest.ToBytes();
        var statement = new InTotoStatement
        {
            Subjects = [new StatementSubject($"backup/{backupId}", Convert.ToHexStringLower(SHA256.HashData(bytes)))],
            PredicateType = ArchiveFormat.PredicateType,
        };
        await WritePartAsync(ArchiveFormat.Manifest, bytes, cancellationToken);
        await WritePartAsync(ArchiveFormat.Signature, Dsse.Sign(statement.ToBytes(), key).ToCompactBytes(), cancellationToken);
        await WriteAsync(Head(ArchiveFormat.End, ArchiveFormat.DigestLength), cancellationToken);
        await _output.WriteAsync(_everything.GetHashAndReset(), cancellationToken);
        return manifest;
    }

    /// <inheritdoc/>
    public void Dispose() => _everything.Dispose();

    private static byte[] Head(byte letter, long length)
    {
        var head = new byte[ArchiveFormat.HeadLength];
        head[0] = letter;
        BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(1), length);
        return head;
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var brotli = new BrotliStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            brotli.Write(bytes);
        }

        return compressed.ToArray();
    }

    private async Task WritePartAsync(byte letter, byte[] content, CancellationToken cancellationToken)
    {
        await WriteAsync(Head(letter, content.Length), cancellationToken);
        await WriteAsync(content, cancellationToken);
    }

    private async Task WriteAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        _everything.AppendData(bytes);
        await _output.WriteAsync(bytes, cancellationToken);
    }
}
