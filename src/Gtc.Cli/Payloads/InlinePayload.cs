using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Cli.Payloads;

/// <summary>Builds a payload from what was typed: positions, flags and words, each given at most once.</summary>
/// <param name="shape">The verb's record.</param>
internal sealed class InlinePayload(PayloadShape shape)
{
    private readonly JsonObject _root = [];

    /// <summary>True when nothing was typed.</summary>
    public bool IsEmpty => _root.Count == 0;

    /// <summary>The payload so far.</summary>
    public JsonElement ToElement() => JsonElement.Parse(_root.ToJsonString(), new JsonDocumentOptions { MaxDepth = PayloadBounds.MaxSegments + BoundedJson.MaxDepth });

    /// <summary>Sets one member.</summary>
    /// <returns>Null on success.</returns>
    public Refusal? Set(Word word)
    {
        if (word.Segments is not { Length: <= PayloadBounds.MaxSegments } segments || segments.Any(string.IsNullOrEmpty))
        {
            return new Refusal.InvalidArgument($"`{word}` has no usable key: write key=value, with dots between nested names");
        }

        var at = _root;
        foreach (var segment in segments.SkipLast(1))
        {
            var child = at[segment] ?? (at[segment] = new JsonObject());
            if (child is not JsonObject next)
            {
                return Twice(word.Path);
            }

            at = next;
        }

        if (at.ContainsKey(segments[^1]))
        {
            return Twice(word.Path);
        }

        if (!Value(word, shape.At(segments)).TryGet(out var node, out var refusal))
        {
            return refusal;
        }

        at[segments[^1]] = node;
        return null;
    }

    /// <summary>Sets a list that a repeatable flag fills.</summary>
    public Refusal? SetList(string path, IEnumerable<string> values) =>
        Set(new(path, new JsonArray([.. values.Select(value => (JsonNode)JsonValue.Create(value))]).ToJsonString(), IsJson: true));

    private static Outcome<JsonNode?> Value(Word word, PayloadShape target)
    {
        if (!word.IsJson && target.Kind is ShapeKind.Text or ShapeKind.Any or ShapeKind.Unknown)
        {
            return JsonValue.Create(word.Value);
        }

        return BoundedJson.Parse(Encoding.UTF8.GetBytes(word.Value), word.Path, PayloadBounds.MaxBytes).Match(
            _ => JsonNode.Parse(word.Value),
            _ => (Outcome<JsonNode?>)new Refusal.UnreadableAnswers(
                $"`{word.Path}` must be {(word.IsJson ? "JSON" : target.Expectation)}, found `{Shorten(word.Value)}`"));
    }

    private static Refusal.InvalidArgument Twice(string path) => new($"`{path}` is given twice");

    private static string Shorten(string text) => text.Length <= 60 ? text : $"{text[..57]}…";
}
