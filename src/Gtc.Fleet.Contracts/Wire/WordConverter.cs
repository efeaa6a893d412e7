using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Fleet.Contracts;

/// <summary>A closed set as JSON strings, spelt exactly. A word outside it is the fallback, or an error when there is none.</summary>
internal abstract class WordConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    private readonly FrozenDictionary<string, T> _values;
    private readonly FrozenDictionary<T, string> _words;
    private readonly T? _fallback;

    protected WordConverter(T? fallback, params (T Value, string Word)[] words)
    {
        _fallback = fallback;
        _values = words.ToFrozenDictionary(pair => pair.Word, pair => pair.Value, StringComparer.Ordinal);
        _words = words.ToFrozenDictionary(pair => pair.Value, pair => pair.Word);
        Words = [.. words.Select(pair => pair.Word)];
    }

    /// <summary>The words in declared order.</summary>
    public IReadOnlyList<string> Words { get; }

    public string WordOf(T value) => _words[value];

    public bool TryParse(string text, out T value) => _values.TryGetValue(text, out value);

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : null;
        return text is not null && _values.TryGetValue(text, out var value) ? value
            : text is not null && _fallback is { } fallback ? fallback
            : throw new JsonException($"one of {string.Join(", ", Words)} was expected{(text is null ? "" : $", `{BoundedText.Cut(text, 40)}` was found")}");
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(_words[value]);
}
