using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// Secrets as a running worker finds them, the nearest first: the variable that it was started with, the file of a mounted folder, the store that the
/// environment binds. A cluster gives the first two from its own Secrets; then no store need be bound.
/// </summary>
/// <param name="environment">The environment.</param>
/// <param name="layout">Where its files lie.</param>
/// <param name="access">The process's variables, clock and randomness.</param>
public sealed class SecretSource(EnvironmentDocument environment, EnvironmentLayout layout, SecretAccess access)
{
    /// <summary>The variable that names a folder with one file for each secret, called <see cref="SecretUri.EnvironmentVariable"/>. Its files may change at any time.</summary>
    public const string FolderVariable = "GREENTIC_SECRETS_FOLDER";

    /// <summary>Looks for a secret; the reader disposes it.</summary>
    /// <returns>The value; null when there is none.</returns>
    public Outcome<SecretValue?> Find(SecretUri secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return access.Filled(secret.EnvironmentVariable) is { } held ? SecretValue.Of(held).Then(Some)
            : access.Filled(FolderVariable) is { } folder && Path.Combine(folder, secret.EnvironmentVariable) is var path && File.Exists(path) ? ReadFile(secret, path)
            : SecretStore.Open(environment, layout, access).Then(store => store.Get(secret, version: null)).Then(reading => reading switch
            {
                SecretReading.Found found => found.Value,
                SecretReading.Undecryptable undecryptable => undecryptable.Why,
                _ => (Outcome<SecretValue?>)(SecretValue?)null,
            });
    }

    /// <summary>Whether a secret comes from the process's surroundings, which go before the store that could be written.</summary>
    public bool IsGiven(SecretUri secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return access.Filled(secret.EnvironmentVariable) is not null || (access.Filled(FolderVariable) is { } folder && File.Exists(Path.Combine(folder, secret.EnvironmentVariable)));
    }

    private static Outcome<SecretValue?> Some(SecretValue value) => value;

    private static Outcome<SecretValue?> ReadFile(SecretUri secret, string path)
    {
        var bytes = new byte[SecretValue.MaxBytes + 1];
        try
        {
            using var file = File.OpenRead(path);
            return SecretValue.Of(bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false))).Then(Some);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.StoreFailed($"{secret} could not be read: {error.Message}") { Details = [new("file", path)] };
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
