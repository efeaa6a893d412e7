using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gtc.Fleet.Contracts;

/// <summary>The JSON of payloads (fleet.md §3): snake_case, no white space, absent members left out, unknown ones kept.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    MaxDepth = FleetBounds.MaxDepth,
    Converters = [typeof(UtcTime)])]
[JsonSerializable(typeof(DeviceInfo))]
[JsonSerializable(typeof(DeploymentState))]
[JsonSerializable(typeof(DeviceEvents))]
[JsonSerializable(typeof(Heartbeat))]
[JsonSerializable(typeof(DeviceManifest))]
[JsonSerializable(typeof(ReconcileScore))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class PayloadJson : JsonSerializerContext
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ContractResult<T> Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, string what)
        where T : class
    {
        if (json.Length > FleetBounds.MaxValueBytes)
        {
            return new ContractError(ContractFault.InvalidPayload, "", $"a {what} of {json.Length} bytes was found, at most {FleetBounds.MaxValueBytes} were expected");
        }

        try
        {
            RefuseHalfCharacters(json);
            return JsonSerializer.Deserialize(json, type) is { } value ? value : new ContractError(ContractFault.InvalidPayload, "", $"null was found where a {what} was expected");
        }
        catch (JsonException error)
        {
            return Refuse(error, what);
        }
    }

    public static ContractError Refuse(JsonException error, string what) =>
        new(ContractFault.InvalidPayload, error.Path?.TrimStart('$').TrimStart('.') ?? "", $"no {what}: {Reason(error)}");

    public static byte[] Write<T>(T value, JsonTypeInfo<T> type)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>An escape such as <c>\ud800</c> alone is JSON but no text: whoever wrote it back or hashed it would fail much later.</summary>
    private static void RefuseHalfCharacters(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\u"u8) < 0)
        {
            return;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = FleetBounds.MaxDepth });
        Span<byte> text = new byte[json.Length];
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                try
                {
                    reader.CopyString(text);
                }
                catch (InvalidOperationException)
                {
                    throw new JsonException("a text holds an escape that is half a character");
                }
            }
        }
    }

    private static string Reason(JsonException error)
    {
        var message = error.Message.ReplaceLineEndings(" ");
        var path = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return BoundedText.Error(path > 0 ? message[..path].TrimEnd('.') : message);
    }
}
