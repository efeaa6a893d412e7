using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Signing;

/// <summary>The keys that an issuer of tokens publishes (RFC 7517 §5). Keys of kinds that are not known here are skipped, as the RFC asks.</summary>
/// <param name="Keys">The keys that can be used here.</param>
/// <param name="Skipped">Why the others cannot, in the set's order.</param>
public sealed record JsonWebKeySet(ImmutableArray<JsonWebKey> Keys, ImmutableArray<string> Skipped)
{
    /// <summary>The most bytes that a set may have: 256 KiB.</summary>
    public const int MaxBytes = 256 * 1024;

    private const int MaxKeys = 256;

    /// <summary>Reads a set.</summary>
    /// <returns>The set, with at least one key that can be used; or <see cref="SigningError.MalformedKeySet"/>.</returns>
    public static SigningResult<JsonWebKeySet> Parse(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
        {
            return new SigningError.MalformedKeySet($"it has {utf8.Length:N0} bytes, the most is {MaxBytes:N0}");
        }

        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            return Read(document.RootElement);
        }
        catch (JsonException error)
        {
            return new SigningError.MalformedKeySet(SigningFormat.Describe(error));
        }
        catch (InvalidOperationException)
        {
            return new SigningError.MalformedKeySet("it holds text that is not valid UTF-8");
        }
    }

    /// <summary>The key that a token names. A token that names none is taken only where one key alone is for its algorithm.</summary>
    /// <param name="algorithm">The token's algorithm.</param>
    /// <param name="keyId">The name of its key, or null.</param>
    /// <returns>The key, or null.</returns>
    public JsonWebKey? Find(string algorithm, string? keyId)
    {
        var fitting = Keys.Where(key => key.Algorithm == algorithm && (keyId is null || key.KeyId == keyId)).Take(2).ToList();
        return fitting.Count == 1 ? fitting[0] : null;
    }

    private static SigningResult<JsonWebKeySet> Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("keys", out var listed) || listed.ValueKind != JsonValueKind.Array)
        {
            return new SigningError.MalformedKeySet("it is no object with an array `keys`");
        }

        if (listed.GetArrayLength() > MaxKeys)
        {
            return new SigningError.MalformedKeySet($"it has {listed.GetArrayLength()} keys, the most is {MaxKeys}");
        }

        var keys = ImmutableArray.CreateBuilder<JsonWebKey>();
        var skipped = ImmutableArray.CreateBuilder<string>();
        foreach (var item in listed.EnumerateArray())
        {
            if (JsonWebKey.Read(item).TryGet(out var key, out var error))
            {
                keys.Add(key);
            }
            else
            {
                skipped.Add(error.Message);
            }
        }

        return keys.Count > 0
            ? new JsonWebKeySet(keys.ToImmutable(), skipped.ToImmutable())
            : new SigningError.MalformedKeySet($"no key of it can be used{(skipped.Count > 0 ? $": {skipped[0]}" : "")}");
    }
}
