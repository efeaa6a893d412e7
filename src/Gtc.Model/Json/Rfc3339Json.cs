using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>Timestamps as RFC 3339 in UTC with a <c>Z</c>; any offset and precision is read.</summary>
public sealed class Rfc3339Json : JsonConverter<DateTimeOffset>
{
    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTimeOffset.TryParse(reader.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUniversalTime()
            : throw new JsonException("Expected an RFC 3339 timestamp.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(Format(value));
    }

    /// <summary>The text of a time, e.g. <c>2026-11-20T14:02:03.1234567Z</c>; trailing zeros of the fraction are dropped.</summary>
    public static string Format(DateTimeOffset value) =>
        value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
