using System.Collections.Immutable;
using System.Text;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store;

namespace Gtc.Cli.Store;

/// <summary>Where a backup is, a file or an object of an S3-compatible endpoint, and what it is encrypted with. What goes to an endpoint is written to a temporary file first.</summary>
/// <param name="path">The file; for an object, a temporary one.</param>
/// <param name="remote">The object, or null.</param>
/// <param name="key">What it is encrypted with, or null.</param>
/// <param name="shown">The place as it was written.</param>
internal sealed class ArchivePlace(string path, S3Object? remote, ArchiveKey? key, string shown) : IDisposable
{
    private const int MaxKeyBytes = 16 << 10;

    /// <summary>Whether what is written is encrypted.</summary>
    public bool IsEncrypted => key is not null;

    /// <summary>The fields of every verb on backups.</summary>
    public static ImmutableArray<PayloadField> Fields { get; } =
    [
        new("key_file", "the key that the backup is encrypted with: 32 bytes in base64, in a file of mode 0600", "--key-file", "FILE"),
        new("passphrase_file", "a passphrase in place of a key, in a file of mode 0600", "--passphrase-file", "FILE"),
        new("s3_endpoint", "the S3-compatible endpoint of s3://…; that of AWS when not given", "--s3-endpoint", "URL"),
        new("s3_region", $"its region; AWS_REGION or {S3Place.DefaultRegion} when not given", "--s3-region", "REGION"),
        new("s3_credentials", "a file of credentials as the AWS tools have it; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY when not given", "--s3-credentials", "FILE"),
        new("operator_key", "the key that backups are signed with; ~/.greentic/operator/key.pem when not given", "--operator-key", "FILE"),
        new("data", "the folder of the environments; ~/.greentic/store when not given", "--data", "DIR"),
        new("database", "the PostgreSQL database of the environments instead, without a password: postgres://USER@HOST/DATABASE", "--database", "URL"),
        new("database_file", "a file of mode 0600 with that URL, which may hold a password", "--database-file", "FILE"),
    ];

    /// <summary>Reads what a payload says.</summary>
    public static Outcome<ArchivePlace> Of(string place, ArchivePayload payload, CliContext context)
    {
        if (!Key(payload, context).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        if (!S3Place.IsOne(place))
        {
            return new ArchivePlace(context.PathOf(place), null, key, context.PathOf(place));
        }

        var region = payload.S3Region ?? (context.Variable("AWS_REGION") is { Length: > 0 } set ? set : null);
        return S3Place.Parse(place, payload.S3Endpoint, region).Then(target => S3Credentials.Find(payload.S3Credentials is { } file ? context.PathOf(file) : null, context.Variable)
            .Then<ArchivePlace>(credentials => new ArchivePlace(
                Path.Combine(Path.GetTempPath(), $"gtc-backup-{Guid.NewGuid():N}"), new S3Object(target, credentials, context.OpenHttp(), context.Time), key, place)));
    }

    /// <summary>Writes a backup: whole, or not at all.</summary>
    /// <returns>What was written, and its length.</returns>
    public async Task<Outcome<(T Written, long Bytes)>> WriteAsync<T>(RandomSource random, Func<Stream, Task<Outcome<T>>> write, CancellationToken cancellationToken)
    {
        var unfinished = path + AtomicFile.TemporarySuffix;
        try
        {
            Outcome<T> written;
            long length;
            await using (var file = new FileStream(unfinished, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, UnixCreateMode = AtomicFile.Private }))
            {
                written = await ArchiveStreams.WriteAsync(file, key, random, write, cancellationToken);
                file.Flush(flushToDisk: true);
                length = file.Length;
                file.Position = 0;
                if (written.IsOk && remote is not null && await remote.PutAsync(file, cancellationToken) is { } unsent)
                {
                    return unsent;
                }
            }

            if (written.IsOk && remote is null)
            {
                File.Move(unfinished, path, overwrite: true);
            }

            return written.Then<(T, long)>(done => (done, length));
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Opens a backup: read through, and believed only when one of the keys signed it.</summary>
    public async Task<Outcome<StoreArchive>> OpenAsync(ImmutableArray<TrustedKey> trusted, CancellationToken cancellationToken)
    {
        if (remote is not null)
        {
            await using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = AtomicFile.Private });
            if (await remote.GetAsync(file, cancellationToken) is { } refusal)
            {
                return refusal;
            }
        }

        return await StoreArchive.OpenAsync(async stop => await ArchiveStreams.OpenAsync(File.OpenRead(path), key, stop), trusted, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        key?.Dispose();
        if (remote is not null)
        {
            remote.Dispose();
            File.Delete(path);
        }
    }

    /// <summary>The place as it was written.</summary>
    public override string ToString() => shown;

    /// <summary>The keys whose backups are believed: those that are named, else the operator's own.</summary>
    public static Outcome<ImmutableArray<TrustedKey>> Trusted(ImmutableArray<string> files, ArchivePayload payload, CliContext context)
    {
        if (files.IsEmpty)
        {
            return OperatorKey(payload.OperatorKey, context).Then(file => file.LoadExisting()).Then<ImmutableArray<TrustedKey>>(own =>
            {
                using (own)
                {
                    return ImmutableArray.Create(TrustedKey.Of(own.Key.PublicKey));
                }
            });
        }

        var keys = ImmutableArray.CreateBuilder<TrustedKey>();
        foreach (var file in files.Select(context.PathOf))
        {
            if (new FileInfo(file) is { Exists: true, Length: > MaxKeyBytes })
            {
                return new Refusal.FileFailed($"{file} is too long for a public key");
            }

            if (!PublicKey.FromPem(Encoding.Latin1.GetString(File.ReadAllBytes(file))).TryGet(out var parsed, out var error))
            {
                return new Refusal.InvalidArgument($"{file} is no public key: {error.Message}");
            }

            keys.Add(TrustedKey.Of(parsed));
        }

        return keys.ToImmutable();
    }

    /// <summary>The operator's key.</summary>
    public static Outcome<OperatorKeyFile> OperatorKey(string? given, CliContext context) =>
        ((given ?? context.Variable("GREENTIC_STORE_OPERATOR_KEY")) is { Length: > 0 } named ? context.PathOf(named) : OperatorKeyFile.FindPath(context.Variable).Then<string>(found => context.PathOf(found)))
        .Then<OperatorKeyFile>(found => new OperatorKeyFile(found, new RandomSource(context.Random)));

    private static Outcome<ArchiveKey?> Key(ArchivePayload payload, CliContext context) => (payload.KeyFile, payload.PassphraseFile) switch
    {
        (null, null) => (ArchiveKey?)null,
        ({ } file, null) => ArchiveKey.FromKeyFile(context.PathOf(file)).Then<ArchiveKey?>(read => read),
        (null, { } file) => ArchiveKey.FromPassphraseFile(context.PathOf(file)).Then<ArchiveKey?>(read => read),
        _ => new Refusal.InvalidArgument("--key-file and --passphrase-file exclude each other"),
    };
}
