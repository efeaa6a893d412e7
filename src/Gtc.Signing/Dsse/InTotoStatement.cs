using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gtc.Signing;

/// <summary>An in-toto statement, version 1: a predicate about artifacts that are named by digest.</summary>
public sealed record InTotoStatement
{
    /// <summary>The value of <c>_type</c>.</summary>
    public const string TypeUri = "https://in-toto.io/Statement/v1";

    /// <summary>The artifacts.</summary>
    public required ImmutableArray<StatementSubject> Subjects { get; init; }

    /// <summary>What the predicate is.</summary>
    public required string PredicateType { get; init; }

    /// <summary>The predicate as it was signed; undefined when the statement has none.</summary>
    public JsonElement Predicate { get; init; }

    /// <summary>The exact bytes to sign: compact JSON in the members' declared order.</summary>
    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        writer.WriteStartObject();
        writer.WriteString("_type", TypeUri);
        writer.WriteStartArray("subject");
        foreach (var subject in Subjects)
        {
            subject.Write(writer);
        }

        writer.WriteEndArray();
        writer.WriteString("predicateType", PredicateType);
        if (Predicate.ValueKind != JsonValueKind.Undefined)
        {
            writer.WritePropertyName("predicate");
            Predicate.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Parses signed bytes; members that are not known are skipped.</summary>
    /// <returns>The statement, or <see cref="SigningError.MalformedStatement"/>.</returns>
    public static SigningResult<InTotoStatement> Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
            return Read(document.RootElement);
        }
        catch (JsonException error)
        {
            return new SigningError.MalformedStatement(SigningFormat.Describe(error));
        }
        catch (InvalidOperationException)
        {
            // The framework's answer to a text that is not UTF-8, or half a surrogate pair.
            return new SigningError.MalformedStatement("it holds text that is not valid UTF-8");
        }
    }

    private static SigningResult<InTotoStatement> Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return new SigningError.MalformedStatement("an object was expected");
        }

        if (StatementSubject.Text(root, "_type") is not { } type || type != TypeUri)
        {
            return new SigningError.MalformedStatement($"its _type is `{StatementSubject.Text(root, "_type")}`, `{TypeUri}` was expected");
        }

        if (StatementSubject.Text(root, "predicateType") is not { } predicateType)
        {
            return new SigningError.MalformedStatement("its predicateType is not a string");
        }

        if (!root.TryGetProperty("subject", out var subjects) || subjects.ValueKind != JsonValueKind.Array)
        {
            return new SigningError.MalformedStatement("its subject is not an array");
        }

        var parsed = ImmutableArray.CreateBuilder<StatementSubject>();
        foreach (var subject in subjects.EnumerateArray())
        {
            if (subject.ValueKind != JsonValueKind.Object)
            {
                return new SigningError.MalformedStatement("a subject is not an object");
            }

            parsed.Add(StatementSubject.Read(subject));
        }

        return new InTotoStatement
        {
            Subjects = parsed.ToImmutable(),
            PredicateType = predicateType,
            Predicate = root.TryGetProperty("predicate", out var predicate) ? predicate.Clone() : default,
        };
    }
}

/// <summary>One artifact that a statement is about.</summary>
/// <param name="Name">What it is called; empty when the statement does not say.</param>
/// <param name="Sha256">Its SHA-256 in hex as the statement spells it, or null when the statement gives none.</param>
public sealed record StatementSubject(string Name, string? Sha256)
{
    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", Name);
        writer.WriteStartObject("digest");
        if (Sha256 is not null)
        {
            writer.WriteString("sha256", Sha256);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    internal static StatementSubject Read(JsonElement subject) => new(
        Text(subject, "name") ?? string.Empty,
        subject.TryGetProperty("digest", out var digest) && digest.ValueKind == JsonValueKind.Object ? Text(digest, "sha256") : null);

    internal static string? Text(JsonElement value, string member) =>
        value.TryGetProperty(member, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;
}
