using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Fleet.Contracts;

/// <summary>A time as RFC 3339 with <c>Z</c>, with as many decimals as it has. Any offset is read.</summary>
internal sealed class UtcTime : JsonConverter<DateTimeOffset>
{
    public static string Write(DateTimeOffset value) => value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var time) ? time.ToUniversalTime() : throw new JsonException("a time as 2026-05-03T16:59:43Z was expected");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Write(value));
}
