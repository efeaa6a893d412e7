using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gtc.Model;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using Scalar = YamlDotNet.Core.Events.Scalar;

namespace Gtc.Artifacts.Cbor;

/// <summary>
/// YAML read as JSON with the types of YAML 1.2's core schema. One document; keys must be plain text and may not repeat; aliases
/// are refused, so that a small document cannot unfold into a large one.
/// </summary>
public static partial class YamlDocument
{
    /// <summary>The largest document in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Parses one document.</summary>
    /// <param name="utf8">The document.</param>
    /// <param name="what">What it is, for the refusal.</param>
    /// <returns>The value; an undefined element when the document holds nothing but comments; or <see cref="Refusal.MalformedArtifact"/>.</returns>
    public static Outcome<JsonElement> Parse(ReadOnlyMemory<byte> utf8, string what)
    {
        if (utf8.Length > MaxBytes)
        {
            return new Refusal.MalformedArtifact($"{what} is larger than {MaxBytes} bytes");
        }

        try
        {
            using var text = new StringReader(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8.Span));
            var parser = new Parser(text);
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                return default(JsonElement);
            }

            var json = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                Value(parser, writer, 0);
            }

            parser.Consume<DocumentEnd>();
            parser.Consume<StreamEnd>();
            return BoundedJson.Parse(json.WrittenSpan, what, MaxBytes * 8);
        }
        catch (DecoderFallbackException)
        {
            return new Refusal.MalformedArtifact($"{what} is not UTF-8 text");
        }
        catch (YamlException exception)
        {
            return new Refusal.MalformedArtifact($"{what} line {exception.Start.Line} is not YAML: {exception.Message}");
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // The scanner throws these at some texts that end in the middle of a tag or a directive; nothing else was seen in six million random texts.
            return new Refusal.MalformedArtifact($"{what} is not YAML: {exception.Message}");
        }
        catch (MalformedDocumentException exception)
        {
            return new Refusal.MalformedArtifact($"{what}: {exception.Message}");
        }
    }

    private static void Value(Parser parser, Utf8JsonWriter writer, int depth)
    {
        if (depth > BoundedJson.MaxDepth)
        {
            throw new MalformedDocumentException($"it nests deeper than {BoundedJson.MaxDepth} levels");
        }

        if (parser.TryConsume<Scalar>(out var scalar))
        {
            WriteScalar(scalar, writer);
        }
        else if (parser.TryConsume<SequenceStart>(out _))
        {
            writer.WriteStartArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                Value(parser, writer, depth + 1);
            }

            writer.WriteEndArray();
        }
        else if (parser.TryConsume<MappingStart>(out _))
        {
            writer.WriteStartObject();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                if (!parser.TryConsume<Scalar>(out var key))
                {
                    throw new MalformedDocumentException($"a key on line {parser.Current?.Start.Line} is not text");
                }

                writer.WritePropertyName(key.Value);
                Value(parser, writer, depth + 1);
            }

            writer.WriteEndObject();
        }
        else
        {
            throw new MalformedDocumentException($"line {parser.Current?.Start.Line} holds an alias; write the value out");
        }
    }

    private static void WriteScalar(Scalar scalar, Utf8JsonWriter writer)
    {
        var text = scalar.Value;
        if (scalar.Style != ScalarStyle.Plain || !scalar.Tag.IsEmpty)
        {
            writer.WriteStringValue(text);
            return;
        }

        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                writer.WriteNullValue();
                break;
            case "true" or "True" or "TRUE":
                writer.WriteBooleanValue(true);
                break;
            case "false" or "False" or "FALSE":
                writer.WriteBooleanValue(false);
                break;
            case not null when Integer().IsMatch(text) && long.TryParse(text, CultureInfo.InvariantCulture, out var whole):
                writer.WriteNumberValue(whole);
                break;
            case not null when Float().IsMatch(text) && double.TryParse(text, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real):
                writer.WriteNumberValue(real);
                break;
            default:
                writer.WriteStringValue(text);
                break;
        }
    }

    [GeneratedRegex(@"^[-+]?[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Float();
}
