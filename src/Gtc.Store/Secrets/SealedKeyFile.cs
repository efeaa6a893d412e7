using System.Security.Cryptography;
using System.Text;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// The master key of a sealed environment, 32 random bytes in base64: <c>GREENTIC_SECRETS_MASTER_KEY</c>, else the file that
/// <c>GREENTIC_SECRETS_MASTER_KEY_FILE</c> names, else <c>$HOME/.greentic/keys/&lt;env&gt;.key</c>, away from the environment's folder so
/// that a copy of the one is not a copy of the other.
/// </summary>
internal sealed class SealedKeyFile(EnvId environment, SecretAccess access, AtomicFile atomic)
{
    public const string KeyVariable = "GREENTIC_SECRETS_MASTER_KEY";
    public const string FileVariable = "GREENTIC_SECRETS_MASTER_KEY_FILE";

    private const int MaxTextBytes = 256;

    /// <summary>May be written by the group, or touched by others: 027.</summary>
    private const int TooOpenForMounted = 0b000_010_111;

    /// <summary>The cipher of the key at hand; with <paramref name="mayCreate"/> a key is made at the default place when there is none.</summary>
    /// <exception cref="FileCallException">A file cannot be read or written.</exception>
    public Outcome<SecretCipher> Unlock(bool mayCreate)
    {
        if (access.Filled(KeyVariable) is { } text)
        {
            return Cipher(Encoding.UTF8.GetBytes(text), KeyVariable);
        }

        if (access.Filled(FileVariable) is { } named)
        {
            return Read(System.IO.Path.GetFullPath(named), isMounted: true);
        }

        if (access.Filled("HOME") is not { } home)
        {
            return new Refusal.StoreFailed($"there is no key to unseal secrets with: neither {KeyVariable} nor {FileVariable} nor HOME is set");
        }

        var path = System.IO.Path.Combine(home, ".greentic", "keys", $"{environment}.key");
        if (mayCreate && atomic.Calls.Status(path, followLinks: false) is null)
        {
            Create(path);
        }

        return Read(path, isMounted: false);
    }

    /// <summary>The key at hand in base64, to hand it to a process elsewhere.</summary>
    /// <exception cref="FileCallException">A file cannot be read.</exception>
    public Outcome<string> Export() => Unlock(mayCreate: false).Then(cipher =>
    {
        using (cipher)
        {
            return (Outcome<string>)((SealedCipher)cipher).KeyText;
        }
    });

    private void Create(string path)
    {
        var key = SecretEnvelope.NewKey();
        byte[] text = [];
        try
        {
            access.Random(key);
            text = Encoding.ASCII.GetBytes(Convert.ToBase64String(key) + "\n");
            // Of two processes that make one at once, both use the first.
            atomic.CreateNew(path, text, AtomicFile.Private);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(text);
        }
    }

    private Outcome<SecretCipher> Read(string path, bool isMounted)
    {
        if (atomic.Calls.Status(path, followLinks: true) is null)
        {
            return new Refusal.StoreFailed($"the key of the sealed secrets is not there: {path}") with
            {
                Details = [new("expected", $"the file, or the key in {KeyVariable}, or another file in {FileVariable}")],
            };
        }

        // A Kubernetes Secret is mounted as a link, readable by the pod's group; a key of our own is neither.
        using var file = Open(path, isMounted, out var refusal);
        if (file is null)
        {
            return refusal!;
        }

        var status = atomic.Calls.Status(file, path);
        if (!status.IsRegular || status.Size > MaxTextBytes)
        {
            return NoKey(path);
        }

        if (isMounted ? (status.Mode & TooOpenForMounted) != 0 : status.IsOpenToOthers)
        {
            return new Refusal.StoreFailed($"the key of the sealed secrets is open to others: {path} has mode {Convert.ToString(status.Mode & 0x1ff, 8)}, 600 was expected") with
            {
                Next = $"chmod 600 {path}",
            };
        }

        var text = GC.AllocateArray<byte>((int)status.Size, pinned: true);
        return Cipher(text[..atomic.Calls.Read(file, text, 0, path)], path);
    }

    private Microsoft.Win32.SafeHandles.SafeFileHandle? Open(string path, bool isMounted, out Refusal? refusal)
    {
        refusal = null;
        try
        {
            return atomic.Calls.Open(path, isMounted ? OpenWay.Read : OpenWay.ReadNoFollow, UnixFileMode.None);
        }
        catch (FileCallException error) when (error.Errno == Errno.TooManyLinks)
        {
            refusal = new Refusal.StoreFailed($"the key of the sealed secrets is a symbolic link, which could be turned to another key: {path}") with
            {
                Next = $"export {FileVariable}={path}",
            };
            return null;
        }
    }

    private Outcome<SecretCipher> Cipher(byte[] text, string origin)
    {
        var key = SecretEnvelope.NewKey();
        Span<byte> decoded = stackalloc byte[MaxTextBytes];
        try
        {
            var trimmed = text.AsSpan().Trim(" \r\n\t"u8);
            if (System.Buffers.Text.Base64.DecodeFromUtf8(trimmed, decoded, out _, out var length) != System.Buffers.OperationStatus.Done || length != key.Length)
            {
                return NoKey(origin);
            }

            decoded[..length].CopyTo(key);
            return new SealedCipher(key, origin, access.Random);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            CryptographicOperations.ZeroMemory(decoded);
        }
    }

    private static Refusal.StoreFailed NoKey(string origin) => new($"{origin} holds no key: 32 bytes in base64 were expected")
    {
        Next = "openssl rand -base64 32",
    };
}
