using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Flows;

/// <summary>An HTTP request as <c>ingest_http</c> takes it (messaging.md §3, HttpInV1).</summary>
/// <param name="ProviderType">The provider.</param>
/// <param name="Tenant">The deployment's tenant.</param>
/// <param name="Method">The method.</param>
/// <param name="Path">The path, without the query.</param>
/// <param name="Query">Names and values, in order.</param>
/// <param name="Fields">Names in lower case and values, in order.</param>
/// <param name="Body">The body.</param>
/// <param name="Config">The deployment's settings for the provider's pack, or null.</param>
public sealed record ProviderRequest(
    string ProviderType,
    string Tenant,
    string Method,
    string Path,
    IReadOnlyList<KeyValuePair<string, string>> Query,
    IReadOnlyList<KeyValuePair<string, string>> Fields,
    ReadOnlyMemory<byte> Body,
    JsonElement? Config)
{
    /// <summary>The JSON that a provider is given.</summary>
    public JsonElement ToJson() => JsonText.Build(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        json.WriteString("provider", ProviderType);
        json.WriteString("tenant_hint", Tenant);
        json.WriteString("method", Method);
        json.WriteString("path", Path);
        Pairs(json, "query", Query);
        Pairs(json, "headers", Fields);
        json.WriteBase64String("body_b64", Body.Span);
        if (Config is { } config)
        {
            json.WritePropertyName("config");
            config.WriteTo(json);
        }

        json.WriteEndObject();
    });

    private static void Pairs(Utf8JsonWriter json, string name, IReadOnlyList<KeyValuePair<string, string>> pairs)
    {
        json.WriteStartArray(name);
        foreach (var (key, value) in pairs)
        {
            json.WriteStartArray();
            json.WriteStringValue(key);
            json.WriteStringValue(value);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}

/// <summary>What a provider answers to it (HttpOutV1).</summary>
/// <param name="Status">The status of the HTTP answer, 200 to 599.</param>
/// <param name="Fields">Its fields; those that only a server may set are left out.</param>
/// <param name="Body">Its body.</param>
/// <param name="Events">The messages that came in.</param>
public sealed record ProviderResponse(int Status, ImmutableArray<KeyValuePair<string, string>> Fields, byte[] Body, ImmutableArray<JsonElement> Events)
{
    private const int MaxEvents = 100;

    private static readonly string[] OfTheServer = ["connection", "content-length", "transfer-encoding", "upgrade", "keep-alive", "date", "server", "trailer", "set-cookie"];

    /// <summary>Reads what a provider answered.</summary>
    /// <returns>The answer, or <see cref="Refusal.MalformedArtifact"/>.</returns>
    public static Outcome<ProviderResponse> Read(JsonElement answer)
    {
        byte[]? body = [];
        var status = 200;
        if (answer.ValueKind != JsonValueKind.Object
            || (answer.TryGetProperty("status", out var number) && (number.ValueKind != JsonValueKind.Number || !number.TryGetInt32(out status) || status is < 200 or > 599))
            || (answer.TryGetProperty("body_b64", out var text) && text.ValueKind != JsonValueKind.Null && (text.ValueKind != JsonValueKind.String || !text.TryGetBytesFromBase64(out body)))
            || (answer.TryGetProperty("events", out var events) && events.ValueKind != JsonValueKind.Array))
        {
            return new Refusal.MalformedArtifact("an object was expected with a status from 200 to 599, a body_b64 in base64 and a list of events");
        }

        return events.ValueKind == JsonValueKind.Array && events.GetArrayLength() > MaxEvents
            ? new Refusal.MalformedArtifact($"at most {MaxEvents} events were expected, {events.GetArrayLength()} were found")
            : new ProviderResponse(status, Pairs(answer), body!, events.ValueKind == JsonValueKind.Array ? [.. events.EnumerateArray()] : []);
    }

    private static ImmutableArray<KeyValuePair<string, string>> Pairs(JsonElement answer) =>
        answer.TryGetProperty("headers", out var fields) && fields.ValueKind == JsonValueKind.Array
            ? [.. fields.EnumerateArray().Select(Pair).OfType<KeyValuePair<string, string>>().Where(field => !OfTheServer.Contains(field.Key.ToLowerInvariant()))]
            : [];

    private static KeyValuePair<string, string>? Pair(JsonElement pair) =>
        pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2 && pair[0].ValueKind == JsonValueKind.String && pair[1].ValueKind == JsonValueKind.String
            && IsField(pair[0].GetString()!, pair[1].GetString()!)
                ? KeyValuePair.Create(pair[0].GetString()!, pair[1].GetString()!)
                : null;

    // Nothing that a component wrote may end a field and begin another.
    private static bool IsField(string name, string value) =>
        name.Length > 0 && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_') && value.All(character => character is >= ' ' and < (char)127);
}
