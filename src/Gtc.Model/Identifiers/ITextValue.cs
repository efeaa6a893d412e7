using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>A value with exactly one textual form. On the wire it is a plain JSON string.</summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
public interface ITextValue<TSelf>
    where TSelf : struct, ITextValue<TSelf>
{
    /// <summary>What a valid text looks like, for error texts, e.g. <c>26 Crockford base-32 characters</c>.</summary>
    static abstract string Expectation { get; }

    /// <summary>Parses the text; false when it is not of the form.</summary>
    static abstract bool TryParse([NotNullWhen(true)] string? text, out TSelf value);
}

/// <summary>Reads and writes an <see cref="ITextValue{TSelf}"/> as a JSON string.</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class TextValueJson<T> : JsonConverter<T>
    where T : struct, ITextValue<T>
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && T.TryParse(reader.GetString(), out var value)
            ? value
            : throw new JsonException($"Expected {T.Expectation}.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.ToString());
    }
}
