using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gtc.Cli.Payloads;

/// <summary>
/// Reads one YAML document as JSON with the rules of YAML's core schema (yaml.org/spec/1.2.2 §10.3). Anchors, aliases and tags are
/// refused: a payload needs none, and an alias can blow a small file up to any size.
/// </summary>
internal sealed class YamlAnswers
{
    private readonly IParser _parser;

    private YamlAnswers(IParser parser) => _parser = parser;

    /// <summary>Parses the content.</summary>
    public static Outcome<JsonElement> Parse(string name, ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var reader = new StringReader(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8.Span));
            var node = new YamlAnswers(new Parser(reader)).Document();
            using var document = JsonDocument.Parse(node?.ToJsonString() ?? "null");
            return document.RootElement.Clone();
        }
        catch (YamlException error)
        {
            return new Refusal.UnreadableAnswers($"{AnswersFile.Label(name)} is not YAML: line {error.Start.Line}, column {error.Start.Column}: {FirstLine(error.Message)}");
        }
        catch (DecoderFallbackException)
        {
            return new Refusal.UnreadableAnswers($"{AnswersFile.Label(name)} is not UTF-8");
        }
    }

    private JsonNode? Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out var end))
        {
            throw new YamlException(end.Start, end.End, "the file is empty");
        }

        _parser.Consume<DocumentStart>();
        var node = Node(depth: 1);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
        {
            throw new YamlException(second.Start, second.End, "one document was expected, found a second one");
        }

        return node;
    }

    private JsonNode? Node(int depth)
    {
        if (depth > PayloadBounds.MaxDepth)
        {
            throw new YamlException(_parser.Current!.Start, _parser.Current.End, $"nested deeper than {PayloadBounds.MaxDepth} levels");
        }

        if (_parser.Current is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias)
        {
            throw new YamlException(_parser.Current.Start, _parser.Current.End, "anchors and aliases are not taken here");
        }

        if (_parser.Current is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } })
        {
            throw new YamlException(_parser.Current.Start, _parser.Current.End, "tags are not taken here");
        }

        return _parser.Current switch
        {
            MappingStart => Mapping(depth),
            SequenceStart => Sequence(depth),
            _ => Value(_parser.Consume<Scalar>()),
        };
    }

    private JsonObject Mapping(int depth)
    {
        _parser.Consume<MappingStart>();
        var result = new JsonObject();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = _parser.Consume<Scalar>();
            if (!key.Anchor.IsEmpty || result.ContainsKey(key.Value))
            {
                throw new YamlException(key.Start, key.End, result.ContainsKey(key.Value) ? $"`{key.Value}` is given twice" : "anchors and aliases are not taken here");
            }

            result[key.Value] = Node(depth + 1);
        }

        return result;
    }

    private JsonArray Sequence(int depth)
    {
        _parser.Consume<SequenceStart>();
        var result = new JsonArray();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            result.Add(Node(depth + 1));
        }

        return result;
    }

    private static JsonNode? Value(Scalar scalar)
    {
        if (scalar.Style != ScalarStyle.Plain)
        {
            return JsonValue.Create(scalar.Value);
        }

        switch (scalar.Value)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE":
                return JsonValue.Create(false);
        }

        return IsJsonNumber(scalar.Value) ? JsonNode.Parse(scalar.Value) : JsonValue.Create(scalar.Value);
    }

    /// <summary>Numbers in JSON's own grammar keep their text; YAML's other spellings (hexadecimal, <c>.inf</c>) are strings here.</summary>
    private static bool IsJsonNumber(string text)
    {
        if (text[0] != '-' && !char.IsAsciiDigit(text[0]))
        {
            return false;
        }

        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.Number && !reader.Read()
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string FirstLine(string message) => message.Split('\n')[0].TrimEnd('.');
}
