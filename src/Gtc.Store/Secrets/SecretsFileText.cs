using System.Text;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// The text of a file of secrets (store.md §8.2): blank lines, lines with <c>#</c>, and one line
/// <c>SECRETS_BACKEND_STATE=</c> with the state's JSON in base64 without padding.
/// </summary>
/// <param name="State">The base64 text, empty when there is no file yet, or an empty one.</param>
/// <param name="Seal">What follows <see cref="SealPrefix"/>, or null.</param>
internal sealed record SecretsFileText(string State, string? Seal)
{
    /// <summary>The most bytes of a file: 16 MiB.</summary>
    public const int MaxBytes = 16 << 20;

    private const string StatePrefix = "SECRETS_BACKEND_STATE=";
    private const string SealPrefix = "# gtc-sealed-v1 ";
    private const string NoBase64 = "its state is not base64 without padding";

    /// <summary>No file yet, or an empty one.</summary>
    public static SecretsFileText None { get; } = new("", Seal: null);

    /// <summary>Whether anything was ever written.</summary>
    public bool IsEmpty => State.Length == 0;

    /// <summary>Splits the text.</summary>
    /// <exception cref="BrokenSecretsException">It is none.</exception>
    public static SecretsFileText Parse(ReadOnlySpan<byte> bytes)
    {
        string? state = null;
        string? seal = null;
        foreach (var line in Encoding.Latin1.GetString(bytes).Split('\n').Select(line => line.TrimEnd('\r')))
        {
            if (line.StartsWith(SealPrefix, StringComparison.Ordinal))
            {
                seal = seal is null ? line[SealPrefix.Length..] : throw new BrokenSecretsException("it is sealed twice");
            }
            else if (line.StartsWith(StatePrefix, StringComparison.Ordinal))
            {
                state = state is null ? line[StatePrefix.Length..] : throw new BrokenSecretsException("it has two states");
            }
            else if (!string.IsNullOrWhiteSpace(line) && !line.StartsWith('#'))
            {
                throw new BrokenSecretsException($"it holds a line that is neither a comment nor {StatePrefix}…");
            }
        }

        // An empty file is what the existing runtime leaves when it opens one for the first time; anything else has a state.
        return bytes.IsEmpty || !string.IsNullOrEmpty(state) ? new(state ?? "", seal) : throw new BrokenSecretsException("it holds no state");
    }

    /// <summary>The text of a state.</summary>
    public static string Encode(StoredSecrets state) =>
        Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(state, StoredSecretsJson.Default.StoredSecrets)).TrimEnd('=');

    /// <summary>The state, checked: keys are unique and those of their records, versions count from 1.</summary>
    /// <exception cref="BrokenSecretsException">It is none.</exception>
    public StoredSecrets Decode()
    {
        if (IsEmpty)
        {
            return StoredSecrets.Empty;
        }

        if (State.Contains('=', StringComparison.Ordinal))
        {
            throw new BrokenSecretsException(NoBase64);
        }

        try
        {
            var json = Convert.FromBase64String(State.PadRight((State.Length + 3) / 4 * 4, '='));
            var state = JsonSerializer.Deserialize(json, StoredSecretsJson.Default.StoredSecrets) ?? throw new BrokenSecretsException("its state is null");
            return Problem(state) is { } problem ? throw new BrokenSecretsException(problem) : state;
        }
        catch (FormatException)
        {
            throw new BrokenSecretsException(NoBase64);
        }
        catch (JsonException error)
        {
            // The message of the exception may quote what it found.
            throw new BrokenSecretsException($"its state cannot be read at {error.Path ?? "$"}");
        }
    }

    /// <summary>The file's bytes.</summary>
    public byte[] ToBytes() => Encoding.ASCII.GetBytes($"{(Seal is null ? "" : $"{SealPrefix}{Seal}\n")}{StatePrefix}{State}\n");

    private static string? Problem(StoredSecrets state)
    {
        if (state.Secrets.IsDefault || state.Secrets.Any(secret => secret is null || secret.Versions.IsDefaultOrEmpty || secret.Versions.Any(version => version is null)))
        {
            return "it holds null, or a secret without versions";
        }

        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var secret in state.Secrets)
        {
            if (!keys.Add(secret.Key))
            {
                return "it holds a secret twice";
            }

            for (var i = 0; i < secret.Versions.Length; i++)
            {
                if (Problem(secret.Key, secret.Versions[i], i + 1) is { } problem)
                {
                    return problem;
                }
            }
        }

        return null;
    }

    private static string? Problem(string key, StoredVersion version, int number)
    {
        if (version.Version != number)
        {
            return $"the versions of a secret do not count from 1: {version.Version} stands where {number} belongs";
        }

        if (version.Record?.Meta is not { } meta)
        {
            return version.Deleted ? null : $"version {number} of a secret has neither a record nor a tombstone";
        }

        if (meta.Uri != key && meta.Uri != $"{key}@{number}")
        {
            return $"version {number} of a secret belongs to another one";
        }

        return StoredMeta.Visibilities.Contains(meta.Visibility) && StoredMeta.ContentTypes.Contains(meta.ContentType)
            ? null
            : $"version {number} of a secret has an unknown visibility or content type";
    }
}

/// <summary>The file of secrets is broken; turned into a refusal at the boundary. Its text never quotes the file.</summary>
/// <param name="message">What is wrong.</param>
internal sealed class BrokenSecretsException(string message) : Exception(message);
