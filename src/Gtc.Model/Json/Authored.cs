using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gtc.Model;

/// <summary>Parses what people write. A refusal says where in the document the offence is.</summary>
public static class Authored
{
    /// <summary>The most bytes that an authored document may have: 4 MiB.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>Parses a document.</summary>
    /// <param name="utf8">Its bytes, bounded by <see cref="MaxBytes"/>.</param>
    /// <param name="type">Its shape, which should refuse unknown and repeated members.</param>
    /// <param name="what">What it is called in refusals, e.g. <c>the update</c>.</param>
    /// <typeparam name="T">Its record.</typeparam>
    /// <returns>The document, or <see cref="Refusal.UnreadableAnswers"/>.</returns>
    public static Outcome<T> Parse<T>(ReadOnlySpan<byte> utf8, JsonTypeInfo<T> type, string what)
        where T : class
    {
        if (utf8.Length > MaxBytes)
        {
            return new Refusal.UnreadableAnswers($"{what} has {utf8.Length:N0} bytes, the most is {MaxBytes:N0}");
        }

        if (!JsonText.IsText(utf8))
        {
            return new Refusal.UnreadableAnswers($"{what} holds text that is not valid UTF-8");
        }

        try
        {
            return JsonSerializer.Deserialize(utf8, type) is { } parsed
                ? parsed
                : new Refusal.UnreadableAnswers($"{what} is null, an object was expected");
        }
        catch (JsonException error)
        {
            return new Refusal.UnreadableAnswers($"{what} cannot be read at {error.Path ?? "$"}: {Reason(error)}")
            {
                Details = [new("at", error.Path ?? "$")],
            };
        }
    }

    /// <summary>
    /// What is wrong, in the reader's words without its .NET types and byte counts; where those cannot be taken out, all of it.
    /// </summary>
    private static string Reason(JsonException error)
    {
        const string Unknown = "The JSON property '";
        const string Missing = "was missing required properties including: ";
        const string Twice = "Duplicate property '";
        const string Kind = "The JSON value could not be converted to ";
        var text = error.Message.ReplaceLineEndings(" ");
        var tail = text.IndexOf(" Path: ", StringComparison.Ordinal);
        text = tail < 0 ? text : text[..tail];
        if (text.StartsWith(Unknown, StringComparison.Ordinal) && text.IndexOf("' could not be mapped", StringComparison.Ordinal) is > 0 and var end)
        {
            return $"nobody knows member `{text[Unknown.Length..end]}` here";
        }

        if (text.StartsWith(Twice, StringComparison.Ordinal) && text.IndexOf('\'', Twice.Length) is > 0 and var close)
        {
            return $"member `{text[Twice.Length..close]}` is given twice";
        }

        if (text.StartsWith(Kind, StringComparison.Ordinal))
        {
            return $"the value must be {Expectation(text[Kind.Length..])}";
        }

        if (text.Contains(" on type '", StringComparison.Ordinal) && text.Contains("null", StringComparison.Ordinal))
        {
            return "the value must not be null";
        }

        var missing = text.IndexOf(Missing, StringComparison.Ordinal);
        return missing < 0 ? text : $"required members are missing: {text[(missing + Missing.Length)..]}";
    }

    /// <summary>What a .NET type takes, in the reader's words.</summary>
    private static string Expectation(string type) => type switch
    {
        _ when type.Contains("ImmutableArray", StringComparison.Ordinal) => "a list",
        _ when type.Contains("Dictionary", StringComparison.Ordinal) => "an object",
        _ when type.Contains("System.String", StringComparison.Ordinal) => "a string",
        _ when type.Contains("System.Boolean", StringComparison.Ordinal) => "true or false",
        _ when type.Contains("System.UInt", StringComparison.Ordinal) => "a whole number within its bounds",
        _ => "an object",
    };
}
