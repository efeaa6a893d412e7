using System.Security.Cryptography;
using System.Text;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>The file of the operator's key (trust-and-signing.md §2). A key that others could read, replace or redirect is refused.</summary>
public sealed class OperatorKeyFile
{
    private const int MaxBytes = 16 * 1024;

    private const UnixFileMode PublicMode = AtomicFile.Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly AtomicFile _atomic;
    private readonly RandomSource _random;

    /// <summary>Takes the file; nothing is read or written yet.</summary>
    /// <param name="path">The private key's file; its public half lies beside it with <c>.pub</c> appended.</param>
    /// <param name="random">Makes keys; outside tests the operating system's generator.</param>
    public OperatorKeyFile(string path, RandomSource random)
        : this(path, random, LinuxFileCalls.Instance)
    {
    }

    internal OperatorKeyFile(string path, RandomSource random, IFileCalls calls)
    {
        Path = System.IO.Path.GetFullPath(path);
        _random = random;
        _atomic = new AtomicFile(calls, random);
    }

    /// <summary>The private key's file, absolute.</summary>
    public string Path { get; }

    private string PublicPath => Path + ".pub";

    private OperatorKeyFile Successor => new(Path + ".next", _random, _atomic.Calls);

    /// <summary>Finds the file: <c>GTC_OPERATOR_KEY_PATH</c>, else <c>$HOME/.greentic/operator/key.pem</c>.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    public static Outcome<string> FindPath(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        if (variable("GTC_OPERATOR_KEY_PATH") is { Length: > 0 } path)
        {
            return path;
        }

        return variable("HOME") is { Length: > 0 } home
            ? System.IO.Path.Combine(home, ".greentic", "operator", "key.pem")
            : Failed("NoHome", "there is no place for the operator key: neither GTC_OPERATOR_KEY_PATH nor HOME is set") with
            {
                Next = "export GTC_OPERATOR_KEY_PATH=/etc/greentic/operator-key.pem",
            };
    }

    /// <summary>Loads the key; one that is absent is refused, so that nothing signs with a key that nobody trusts.</summary>
    public Outcome<OperatorKey> LoadExisting() => Guarded(() => Load() ?? Failed("Io", $"there is no operator key at {Path}") with
    {
        Next = "gtc op trust-root bootstrap",
    });

    /// <summary>Loads the key; null when there is none.</summary>
    public Outcome<OperatorKey?> LoadIfPresent()
    {
        var isAbsent = false;
        var loaded = Guarded(() =>
        {
            if (Load() is { } present)
            {
                return present;
            }

            isAbsent = true;
            return Failed("Io", $"there is no operator key at {Path}");
        });
        return isAbsent ? (OperatorKey?)null : loaded.Then<OperatorKey?>(key => key);
    }

    /// <summary>
    /// Loads the key that is to follow this one, or makes it; it lies beside this one until <see cref="Succeed"/>. A rotation that was
    /// cut short goes on with the same one.
    /// </summary>
    public Outcome<OperatorKey> LoadOrGenerateSuccessor() => Successor.LoadOrGenerate();

    /// <summary>Puts the successor in place. The old key is kept under its id, in case that something still needs it.</summary>
    /// <param name="present">The key that is in place now.</param>
    /// <param name="successor">The key that follows it, from <see cref="LoadOrGenerateSuccessor"/>.</param>
    /// <returns>Where the old key lies.</returns>
    /// <remarks>
    /// The public halves go first: whichever private key is found in between gets its own half again when it is loaded. The
    /// private key's name is never without a file.
    /// </remarks>
    public Outcome<string> Succeed(OperatorKey present, OperatorKey successor)
    {
        ArgumentNullException.ThrowIfNull(present);
        ArgumentNullException.ThrowIfNull(successor);
        var retired = $"{Path}.{present.KeyId}";
        try
        {
            _atomic.LinkOrCopy(Path, retired);
            _atomic.Delete(Successor.PublicPath);
            _atomic.Delete(PublicPath);
            _atomic.Calls.Rename(Successor.Path, Path);
            _atomic.Calls.SyncFolder(System.IO.Path.GetDirectoryName(Path)!);
            WritePublicHalf(successor.Key.PublicKey);
            return retired;
        }
        catch (FileCallException error)
        {
            return Failed("Io", $"the new operator key could not be put in place: {error.Message}") with { Next = FileRefusals.Next(error) };
        }
    }

    /// <summary>Loads the key, or makes one. Of two processes that make one at once, both get the same.</summary>
    public Outcome<OperatorKey> LoadOrGenerate() => Guarded(() =>
    {
        if (Load() is { } present)
        {
            return present;
        }

        return Generate() ?? Load() ?? Failed("Io", $"the operator key at {Path} went away while it was loaded");
    });

    private static Refusal.OperatorKeyFailed Failed(string rule, string message) => new(message) { Details = [new("rule", rule)] };

    private static Outcome<OperatorKey> Guarded(Func<Outcome<OperatorKey>> load)
    {
        try
        {
            return load();
        }
        catch (FileCallException error)
        {
            return Failed("Io", $"the operator key cannot be used: {error.Message}") with { Next = FileRefusals.Next(error) };
        }
    }

    /// <summary>Null when there is no file. The order of the checks is that of trust-and-signing.md §2.3.</summary>
    private Outcome<OperatorKey>? Load()
    {
        if (FindLinkedAncestor() is { } ancestor)
        {
            return Failed("SymlinkInAncestor", $"the operator key {Path} lies behind a symbolic link, which could be turned to another key: {ancestor}") with
            {
                Next = $"export GTC_OPERATOR_KEY_PATH=$(realpath {Path})",
            };
        }

        if (_atomic.Calls.Status(Path, followLinks: false) is not { } status)
        {
            return null;
        }

        if (!status.IsRegular)
        {
            return Failed("NotRegularFile", $"the operator key {Path} is not a regular file");
        }

        var pem = ReadPrivate(out var refusal);
        try
        {
            return refusal ?? Decode(pem);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pem);
        }
    }

    private string? FindLinkedAncestor()
    {
        var folder = System.IO.Path.GetDirectoryName(Path);
        var ancestors = new Stack<string>();
        for (; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
        {
            ancestors.Push(folder);
        }

        return ancestors.FirstOrDefault(ancestor => _atomic.Calls.Status(ancestor, followLinks: false) is { IsSymbolicLink: true });
    }

    /// <summary>Checks again what was opened: the name may have been turned to another file since.</summary>
    private byte[] ReadPrivate(out Refusal? refusal)
    {
        refusal = null;
        try
        {
            using var file = _atomic.Calls.Open(Path, OpenWay.ReadNoFollow, UnixFileMode.None);
            var status = _atomic.Calls.Status(file, Path);
            if (!status.IsRegular)
            {
                refusal = Failed("NotRegularFile", $"the operator key {Path} is not a regular file");
            }
            else if (status.IsOpenToOthers)
            {
                refusal = Failed("InsecurePermissions", $"the operator key {Path} is open to others: mode {Convert.ToString(status.Mode & 0x1ff, 8)}, 600 was expected") with
                {
                    Next = $"chmod 600 {Path}",
                };
            }
            else if (status.Size > MaxBytes)
            {
                refusal = Failed("KeyDecode", $"the operator key {Path} has {status.Size:N0} bytes, the most is {MaxBytes:N0}");
            }
            else
            {
                var bytes = GC.AllocateArray<byte>((int)status.Size, pinned: true);
                _atomic.Calls.Read(file, bytes, 0, Path);
                return bytes;
            }
        }
        catch (FileCallException error) when (error.Errno == Errno.TooManyLinks)
        {
            refusal = Failed("NotRegularFile", $"the operator key {Path} is a symbolic link");
        }

        return [];
    }

    private Outcome<OperatorKey> Decode(byte[] pem)
    {
        var text = GC.AllocateArray<char>(pem.Length, pinned: true);
        Encoding.Latin1.GetChars(pem, text);
        var decoded = PrivateKey.FromPem(text);
        Array.Clear(text);
        if (!decoded.TryGet(out var key, out var error))
        {
            return Failed("KeyDecode", $"the operator key {Path} cannot be read: {error.Message}");
        }

        if (CheckPublicHalf(key.PublicKey) is { } refusal)
        {
            key.Dispose();
            return refusal;
        }

        return new OperatorKey(Path, key);
    }

    private Refusal? CheckPublicHalf(PublicKey expected)
    {
        if (_atomic.Read(PublicPath, MaxBytes) is not { } bytes)
        {
            WritePublicHalf(expected);
            return null;
        }

        if (!PublicKey.FromPem(Encoding.Latin1.GetString(bytes)).TryGet(out var found, out var error))
        {
            return Failed("KeyDecode", $"{PublicPath} cannot be read: {error.Message}") with { Next = $"rm {PublicPath}" };
        }

        return found.Equals(expected)
            ? null
            : Failed("StalePublicKey", $"{PublicPath} is the public half of key {found.KeyId}, the private key beside it is {expected.KeyId}") with
            {
                Next = $"rm {PublicPath}",
            };
    }

    /// <summary>Best effort: it is a convenience, and the folder may be read-only.</summary>
    private void WritePublicHalf(PublicKey key)
    {
        try
        {
            _atomic.CreateNew(PublicPath, Encoding.ASCII.GetBytes(key.ToPem()), PublicMode);
        }
        catch (FileCallException)
        {
            // See above.
        }
    }

    /// <summary>Null when a key is in place now, ours or that of a faster process.</summary>
    private Refusal.OperatorKeyFailed? Generate()
    {
        var seed = GC.AllocateArray<byte>(Ed25519Scheme.SeedLength, pinned: true);
        byte[] pem = [];
        try
        {
            _random(seed);
            using var key = Ed25519PrivateKey.FromSeed(seed);
            pem = key.ToPem();
            _atomic.CreateNew(Path, pem, AtomicFile.Private);
            return null;
        }
        catch (CryptographicException error)
        {
            return Failed("Entropy", $"no operator key could be made: {error.Message}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
            CryptographicOperations.ZeroMemory(pem);
        }
    }
}
