using System.Text.Json;
using Gtc.Model;

namespace Gtc.Cli.Payloads;

/// <summary>Compares a JSON value with the shape that a verb takes and lists everything that differs, each with its path.</summary>
internal sealed class PayloadCheck
{
    private readonly List<RefusalDetail> _wrong = [];
    private readonly List<string> _missing = [];

    private PayloadCheck()
    {
    }

    /// <summary>Checks a payload.</summary>
    /// <param name="payload">The value as it came in.</param>
    /// <param name="shape">The verb's record.</param>
    /// <param name="example">A command line that works, for the refusal.</param>
    /// <returns>Null when it fits.</returns>
    public static Refusal? Find(JsonElement payload, PayloadShape shape, string example)
    {
        var check = new PayloadCheck();
        check.Walk(payload, shape, "");
        if (check._wrong.Count > 0)
        {
            var first = check._wrong[0];
            var others = check._wrong.Count - 1;
            var more = others switch { 0 => "", 1 => " (and one more problem)", _ => $" (and {others} more problems)" };
            return new Refusal.UnreadableAnswers($"`{first.Label}` {first.Value}{more}")
            {
                Details = [.. check._wrong.Skip(1)],
                Next = example,
            };
        }

        return check._missing.Count == 0
            ? null
            : new Refusal.InvalidArgument($"missing: {string.Join(", ", check._missing)}") { Next = example };
    }

    private void Walk(JsonElement value, PayloadShape shape, string path)
    {
        if (_wrong.Count >= PayloadBounds.MaxProblems || shape.Kind == ShapeKind.Any)
        {
            return;
        }

        if (!Fits(value, shape))
        {
            _wrong.Add(new(path.Length == 0 ? "payload" : path, $"must be {shape.Expectation}, found {Describe(value)}"));
            return;
        }

        switch (shape.Kind)
        {
            case ShapeKind.Record or ShapeKind.Map:
                WalkMembers(value, shape, path);
                break;
            case ShapeKind.List:
                var element = shape.Element;
                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    Walk(item, element, $"{path}[{index++}]");
                }

                break;
        }
    }

    private void WalkMembers(JsonElement value, PayloadShape shape, string path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            var at = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            if (!seen.Add(member.Name))
            {
                _wrong.Add(new(at, "is given twice"));
            }
            else if (shape.Member(member.Name) is { } inner)
            {
                Walk(member.Value, inner, at);
            }
            else
            {
                _wrong.Add(new(at, UnknownMember(member.Name, shape)));
            }
        }

        _missing.AddRange(shape.RequiredMembers.Where(name => !seen.Contains(name)).Select(name => path.Length == 0 ? name : $"{path}.{name}"));
    }

    private static string UnknownMember(string name, PayloadShape shape)
    {
        var nearest = NearestWord.To(name, shape.Members);
        return nearest is null
            ? $"is not known here; known are {string.Join(", ", shape.Members)}"
            : $"is not known here; did you mean `{nearest}`";
    }

    private static bool Fits(JsonElement value, PayloadShape shape) => shape.Kind switch
    {
        ShapeKind.Text => value.ValueKind == JsonValueKind.String,
        ShapeKind.Flag => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        ShapeKind.Number => value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out var number) && number <= shape.MaxNumber,
        ShapeKind.List => value.ValueKind == JsonValueKind.Array,
        _ => value.ValueKind == JsonValueKind.Object,
    };

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.Null => "null",
        JsonValueKind.True => "true",
        _ => "false",
    };
}
