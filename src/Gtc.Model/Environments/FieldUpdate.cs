using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gtc.Model;

/// <summary>What a patch does to one field: keep it (the default), set it, or clear it (environment-model.md §4.2).</summary>
/// <typeparam name="T">The field's type.</typeparam>
public readonly record struct FieldUpdate<T>
    where T : notnull
{
    private readonly T? _value;

    internal FieldUpdate(T? value, bool isSet, bool isCleared)
    {
        _value = value;
        IsSet = isSet;
        IsCleared = isCleared;
    }

    /// <summary>True when the field gets a value.</summary>
    public bool IsSet { get; }

    /// <summary>True when the field is taken away.</summary>
    public bool IsCleared { get; }

    /// <summary>True when the field gets a value.</summary>
    public bool TryGet(out T? value)
    {
        value = _value;
        return IsSet;
    }
}

/// <summary>Makes patches of one field; the default keeps it.</summary>
public static class FieldUpdate
{
    /// <summary>Gives the field a value.</summary>
    public static FieldUpdate<T> Set<T>(T value)
        where T : notnull => new(value, true, false);

    /// <summary>Takes the field away.</summary>
    public static FieldUpdate<T> Clear<T>()
        where T : notnull => new(default, false, true);
}

/// <summary>Reads and writes a <see cref="FieldUpdate{T}"/>: <c>null</c> keeps, <c>{"value": v}</c> sets, <c>{"clear": true}</c> clears. Anything else is an error.</summary>
/// <typeparam name="T">The field's type.</typeparam>
public sealed class FieldUpdateJson<T> : JsonConverter<FieldUpdate<T>>
    where T : notnull
{
    private const string Expectation = "Expected {\"value\": …} or {\"clear\": true}.";

    /// <inheritdoc/>
    public override bool HandleNull => true;

    /// <inheritdoc/>
    public override FieldUpdate<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (reader.TokenType == JsonTokenType.Null)
        {
            return default;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException(Expectation);
        }

        FieldUpdate<T>? update = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = reader.GetString();
            reader.Read();
            var found = member switch
            {
                "value" => ReadValue(ref reader, options),
                "clear" when reader.TokenType == JsonTokenType.True => FieldUpdate.Clear<T>(),
                "clear" when reader.TokenType == JsonTokenType.False => default(FieldUpdate<T>),
                _ => throw new JsonException($"`{member}` is not known here. {Expectation}"),
            };
            if (found is not null && update is not null)
            {
                throw new JsonException("value and clear exclude each other.");
            }

            update ??= found;
        }

        return update ?? throw new JsonException(Expectation);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, FieldUpdate<T> value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(options);
        if (value.TryGet(out var field))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("value");
            JsonSerializer.Serialize(writer, field!, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)));
            writer.WriteEndObject();
        }
        else if (value.IsCleared)
        {
            writer.WriteStartObject();
            writer.WriteBoolean("clear", true);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    /// <summary>A null counts as no value.</summary>
    private static FieldUpdate<T>? ReadValue(ref Utf8JsonReader reader, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        try
        {
            return FieldUpdate.Set(JsonSerializer.Deserialize(ref reader, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)))!);
        }
        catch (JsonException error)
        {
            // The inner reader believes that its value is the whole document; without its path the outer one says where it is.
            throw new JsonException($"Expected {(typeof(T) == typeof(bool) ? "true or false" : "a text")}.", error);
        }
    }
}
