using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>A backup that was read from end to end and found to be what somebody trusted signed. Only then is anything of it believed.</summary>
public sealed class StoreArchive
{
    private readonly Func<CancellationToken, Task<Outcome<Stream>>> _open;

    private StoreArchive(Func<CancellationToken, Task<Outcome<Stream>>> open, ArchiveManifest manifest, ImmutableArray<string> signedBy) => (_open, Manifest, SignedBy) = (open, manifest, signedBy);

    /// <summary>What it holds.</summary>
    public ArchiveManifest Manifest { get; }

    /// <summary>The ids of the trusted keys that signed it.</summary>
    public ImmutableArray<string> SignedBy { get; }

    /// <summary>Reads a backup through, and checks every byte of it.</summary>
    /// <param name="open">Opens it at its start, decrypted; it is read once here and again for every <see cref="ReadAsync"/>.</param>
    /// <param name="trusted">The keys to believe.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The backup; or <see cref="Refusal.MalformedArtifact"/> for one that is damaged or cut; or <see cref="Refusal.Unauthorized"/> for one that no trusted key signed.</returns>
    public static async Task<Outcome<StoreArchive>> OpenAsync(Func<CancellationToken, Task<Outcome<Stream>>> open, ImmutableArray<TrustedKey> trusted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(open);
        try
        {
            if (!(await open(cancellationToken)).TryGet(out var stream, out var refusal))
            {
                return refusal;
            }

            await using (stream)
            {
                using var input = new ArchiveInput(stream);
                return (await CheckAsync(input, trusted, cancellationToken)).Then<StoreArchive>(sound => new StoreArchive(open, sound.Manifest, sound.SignedBy));
            }
        }
        catch (ArchiveFormatException error)
        {
            return Malformed(error.Message);
        }
    }

    /// <summary>Hands out the environments that are wanted, one after the other, each checked again.</summary>
    /// <param name="wants">Which ones.</param>
    /// <param name="take">Takes one; a refusal ends the reading.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Null when all were taken.</returns>
    public async Task<Refusal?> ReadAsync(Func<ArchivedEnvironment, bool> wants, Func<ArchivedEnvironment, EnvironmentImage, Task<Refusal?>> take, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wants);
        ArgumentNullException.ThrowIfNull(take);
        try
        {
            if (!(await _open(cancellationToken)).TryGet(out var stream, out var refusal))
            {
                return refusal;
            }

            await using (stream)
            {
                using var input = new ArchiveInput(stream);
                await input.BeginAsync(cancellationToken);
                foreach (var environment in Manifest.Environments)
                {
                    using var stored = await input.PartAsync(ArchiveFormat.Entry, ArchiveFormat.MaxEntryBytes, cancellationToken);
                    if (wants(environment) && await TakeAsync(environment, stored, take) is { } failed)
                    {
                        return failed;
                    }
                }

                return null;
            }
        }
        catch (ArchiveFormatException error)
        {
            return Malformed(error.Message);
        }
    }

    private static async Task<Outcome<(ArchiveManifest Manifest, ImmutableArray<string> SignedBy)>> CheckAsync(ArchiveInput input, ImmutableArray<TrustedKey> trusted, CancellationToken cancellationToken)
    {
        await input.BeginAsync(cancellationToken);
        var found = new List<(long Bytes, string Sha256)>();
        var letter = await input.LetterAsync(cancellationToken);
        for (; letter == ArchiveFormat.Entry; letter = await input.LetterAsync(cancellationToken))
        {
            using var stored = await input.ContentAsync(ArchiveFormat.MaxEntryBytes, cancellationToken);
            found.Add(Measure(stored));
        }

        if (letter != ArchiveFormat.Manifest)
        {
            throw new ArchiveFormatException("there is no manifest where it must be");
        }

        using var manifestPart = await input.ContentAsync(ArchiveManifest.MaxBytes, cancellationToken);
        using var signaturePart = await input.PartAsync(ArchiveFormat.Signature, DsseEnvelope.MaxBytes, cancellationToken);
        await input.EndAsync(cancellationToken);
        var bytes = manifestPart.ToArray();
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (!Dsse.VerifyArtifact(signaturePart.ToArray(), sha256, trusted).TryGet(out var verified, out var error))
        {
            return error is SigningError.NoTrustedKey
                ? new Refusal.Unauthorized($"no key that is trusted here signed this backup: {error.Message}") { Next = "gtc store restore FILE --trust operator.pub" }
                : Malformed(error.Message);
        }

        if (verified.Statement.PredicateType != ArchiveFormat.PredicateType)
        {
            return Malformed($"what is signed is a `{verified.Statement.PredicateType}`");
        }

        return ArchiveManifest.Parse(bytes).Then(manifest => manifest.Environments.Select(environment => (environment.Bytes, environment.Sha256)).SequenceEqual(found)
            ? (manifest, verified.KeyIds)
            : (Outcome<(ArchiveManifest, ImmutableArray<string>)>)Malformed("its environments are not those of its manifest"));
    }

    private static (long Bytes, string Sha256) Measure(MemoryStream stored)
    {
        using var content = new BrotliStream(stored, CompressionMode.Decompress);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 << 10];
        var length = 0L;
        for (int read; (read = Read(content, buffer)) > 0; length += read)
        {
            if (length + read > ArchiveFormat.MaxEntryBytes)
            {
                throw new ArchiveFormatException($"an environment has more than {ArchiveFormat.MaxEntryBytes:N0} bytes");
            }

            hash.AppendData(buffer, 0, read);
        }

        return (length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static int Read(BrotliStream content, Span<byte> buffer)
    {
        try
        {
            return content.Read(buffer);
        }
        catch (Exception error) when (error is InvalidDataException or InvalidOperationException)
        {
            throw new ArchiveFormatException("what is compressed is damaged");
        }
    }

    private static async Task<Refusal?> TakeAsync(ArchivedEnvironment environment, MemoryStream stored, Func<ArchivedEnvironment, EnvironmentImage, Task<Refusal?>> take)
    {
        var bytes = new byte[environment.Bytes];
        using (var content = new BrotliStream(stored, CompressionMode.Decompress))
        {
            var length = 0;
            for (int read; length < bytes.Length && (read = Read(content, bytes.AsSpan(length))) > 0; length += read)
            {
            }

            if (length != bytes.Length || Convert.ToHexStringLower(SHA256.HashData(bytes)) != environment.Sha256)
            {
                throw new ArchiveFormatException($"environment `{environment.EnvironmentId}` is not what its manifest says; the file changed while it was read");
            }
        }

        return EnvironmentImageFormat.Parse(bytes).TryGet(out var image, out var refusal) ? await take(environment, image) : refusal;
    }

    private static Refusal.MalformedArtifact Malformed(string why) => new($"the backup is damaged, cut short or none at all: {why}");

    /// <summary>Reads the parts of a backup in their order.</summary>
    private sealed class ArchiveInput(Stream stream) : IDisposable
    {
        private readonly IncrementalHash _everything = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public async Task BeginAsync(CancellationToken cancellationToken)
        {
            if (!(await ExactlyAsync(ArchiveFormat.Magic.Length, cancellationToken)).AsSpan().SequenceEqual(ArchiveFormat.Magic))
            {
                throw new ArchiveFormatException("it does not begin as a backup of gtc");
            }
        }

        public async Task<byte> LetterAsync(CancellationToken cancellationToken) => (await ExactlyAsync(1, cancellationToken))[0];

        public async Task<MemoryStream> PartAsync(byte letter, int most, CancellationToken cancellationToken) => await LetterAsync(cancellationToken) == letter
            ? await ContentAsync(most, cancellationToken)
            : throw new ArchiveFormatException($"part {(char)letter} is not where it must be");

        public async Task<MemoryStream> ContentAsync(int most, CancellationToken cancellationToken)
        {
            var length = BinaryPrimitives.ReadInt64BigEndian(await ExactlyAsync(sizeof(long), cancellationToken));
            if (length < 0 || length > most)
            {
                throw new ArchiveFormatException($"a part has {length:N0} bytes, the most is {most:N0}");
            }

            // Not allocated at once: what a damaged length asks for need not be there.
            var content = new MemoryStream();
            var buffer = new byte[Math.Min(length, 1 << 20)];
            while (content.Length < length)
            {
                var wanted = (int)Math.Min(buffer.Length, length - content.Length);
                await FillAsync(buffer.AsMemory(0, wanted), cancellationToken);
                content.Write(buffer, 0, wanted);
            }

            content.Position = 0;
            return content;
        }

        public async Task EndAsync(CancellationToken cancellationToken)
        {
            if (await LetterAsync(cancellationToken) != ArchiveFormat.End || BinaryPrimitives.ReadInt64BigEndian(await ExactlyAsync(sizeof(long), cancellationToken)) != ArchiveFormat.DigestLength)
            {
                throw new ArchiveFormatException("its end is not where it must be");
            }

            var expected = _everything.GetHashAndReset();
            if (!(await ExactlyAsync(ArchiveFormat.DigestLength, cancellationToken)).AsSpan().SequenceEqual(expected))
            {
                throw new ArchiveFormatException("its digest is of something else");
            }

            if (await stream.ReadAsync(new byte[1], cancellationToken) != 0)
            {
                throw new ArchiveFormatException("something follows its end");
            }
        }

        public void Dispose() => _everything.Dispose();

        private async Task<byte[]> ExactlyAsync(int length, CancellationToken cancellationToken)
        {
            var bytes = new byte[length];
            await FillAsync(bytes, cancellationToken);
            return bytes;
        }

        private async Task FillAsync(Memory<byte> bytes, CancellationToken cancellationToken)
        {
            if (await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken) < bytes.Length)
            {
                throw new ArchiveFormatException("it ends too early");
            }

            _everything.AppendData(bytes.Span);
        }
    }
}

/// <summary>A backup that cannot be read; it becomes a refusal where it was opened.</summary>
internal sealed class ArchiveFormatException(string message) : Exception(message);
