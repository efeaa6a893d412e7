using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// The secrets of an environment: one encrypted file (store.md §8), in the form that the existing runtime shares or sealed.
/// Writers take the file's own lock, the last one to be taken; run them inside <c>MutateAsync</c>, which audits.
/// </summary>
public sealed partial class SecretStore
{
    private readonly SecretAccess _access;
    private readonly SecretsFile _file;
    private readonly SecretsBinding _binding;
    private readonly SealedKeyFile _key;

    private SecretStore(EnvId environment, SecretAccess access, SecretsFile file, SecretsBinding binding, SealedKeyFile key)
    {
        Environment = environment;
        _access = access;
        _file = file;
        _binding = binding;
        _key = key;
        Warnings = [.. Warn()];
    }

    /// <summary>The environment.</summary>
    public EnvId Environment { get; }

    /// <summary>The env-pack that is bound.</summary>
    public PackDescriptor Kind => _binding.Binding.Kind;

    /// <summary>Whether secrets are sealed with a key of the environment's own.</summary>
    public bool IsSealed => _binding.IsSealed;

    /// <summary>The file; it need not exist yet.</summary>
    public string Path => _file.Path;

    /// <summary>What a person should know about the way that secrets are kept.</summary>
    public ImmutableArray<string> Warnings { get; }

    /// <summary>Whether secrets are kept under a pass phrase of the process, which other processes need to be given too.</summary>
    public bool HasOwnPassPhrase => !IsSealed && HasPassPhrase;

    /// <summary>Whether everybody knows the key that they are encrypted with; of environment <c>local</c> nobody minds.</summary>
    public bool IsPublic => !IsSealed && !HasPassPhrase && Environment != EnvId.Local;

    /// <summary>Opens the secrets that an environment binds; refused when it binds none. Nothing is made on disk.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="layout">Where its files lie.</param>
    /// <param name="access">The process's variables, clock and randomness.</param>
    public static Outcome<SecretStore> Open(EnvironmentDocument environment, EnvironmentLayout layout, SecretAccess access)
    {
        ArgumentNullException.ThrowIfNull(access);
        return Open(environment, layout, access, new AtomicFile(access.Random));
    }

    internal static Outcome<SecretStore> Open(EnvironmentDocument environment, EnvironmentLayout layout, SecretAccess access, AtomicFile atomic)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(layout);
        try
        {
            return SecretsBinding.Of(environment, layout, atomic).Then(binding => (Outcome<SecretStore>)new SecretStore(
                layout.Id, access, new SecretsFileOnDisk(SecretsFileOnDisk.Locate(layout, access, atomic), atomic), binding, new(layout.Id, access, atomic)));
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("secrets could not be opened", error);
        }
    }

    /// <summary>Opens secrets that a store server keeps: they are encrypted and decrypted here, and the server never sees a key.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="answers">The answers of its secrets binding; null when it has none.</param>
    /// <param name="place">Where the secrets are, for people.</param>
    /// <param name="file">The file of secrets as the server has it; empty when there is none. What a change writes is in <see cref="Written"/>.</param>
    /// <param name="access">The process's variables, clock and randomness.</param>
    public static Outcome<SecretStore> OpenRemote(EnvironmentDocument environment, JsonObject? answers, string place, byte[] file, SecretAccess access)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(access);
        return SecretsBinding.Of(environment, environment.EnvironmentId, _ => answers ?? []).Then(binding => (Outcome<SecretStore>)new SecretStore(
            environment.EnvironmentId, access, new SecretsFileAtHand(place, file), binding, new(environment.EnvironmentId, access, new AtomicFile(access.Random))));
    }

    /// <summary>The file that changes of secrets on a store server made; null when there were none.</summary>
    public ReadOnlyMemory<byte>? Written => (_file as SecretsFileAtHand)?.Written is { } written ? (ReadOnlyMemory<byte>?)written : null;

    /// <summary>The answers of the secrets binding, with which it says that they are sealed.</summary>
    public JsonObject SealedAnswers => _binding.SealedAnswers();

    /// <summary>The key of sealed secrets in base64, to hand it to whoever serves the environment elsewhere; null when they are not sealed, or there are none yet.</summary>
    public Outcome<string?> SealedKey()
    {
        try
        {
            return IsSealed && !_file.Read().IsEmpty ? _key.Export().Then(key => (Outcome<string?>)key) : (string?)null;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("the key of the sealed secrets could not be read", error);
        }
    }

    /// <summary>The file as it is, encrypted, to hand it to whoever serves the environment elsewhere; null when there is none.</summary>
    public Outcome<byte[]?> Ciphertext()
    {
        try
        {
            return _file.Bytes();
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("secrets could not be read", error);
        }
    }

    /// <summary>Looks for a secret; the reader disposes what is found.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="version">An older version, or null for the newest.</param>
    public Outcome<SecretReading> Get(SecretUri secret, uint? version)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return Read(state =>
        {
            var key = secret.ToString();
            var stored = state.Find(key);
            var found = version is null ? stored?.Live : stored?.Versions.FirstOrDefault(candidate => candidate.Version == version && candidate.IsLive);
            return found is null ? new SecretReading.Absent() : Unlocked(mayCreate: false).Then(cipher => Decrypt(cipher, found, key));
        });
    }

    /// <summary>The secrets of the environment by name, sorted; deleted ones are left out, values are not decrypted.</summary>
    public Outcome<ImmutableArray<SecretListing>> List() => Read(state => (Outcome<ImmutableArray<SecretListing>>)Listed(state, Environment));

    internal static ImmutableArray<SecretListing> Listed(StoredSecrets state, EnvId environment) =>
    [
        .. state.Secrets
            .Where(secret => secret.Live is not null && secret.Key.StartsWith($"{SecretUri.Scheme}{environment}/", StringComparison.Ordinal))
            .Select(secret => new SecretListing(secret.Key, secret.Newest!.Version))
            .OrderBy(secret => secret.StoreUri, StringComparer.Ordinal),
    ];

    private Outcome<SecretReading> Decrypt(SecretCipher cipher, StoredVersion version, string key)
    {
        using (cipher)
        {
            if (cipher.Decrypt(version.Record!, key, version.Version) is not { } plain)
            {
                return new SecretReading.Undecryptable(version.Version, Undecryptable(key, version));
            }

            try
            {
                return SecretValue.Of(plain).Then(value => (Outcome<SecretReading>)new SecretReading.Found(version.Version, value));
            }
            finally
            {
                CryptographicOperations.ZeroMemory(plain);
            }
        }
    }

    private Refusal.StoreFailed Undecryptable(string key, StoredVersion version) => new($"{key} is there, but cannot be decrypted")
    {
        Details =
        [
            new("version", $"{version.Version}"),
            new("file", Path),
            new("because", IsSealed || version.Record!.Envelope.Algorithm == SealedCipher.Algorithm
                ? "its record was altered or moved"
                : $"{DevCipher.Variable} is not the one that it was written with, or its record was altered"),
        ],
    };

    /// <summary>Reads the file, checks that it is whole, and looks at it.</summary>
    private Outcome<T> Read<T>(Func<StoredSecrets, Outcome<T>> look)
    {
        try
        {
            return Checked(_file.Read()).Then(look);
        }
        catch (BrokenSecretsException broken)
        {
            return IsSealed ? Broken(broken) : ReadLocked(look, broken);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("secrets could not be read", error);
        }
    }

    /// <summary>The existing runtime writes in place: what was read may be half of it. It holds the lock while it does.</summary>
    private Outcome<T> ReadLocked<T>(Func<StoredSecrets, Outcome<T>> look, BrokenSecretsException broken)
    {
        try
        {
            using var held = _file.Lock(_access.Time.GetUtcNow());
            return Checked(_file.Read()).Then(look);
        }
        catch (BrokenSecretsException stillBroken)
        {
            return Broken(stillBroken);
        }
        catch (FileCallException)
        {
            // The place is read-only, so nobody is writing there.
            return Broken(broken);
        }
    }

    private Outcome<StoredSecrets> Checked(SecretsFileText text)
    {
        if (text.IsEmpty)
        {
            return StoredSecrets.Empty;
        }

        return Unlock(text).Then(cipher =>
        {
            using (cipher)
            {
                return (Outcome<StoredSecrets>)text.Decode();
            }
        });
    }

    /// <summary>The cipher of a file, once the file is seen to be of the form that the environment wants, and whole.</summary>
    private Outcome<SecretCipher> Unlock(SecretsFileText text)
    {
        if (!text.IsEmpty && IsSealed != (text.Seal is not null))
        {
            return new Refusal.Conflict(IsSealed
                ? "the environment's secrets are to be sealed, but the file of secrets is not: it is not read, since anybody could have written it"
                : "the file of secrets is sealed, but the environment's secrets binding does not say so (answer `mode`)")
            {
                Details = [new("file", Path)],
                Next = $"gtc op secrets seal {Environment}",
            };
        }

        return Unlocked(mayCreate: text.IsEmpty).Then(cipher =>
        {
            if (cipher.Check(text) is not { } unfit)
            {
                return (Outcome<SecretCipher>)cipher;
            }

            cipher.Dispose();
            return WithFile(unfit);
        });
    }

    private Outcome<SecretCipher> Unlocked(bool mayCreate)
    {
        if (IsSealed)
        {
            return _key.Unlock(mayCreate);
        }

        return HasPassPhrase || _binding.AllowsDefaultKey
            ? OpenDevCipher()
            : new Refusal.Conflict($"environment `{Environment}` forbids the public default key for its secrets, and {DevCipher.Variable} is not set")
            {
                Next = $"gtc op secrets seal {Environment}",
            };
    }

    private bool HasPassPhrase => _access.Filled(DevCipher.Variable) is not null;

    private DevCipher OpenDevCipher() => new(_access.Filled(DevCipher.Variable), _access.Random);

    private Refusal WithFile(Refusal refusal) => refusal with { Details = [.. refusal.Details, new("file", Path)] };

    private Refusal.StoreFailed Broken(BrokenSecretsException broken) => new($"the file of secrets is broken: {broken.Message}")
    {
        Details = [new("file", Path)],
    };

    private IEnumerable<string> Warn()
    {
        if (IsPublic)
        {
            yield return $"secrets of environment `{Environment}` are kept under a key that everybody knows: whoever reads {Path} reads them. "
                + $"Seal them with `gtc op secrets seal {Environment}`, or set {DevCipher.Variable}";
        }

        if (_file.IsOpenToOthers)
        {
            yield return $"{Path} is open to others; the next change closes it";
        }
    }
}
