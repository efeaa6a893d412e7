using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>Changes of secrets. Every one is a new version; what was there before stays in the file.</summary>
public sealed partial class SecretStore
{
    /// <summary>Writes a secret, new or not.</summary>
    public Outcome<SecretVersion> Put(SecretUri secret, SecretValue value)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(value);
        return Change((state, cipher) => Append(state, cipher, secret.ToString(), value));
    }

    /// <summary>Writes a new version of a secret that there is; the previous one is kept.</summary>
    public Outcome<SecretVersion> Rotate(SecretUri secret, SecretValue value)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(value);
        var missing = new Refusal.Missing($"{secret} does not exist") { Next = $"gtc op secrets list {Environment}" };
        return Exists(secret).Then(exists => exists
            ? Change((state, cipher) => state.Find(secret.ToString())?.Live is null ? missing : Append(state, cipher, secret.ToString(), value))
            : missing);
    }

    /// <summary>Ends a secret with a tombstone; its earlier versions stay in the file.</summary>
    /// <returns>The tombstone's version, or null when there is no such secret; then nothing is written.</returns>
    public Outcome<SecretVersion?> Delete(SecretUri secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return Exists(secret).Then(exists => exists ? Change((state, _) => Bury(state, secret.ToString())) : (SecretVersion?)null);
    }

    /// <summary>
    /// Seals the environment's secrets: rewrites the file with every version under the environment's own key, which is made when there is
    /// none, and says so in the binding's answers. Doing it again changes nothing.
    /// </summary>
    /// <param name="change">The change of the environment that this is part of.</param>
    /// <returns>The document to save, or null when it stays as it is.</returns>
    public Outcome<EnvironmentDocument?> Seal(MutationContext change)
    {
        ArgumentNullException.ThrowIfNull(change);
        try
        {
            using var held = _file.Lock(_access.Time.GetUtcNow());
            if (Reseal() is { } refusal)
            {
                return refusal;
            }

            return IsSealed || change.Current is not { } document ? (EnvironmentDocument?)null : Declare(change, document);
        }
        catch (BrokenSecretsException broken)
        {
            return Broken(broken);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("secrets could not be sealed", error);
        }
    }

    /// <summary>Seals secrets that a store server keeps: the file with every version under the environment's own key, which is made when there is none. It becomes what the server has only there.</summary>
    /// <returns>The file; it is the one that was read when that is sealed already.</returns>
    public Outcome<ReadOnlyMemory<byte>> SealHere()
    {
        try
        {
            return Reseal() is { } refusal ? refusal : (ReadOnlyMemory<byte>)_file.Read().ToBytes();
        }
        catch (BrokenSecretsException broken)
        {
            return Broken(broken);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("secrets could not be sealed", error);
        }
    }

    private static Outcome<(StoredSecrets? State, SecretVersion Result)> Append(StoredSecrets state, SecretCipher cipher, string key, SecretValue value)
    {
        var stored = state.Find(key) ?? new StoredSecret { Key = key, Versions = [] };
        var meta = new StoredMeta { Uri = key, Visibility = "team", ContentType = value.IsText ? "text" : "binary" };
        var version = new StoredVersion { Version = stored.NextNumber, Deleted = false, Record = cipher.Encrypt(stored.NextNumber, meta, value.Bytes, state) };
        return (state.With(stored with { Versions = stored.Versions.Add(version) }), new SecretVersion(version.Version, stored.Live?.Version));
    }

    private static Outcome<(StoredSecrets? State, SecretVersion? Result)> Bury(StoredSecrets state, string key)
    {
        if (state.Find(key) is not { Live: { } live } stored)
        {
            return (null, null);
        }

        var tombstone = new StoredVersion { Version = stored.NextNumber, Deleted = true, Record = null };
        return (state.With(stored with { Versions = stored.Versions.Add(tombstone) }), new SecretVersion(tombstone.Version, live.Version));
    }

    /// <summary>Looked up before the lock is taken, so that asking for nothing leaves no file and no key behind.</summary>
    private Outcome<bool> Exists(SecretUri secret) => Read(state => (Outcome<bool>)(state.Find(secret.ToString())?.Live is not null));

    private Outcome<T> Change<T>(Func<StoredSecrets, SecretCipher, Outcome<(StoredSecrets? State, T Result)>> change)
    {
        try
        {
            using var held = _file.Lock(_access.Time.GetUtcNow());
            var text = _file.Read();
            if (!Unlock(text).TryGet(out var cipher, out var refusal))
            {
                return refusal;
            }

            using (cipher)
            {
                return change(text.Decode(), cipher).Then(changed =>
                {
                    if (changed.State is { } state)
                    {
                        _file.Write(cipher.Write(state));
                    }

                    return (Outcome<T>)changed.Result;
                });
            }
        }
        catch (BrokenSecretsException broken)
        {
            return Broken(broken);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("secrets could not be written", error);
        }
    }

    /// <summary>Null when the file is sealed now.</summary>
    private Refusal? Reseal()
    {
        var text = _file.Read();
        if (!_key.Unlock(mayCreate: text.Seal is null).TryGet(out var target, out var refusal))
        {
            return refusal;
        }

        using (target)
        {
            if (text.Seal is not null)
            {
                return target.Check(text) is { } unfit ? WithFile(unfit) : null;
            }

            // Also when the environment forbids the default key: this is the way out.
            using var source = OpenDevCipher();
            return Converted(text.Decode(), source, target).Match(
                state =>
                {
                    _file.Write(target.Write(state));
                    return (Refusal?)null;
                },
                unreadable => unreadable);
        }
    }

    private Outcome<StoredSecrets> Converted(StoredSecrets state, DevCipher source, SecretCipher target)
    {
        var sealedSecrets = new List<StoredSecret>();
        foreach (var secret in state.Secrets)
        {
            var versions = new List<StoredVersion>();
            foreach (var version in secret.Versions)
            {
                if (!version.IsLive)
                {
                    versions.Add(version with { Record = null });
                    continue;
                }

                if (source.Decrypt(version.Record!, secret.Key, version.Version) is not { } plain)
                {
                    return Undecryptable(secret.Key, version);
                }

                versions.Add(version with { Record = target.Encrypt(version.Version, version.Record!.Meta with { Uri = secret.Key }, plain, state) });
                CryptographicOperations.ZeroMemory(plain);
            }

            sealedSecrets.Add(secret with { Versions = [.. versions] });
        }

        return state with { Secrets = [.. sealedSecrets] };
    }

    /// <summary>What a document says of secrets that are sealed now. There is no way back by rolling the binding back: the developer's cipher refuses a sealed file.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="binding">What is bound in its slot <c>secrets</c>.</param>
    /// <param name="answers">The binding's answers, which say so.</param>
    /// <returns>The document to save, and where the answers belong.</returns>
    public static (EnvironmentDocument Document, string Reference) Declared(EnvironmentDocument document, EnvPackBinding binding, JsonElement answers)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(binding);
        var reference = binding.AnswersRef ?? AnswersPlace.Of(CapabilitySlot.Secrets);
        var declared = binding with { AnswersRef = reference, AnswersDigest = CanonicalJson.Digest(answers), Generation = binding.Generation + 1, PreviousBindingRef = null };
        return (document with { Packs = document.Packs.Replace(binding, declared) }, reference);
    }

    private Outcome<EnvironmentDocument?> Declare(MutationContext change, EnvironmentDocument document)
    {
        var answers = JsonElement.Parse(_binding.SealedAnswers().ToJsonString());
        var (declared, reference) = Declared(document, document.Packs.First(pack => pack.Slot == CapabilitySlot.Secrets), answers);
        return BindingAnswers.Stage(change.Files, reference, answers) is { } unwritten ? unwritten : declared;
    }
}
