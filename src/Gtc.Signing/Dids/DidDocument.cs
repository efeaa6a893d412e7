using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json;

namespace Gtc.Signing;

/// <summary>What a DID document (w3.org/TR/did-core) says about the keys that may make assertions. Everything else in it is skipped.</summary>
/// <param name="Keys">The keys that can be used here, in document order, each once.</param>
/// <param name="Skipped">Verification methods for assertion whose keys are of a kind that is not known here.</param>
public sealed record DidDocument(ImmutableArray<PublicKey> Keys, ImmutableArray<string> Skipped)
{
    /// <summary>The most bytes that a document may have: 256 KiB.</summary>
    public const int MaxBytes = 256 * 1024;

    private const int MaxMethods = 64;

    private const int MaxMultibase = 128;

    private const string Base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// <summary>Reads a document.</summary>
    /// <param name="utf8">Its bytes.</param>
    /// <param name="did">The identifier that it must be of.</param>
    /// <returns>The document, or <see cref="SigningError.MalformedDidDocument"/>.</returns>
    public static SigningResult<DidDocument> Parse(ReadOnlyMemory<byte> utf8, string did)
    {
        if (utf8.Length > MaxBytes)
        {
            return Malformed($"it has {utf8.Length:N0} bytes, the most is {MaxBytes:N0}");
        }

        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
            return Read(document.RootElement, did);
        }
        catch (JsonException error)
        {
            return Malformed(SigningFormat.Describe(error));
        }
        catch (InvalidOperationException)
        {
            return Malformed("it holds text that is not valid UTF-8");
        }
    }

    private static SigningResult<DidDocument> Read(JsonElement root, string did)
    {
        if (root.ValueKind != JsonValueKind.Object || StatementSubject.Text(root, "id") is not { } id)
        {
            return Malformed("it has no id");
        }

        if (id != did)
        {
            return Malformed($"it is the document of `{id}`");
        }

        if (!root.TryGetProperty("assertionMethod", out var assertions) || assertions.ValueKind != JsonValueKind.Array || assertions.GetArrayLength() == 0)
        {
            return Malformed("it authorises no key for assertion");
        }

        if (assertions.GetArrayLength() > MaxMethods)
        {
            return Malformed($"it authorises {assertions.GetArrayLength()} keys for assertion, the most is {MaxMethods}");
        }

        var keys = ImmutableArray.CreateBuilder<PublicKey>();
        var skipped = ImmutableArray.CreateBuilder<string>();
        foreach (var entry in assertions.EnumerateArray())
        {
            if (Method(root, entry, did) is not { } method)
            {
                return Malformed("an entry of assertionMethod names no verification method of this document");
            }

            if (!Key(method).TryGet(out var key, out var error))
            {
                return error;
            }

            if (key is null)
            {
                skipped.Add(StatementSubject.Text(method, "id") ?? "a key without an id");
            }
            else if (!keys.Contains(key))
            {
                keys.Add(key);
            }
        }

        return keys.Count == 0
            ? Malformed("no key that it authorises for assertion is an Ed25519 or P-256 key")
            : new DidDocument(keys.ToImmutable(), skipped.ToImmutable());
    }

    /// <summary>An embedded method, or the one that a full or relative reference names.</summary>
    private static JsonElement? Method(JsonElement root, JsonElement entry, string did)
    {
        if (entry.ValueKind == JsonValueKind.Object)
        {
            return entry;
        }

        if (entry.ValueKind != JsonValueKind.String || !root.TryGetProperty("verificationMethod", out var methods) || methods.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var wanted = Absolute(entry.GetString()!, did);
        foreach (var method in methods.EnumerateArray())
        {
            if (method.ValueKind == JsonValueKind.Object && StatementSubject.Text(method, "id") is { } id && Absolute(id, did) == wanted)
            {
                return method;
            }
        }

        return null;
    }

    private static string Absolute(string reference, string did) => reference.StartsWith('#') ? did + reference : reference;

    /// <summary>Null when the key is of another kind; an error when it is of ours and broken.</summary>
    private static SigningResult<PublicKey?> Key(JsonElement method)
    {
        if (method.TryGetProperty("publicKeyJwk", out var jwk) && jwk.ValueKind == JsonValueKind.Object)
        {
            return JsonWebKey.CurveKey(jwk);
        }

        // Multicodec 0xed (Ed25519) as a varint is ed 01.
        return StatementSubject.Text(method, "publicKeyMultibase") is { Length: > 1 and <= MaxMultibase } text && text[0] == 'z' && FromBase58(text.AsSpan(1)) is [0xed, 0x01, .. var raw]
            ? Ed25519PublicKey.FromRaw(raw).TryGet(out var key, out var error) ? key : error
            : (PublicKey?)null;
    }

    private static byte[]? FromBase58(ReadOnlySpan<char> text)
    {
        var value = BigInteger.Zero;
        foreach (var character in text)
        {
            var digit = Base58.IndexOf(character, StringComparison.Ordinal);
            if (digit < 0)
            {
                return null;
            }

            value = (value * 58) + digit;
        }

        return value.ToByteArray(isUnsigned: true, isBigEndian: true);
    }

    private static SigningError.MalformedDidDocument Malformed(string why) => new(why);
}
