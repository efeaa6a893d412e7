using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Deployers.Clusters;

/// <summary>Who set which fields of a live object: its <c>metadata.managedFields</c>.</summary>
/// <param name="live">The object.</param>
internal sealed class FieldOwners(JsonElement live)
{
    private readonly ImmutableArray<JsonElement> _entries = [.. live.Items("metadata", "managedFields")];

    /// <summary>When we last changed something, or null when we own nothing.</summary>
    public DateTimeOffset? OursSince => Ours is { ValueKind: JsonValueKind.Object } entry ? entry.Time("time") : null;

    /// <summary>The fields that we own, as the server writes them (FieldsV1).</summary>
    public JsonElement OurFields => Ours.At("fieldsV1");

    /// <summary>The fields that each of the others owns.</summary>
    public IEnumerable<JsonElement> FieldsOfOthers => _entries.Where(entry => !IsOurs(entry)).Select(entry => entry.At("fieldsV1"));

    private JsonElement Ours => _entries.FirstOrDefault(IsOurs);

    /// <summary>Whether a field is one that we own.</summary>
    public bool IsOurField(FieldPath path) => Covers(Ours.At("fieldsV1"), path);

    /// <summary>The others who own a field, e.g. <c>kubectl-edit</c>.</summary>
    public ImmutableArray<string> OthersOf(FieldPath path) =>
        [.. _entries.Where(entry => !IsOurs(entry) && Covers(entry.At("fieldsV1"), path)).Select(entry => entry.Text("manager") ?? "unknown").Distinct()];

    /// <summary>
    /// Whether a server-side apply would change who owns what, or take something away: we own nothing yet, or something that is rendered no more.
    /// </summary>
    public bool IsStale(JsonElement wanted) => Ours.At("fieldsV1") is not { ValueKind: JsonValueKind.Object } fields || !Holds(wanted, fields);

    private static bool IsOurs(JsonElement entry) => entry.Text("manager") == ObjectWriter.FieldManager && entry.Text("operation") == "Apply" && entry.Text("subresource") is null or "";

    private static bool Covers(JsonElement fields, FieldPath path)
    {
        foreach (var step in path.Steps)
        {
            if (fields.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            if (!fields.EnumerateObject().Any())
            {
                // A whole value: what is in it belongs to whom it belongs.
                return true;
            }

            fields = Child(fields, step);
        }

        return fields.ValueKind == JsonValueKind.Object;
    }

    private static JsonElement Child(JsonElement fields, FieldStep step)
    {
        if (step is FieldStep.Member member)
        {
            return fields.At($"f:{member.Name}");
        }

        var wanted = ((FieldStep.Item)step).Keys;
        foreach (var candidate in fields.EnumerateObject().Where(candidate => candidate.Name.StartsWith("k:", StringComparison.Ordinal)))
        {
            using var keys = JsonDocument.Parse(candidate.Name[2..]);
            if (wanted.All(pair => keys.RootElement.TryGetProperty(pair.Key, out var value) && value.GetRawText() == pair.Value))
            {
                return candidate.Value;
            }
        }

        return default;
    }

    /// <summary>Whether everything that is owned is still there in what is wanted.</summary>
    private static bool Holds(JsonElement wanted, JsonElement fields)
    {
        foreach (var field in fields.EnumerateObject())
        {
            if (Step(wanted, field.Name) is { } value && (value.ValueKind == JsonValueKind.Undefined || !Holds(value, field.Value)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What an owned field leads to in what is wanted; undefined when it is not there, null when the field above stands for it.</summary>
    private static JsonElement? Step(JsonElement wanted, string field)
    {
        if (field.StartsWith("f:", StringComparison.Ordinal))
        {
            return wanted.At(field[2..]);
        }

        if (!field.StartsWith("k:", StringComparison.Ordinal))
        {
            // `.` is the item itself, `v:` an item of a list that is a set.
            return null;
        }

        using var document = JsonDocument.Parse(field[2..]);
        ImmutableArray<string> keys = [.. document.RootElement.EnumerateObject().Select(key => key.Name)];
        var step = KeyedLists.StepOf(document.RootElement, keys);
        return wanted.ValueKind == JsonValueKind.Array ? wanted.EnumerateArray().FirstOrDefault(item => KeyedLists.StepOf(item, keys).Keys.SequenceEqual(step.Keys)) : default;
    }
}
