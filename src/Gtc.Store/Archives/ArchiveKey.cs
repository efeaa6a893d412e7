using System.Buffers.Text;
using System.Security.Cryptography;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>What a backup is encrypted with: a key of 32 bytes, or a passphrase. Dispose it to overwrite it.</summary>
public sealed class ArchiveKey : IDisposable
{
    internal const int KeyLength = 32;

    private const int MaxFileBytes = 4096;
    private const int LeastPassphrase = 12;

    private static readonly byte[] Purpose = "gtc store backup v1"u8.ToArray();

    private readonly byte[] _secret;
    private readonly bool _isPassphrase;

    private ArchiveKey(byte[] secret, bool isPassphrase) => (_secret, _isPassphrase) = (secret, isPassphrase);

    /// <summary>Reads a key: 32 bytes in base64, as <c>openssl rand -base64 32</c> makes them. The file is its owner's alone.</summary>
    public static Outcome<ArchiveKey> FromKeyFile(string path) => Read(path).Then(text =>
    {
        var key = GC.AllocateArray<byte>(KeyLength, pinned: true);
        Span<byte> decoded = stackalloc byte[MaxFileBytes];
        var isKey = Base64.DecodeFromUtf8(text.AsSpan().Trim(" \r\n\t"u8), decoded, out _, out var length) == System.Buffers.OperationStatus.Done && length == KeyLength;
        decoded[..KeyLength].CopyTo(key);
        CryptographicOperations.ZeroMemory(decoded);
        CryptographicOperations.ZeroMemory(text);
        return isKey
            ? new ArchiveKey(key, isPassphrase: false)
            : (Outcome<ArchiveKey>)new Refusal.InvalidArgument($"{path} holds no key: 32 bytes in base64 were expected") { Next = $"openssl rand -base64 32 > {path}" };
    });

    /// <summary>Reads a passphrase: all of the file but the newline at its end, at least 12 bytes. The file is its owner's alone.</summary>
    public static Outcome<ArchiveKey> FromPassphraseFile(string path) => Read(path).Then(text =>
    {
        var length = text.AsSpan().TrimEnd("\r\n"u8).Length;
        var passphrase = GC.AllocateArray<byte>(length, pinned: true);
        text.AsSpan(0, length).CopyTo(passphrase);
        CryptographicOperations.ZeroMemory(text);
        return length >= LeastPassphrase
            ? new ArchiveKey(passphrase, isPassphrase: true)
            : (Outcome<ArchiveKey>)new Refusal.InvalidArgument($"the passphrase in {path} has {length} bytes, at least {LeastPassphrase} were expected");
    });

    /// <summary>The head of a new backup.</summary>
    internal SealHead NewHead(RandomSource random)
    {
        var salt = new byte[SealHead.SaltLength];
        random(salt);
        return new SealHead
        {
            Schema = SealHead.SchemaId,
            Kdf = _isPassphrase ? SealHead.Pbkdf2 : SealHead.NoDerivation,
            Iterations = _isPassphrase ? SealHead.DefaultIterations : null,
            Salt = salt,
        };
    }

    /// <summary>The key that the content under a head is encrypted with.</summary>
    /// <exception cref="ArchiveFormatException">The head asks for the other kind of secret.</exception>
    internal byte[] ContentKey(SealHead head)
    {
        if (_isPassphrase != (head.Kdf == SealHead.Pbkdf2))
        {
            throw new ArchiveFormatException(_isPassphrase ? "it is encrypted with a key file, and a passphrase was given" : "it is encrypted with a passphrase, and a key file was given");
        }

        var input = _isPassphrase ? Rfc2898DeriveBytes.Pbkdf2(_secret, head.Salt, head.Iterations!.Value, HashAlgorithmName.SHA256, KeyLength) : _secret;
        return HKDF.DeriveKey(HashAlgorithmName.SHA256, input, KeyLength, head.Salt, Purpose);
    }

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_secret);

    private static Outcome<byte[]> Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var mode = File.GetUnixFileMode(file.SafeFileHandle);
            if ((mode & ~(AtomicFile.Private | UnixFileMode.UserExecute)) != 0)
            {
                return new Refusal.InvalidArgument($"{path} is open to others: mode {Convert.ToString((int)mode, 8)}, 600 was expected") { Next = $"chmod 600 {path}" };
            }

            if (file.Length > MaxFileBytes)
            {
                return new Refusal.InvalidArgument($"{path} has {file.Length:N0} bytes, the most is {MaxFileBytes:N0}");
            }

            var bytes = GC.AllocateArray<byte>((int)file.Length, pinned: true);
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"the key of the backup could not be read: {error.Message.TrimEnd('.')}");
        }
    }
}
