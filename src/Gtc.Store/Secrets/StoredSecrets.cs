using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>The state that a file of secrets holds (store.md §8.2). Members that are not known are kept.</summary>
internal sealed record StoredSecrets : KeepsUnknownMembers
{
    public static StoredSecrets Empty { get; } = new() { Secrets = [] };

    [JsonPropertyName("secrets")]
    public required ImmutableArray<StoredSecret> Secrets { get; init; }

    public StoredSecret? Find(string key) => Secrets.FirstOrDefault(secret => secret.Key == key);

    /// <summary>With one secret added or replaced; sorted by key, ordinal.</summary>
    public StoredSecrets With(StoredSecret secret) => this with
    {
        Secrets = [.. Secrets.Where(other => other.Key != secret.Key).Append(secret).OrderBy(other => other.Key, StringComparer.Ordinal)],
    };
}

/// <summary>One secret with all its versions, the newest last.</summary>
internal sealed record StoredSecret : KeepsUnknownMembers
{
    [JsonPropertyName("key")]
    public required string Key { get; init; }

    [JsonPropertyName("versions")]
    public required ImmutableArray<StoredVersion> Versions { get; init; }

    public StoredVersion? Newest => Versions is [.., var newest] ? newest : null;

    /// <summary>The newest version when it holds a value; null when the secret is deleted.</summary>
    public StoredVersion? Live => Newest is { IsLive: true } newest ? newest : null;

    public uint NextNumber => (Newest?.Version ?? 0) + 1;
}

/// <summary>One version: a record, or a tombstone.</summary>
internal sealed record StoredVersion : KeepsUnknownMembers
{
    [JsonPropertyName("version")]
    public required uint Version { get; init; }

    [JsonPropertyName("deleted")]
    public required bool Deleted { get; init; }

    [JsonPropertyName("record")]
    public required StoredRecord? Record { get; init; }

    [JsonIgnore]
    public bool IsLive => !Deleted && Record is not null;
}

/// <summary>An encrypted value.</summary>
internal sealed record StoredRecord : KeepsUnknownMembers
{
    [JsonPropertyName("meta")]
    public required StoredMeta Meta { get; init; }

    /// <summary>Ciphertext, then the 16 bytes of its tag.</summary>
    [JsonPropertyName("value")]
    public required byte[] Value { get; init; }

    [JsonPropertyName("envelope")]
    public required StoredEnvelope Envelope { get; init; }
}

/// <summary>What is said about a value in the clear.</summary>
internal sealed record StoredMeta : KeepsUnknownMembers
{
    public static readonly ImmutableArray<string> Visibilities = ["user", "team", "tenant"];

    public static readonly ImmutableArray<string> ContentTypes = ["opaque", "json", "text", "binary"];

    [JsonPropertyName("uri")]
    public required string Uri { get; init; }

    [JsonPropertyName("visibility")]
    public required string Visibility { get; init; }

    [JsonPropertyName("contentType")]
    public required string ContentType { get; init; }
}

/// <summary>What it takes to decrypt a value, besides the master key.</summary>
internal sealed record StoredEnvelope : KeepsUnknownMembers
{
    [JsonPropertyName("algorithm")]
    public required string Algorithm { get; init; }

    [JsonPropertyName("nonce")]
    public required byte[] Nonce { get; init; }

    [JsonPropertyName("hkdf_salt")]
    public required byte[] HkdfSalt { get; init; }

    [JsonPropertyName("wrapped_dek")]
    public required byte[] WrappedDek { get; init; }
}

/// <summary>Bytes as a JSON array of numbers 0 to 255.</summary>
internal sealed class BytesAsNumbers : JsonConverter<byte[]>
{
    private const int MaxBytes = SecretValue.MaxBytes + 1024;

    public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("Expected an array of numbers 0 to 255.");
        }

        var bytes = new List<byte>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetByte(out var number) || bytes.Count == MaxBytes)
            {
                throw new JsonException($"Expected at most {MaxBytes} numbers 0 to 255.");
            }

            bytes.Add(number);
        }

        return [.. bytes];
    }

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var number in value)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }
}

/// <summary>The wire shape of <see cref="StoredSecrets"/>; its spelling is mixed, so every name is written out.</summary>
[JsonSourceGenerationOptions(
    MaxDepth = 16,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(BytesAsNumbers)])]
[JsonSerializable(typeof(StoredSecrets))]
internal sealed partial class StoredSecretsJson : JsonSerializerContext;
