using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Deployers.Clusters;

/// <summary>What is to be done about one rendered object.</summary>
/// <param name="Name">The object.</param>
/// <param name="Wanted">What is sent; fields that are left to others are not in it.</param>
/// <param name="Outcome">What is to be done.</param>
/// <param name="Drift">What others have changed.</param>
internal sealed record PlannedObject(ObjectRef Name, JsonElement Wanted, ObjectOutcome Outcome, ImmutableArray<FieldDrift> Drift)
{
    /// <summary>The object as it was rendered, fields of others included.</summary>
    public required JsonElement Rendered { get; init; }

    /// <summary>Whether the server is asked to write.</summary>
    public bool IsWritten => Outcome is ObjectOutcome.Created or ObjectOutcome.Changed;

    /// <summary>Compares an object with what is live.</summary>
    /// <param name="name">The object.</param>
    /// <param name="wanted">As it was rendered.</param>
    /// <param name="live">As it is; undefined when it is not there.</param>
    /// <param name="choice">What becomes of fields of others.</param>
    public static PlannedObject Of(ObjectRef name, JsonElement wanted, JsonElement live, DriftChoice choice)
    {
        if (live.ValueKind == JsonValueKind.Undefined)
        {
            return new(name, wanted, ObjectOutcome.Created, []) { Rendered = wanted };
        }

        var owners = new FieldOwners(live);
        var differences = FieldDiff.Of(wanted, live);
        var foreign = differences
            .Select(difference => (Difference: difference, Owners: owners.IsOurField(difference.Path) ? [] : owners.OthersOf(difference.Path)))
            .Where(pair => !pair.Owners.IsEmpty)
            .ToList();
        ImmutableArray<FieldDrift> drift = [.. foreign.Select(pair => Describe(name, pair.Difference, pair.Owners))];
        if (choice == DriftChoice.Report && !drift.IsEmpty)
        {
            return new(name, wanted, ObjectOutcome.Left, drift) { Rendered = wanted };
        }

        var rendered = wanted;
        if (choice == DriftChoice.Adopt && !drift.IsEmpty)
        {
            wanted = Without(wanted, foreign.Select(pair => pair.Difference.Path));
            differences = differences.RemoveAll(difference => foreign.Exists(pair => pair.Difference.Path == difference.Path));
        }

        return new(name, wanted, differences.IsEmpty && !owners.IsStale(wanted) ? ObjectOutcome.Unchanged : ObjectOutcome.Changed, drift) { Rendered = rendered };
    }

    /// <summary>Values of a Secret are not told, and long texts are cut.</summary>
    private static FieldDrift Describe(ObjectRef name, FieldDifference difference, ImmutableArray<string> owners) => name.Kind == "Secret"
        ? new(name, difference.Path.ToString(), owners, null, null)
        : new(name, difference.Path.ToString(), owners, Short(difference.Wanted), Short(difference.Found));

    private static string? Short(JsonElement value)
    {
        const int Most = 200;
        return value.ValueKind == JsonValueKind.Undefined ? null : value.GetRawText() is { Length: > Most } text ? $"{text[..Most]}…" : value.GetRawText();
    }

    private static JsonElement Without(JsonElement wanted, IEnumerable<FieldPath> paths)
    {
        var root = JsonObject.Create(wanted)!;
        foreach (var path in paths)
        {
            Remove(root, path);
        }

        using var document = JsonDocument.Parse(root.ToJsonString());
        return document.RootElement.Clone();
    }

    private static void Remove(JsonNode node, FieldPath path)
    {
        foreach (var step in path.Steps[..^1])
        {
            if (Child(node, step) is not { } child)
            {
                return;
            }

            node = child;
        }

        switch (path.Steps[^1])
        {
            case FieldStep.Member member:
                node.AsObject().Remove(member.Name);
                break;
            case var step when Child(node, step) is { } item:
                node.AsArray().Remove(item);
                break;
        }
    }

    private static JsonNode? Child(JsonNode node, FieldStep step) => step switch
    {
        FieldStep.Member member => node[member.Name],
        FieldStep.Item item => node.AsArray().FirstOrDefault(candidate => item.Keys.All(key => (candidate?[key.Key]?.ToJsonString() ?? (key.Key == "protocol" ? "\"TCP\"" : "null")) == key.Value)),
        _ => null,
    };
}
