using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>How a change of a secret ends it.</summary>
public enum SecretStep
{
    /// <summary>It has a value, new or not.</summary>
    Put,

    /// <summary>It has another value; it had one before.</summary>
    Rotate,

    /// <summary>It is gone.</summary>
    Delete,
}

/// <summary>
/// A file of secrets as whoever has no key sees it: names, versions and ciphertext. A store server keeps such files for its callers, and checks that a
/// change of one secret is that and nothing else.
/// </summary>
public sealed class CiphertextFile
{
    private readonly StoredSecrets _state;
    private readonly bool _isThere;

    private CiphertextFile(StoredSecrets state, bool isSealed, bool isThere) => (_state, IsSealed, _isThere) = (state, isSealed, isThere);

    /// <summary>Whether it is sealed with a key of the environment's own.</summary>
    public bool IsSealed { get; }

    /// <summary>Reads a file; one that does not exist is empty.</summary>
    /// <returns>The file, or <see cref="Refusal.InvalidArgument"/> when it is broken.</returns>
    public static Outcome<CiphertextFile> Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var text = bytes.IsEmpty ? SecretsFileText.None : SecretsFileText.Parse(bytes);
            return new CiphertextFile(text.Decode(), text.Seal is not null, !text.IsEmpty);
        }
        catch (BrokenSecretsException broken)
        {
            return new Refusal.InvalidArgument($"this is no file of secrets: {broken.Message}");
        }
    }

    /// <summary>The secrets of an environment by name, sorted; deleted ones are left out.</summary>
    public ImmutableArray<SecretListing> List(EnvId environment) => SecretStore.Listed(_state, environment);

    /// <summary>The newest version of a secret; null when it is not there.</summary>
    public uint? Find(SecretUri secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return _state.Find(secret.ToString())?.Live?.Version;
    }

    /// <summary>Whether another file is this one with exactly one version more of one secret.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="step">What is done to it.</param>
    /// <param name="next">The other file.</param>
    /// <returns>The version and the one before it; a conflict when the other file was not made of this one.</returns>
    public Outcome<SecretVersion> Step(SecretUri secret, SecretStep step, CiphertextFile next)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(next);
        var key = secret.ToString();
        var before = _state.Find(key);
        if (before?.Live is null && step != SecretStep.Put)
        {
            return new Refusal.Missing($"{secret} does not exist") { Next = $"gtc op secrets list {secret.Environment}" };
        }

        if (next._state.Find(key) is not { Newest: { } newest } after
            || newest.Version != (before?.NextNumber ?? 1) || newest.IsLive == (step == SecretStep.Delete)
            || (_isThere && IsSealed != next.IsSealed)
            || !IsSame(_state, next._state with { Secrets = [.. next._state.Secrets.Select(other => other == after ? before ?? other : other).Where(other => before is not null || other != after)] })
            || !IsSame(before, after with { Versions = after.Versions[..^1] }))
        {
            return new Refusal.Conflict($"the file that was sent is not the one that is here with one version more of {secret}");
        }

        return IsPublic(next, newest, key, secret)
            ? Public(secret.ToString(), secret.Environment)
            : new SecretVersion(newest.Version, before?.Live?.Version);
    }

    /// <summary>Whether another file is this one, sealed: the same secrets and versions.</summary>
    /// <returns>Null when it is.</returns>
    public Refusal? Seal(CiphertextFile next)
    {
        ArgumentNullException.ThrowIfNull(next);
        static IEnumerable<(string, uint, bool)> Shape(CiphertextFile file) => file._state.Secrets.SelectMany(secret => secret.Versions.Select(version => (secret.Key, version.Version, version.IsLive)));
        return next.IsSealed && Shape(this).SequenceEqual(Shape(next)) ? null : new Refusal.Conflict("the file that was sent is not the one that is here, sealed");
    }

    /// <summary>That a secret is not taken which everybody could read.</summary>
    public static Refusal.Conflict Public<T>(string secret, T environment) => new($"{secret} is encrypted with the key that everybody knows, and a store server keeps no secret that everybody reads")
    {
        Details = [new("expected", $"sealed secrets, or {DevCipher.Variable} where they are encrypted")],
        Next = $"gtc op secrets seal {environment}",
    };

    /// <summary>On a machine of its own nobody minds; to whoever may read a server's files, such a value is plain.</summary>
    private static bool IsPublic(CiphertextFile file, StoredVersion version, string key, SecretUri secret)
    {
        if (file.IsSealed || version.Record is not { } record || secret.Environment == EnvId.Local.ToString())
        {
            return false;
        }

        using var cipher = new DevCipher(null, static _ => { });
        return cipher.Decrypt(record, key, version.Version) is not null;
    }

    private static bool IsSame(StoredSecrets left, StoredSecrets right) =>
        JsonSerializer.SerializeToUtf8Bytes(left, StoredSecretsJson.Default.StoredSecrets).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(right, StoredSecretsJson.Default.StoredSecrets));

    private static bool IsSame(StoredSecret? before, StoredSecret after) => before is null
        ? after.Versions.IsEmpty
        : JsonSerializer.SerializeToUtf8Bytes(before, StoredSecretsJson.Default.StoredSecret).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(after, StoredSecretsJson.Default.StoredSecret));
}
