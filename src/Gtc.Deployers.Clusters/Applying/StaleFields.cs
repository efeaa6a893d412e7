using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Kubernetes;

namespace Gtc.Deployers.Clusters;

/// <summary>
/// What stands in the way when a field is rendered no more: server-side apply of Kubernetes 1.20 takes the fields away that were applied, but not the
/// defaults that the server put beside them, and what is left of, say, a probe is no valid one (422). Such a field is taken away as a whole first.
/// </summary>
internal static class StaleFields
{
    /// <summary>Takes every field away that we own and that is rendered no more, unless somebody else owns something in it.</summary>
    /// <param name="live">The object as it is.</param>
    /// <param name="wanted">The object as it is rendered.</param>
    /// <returns>A patch that holds for this very version of the object; empty when there is no such field.</returns>
    public static IReadOnlyList<PatchOperation> Removal(JsonElement live, JsonElement wanted)
    {
        var owners = new FieldOwners(live);
        var removals = ImmutableArray.CreateBuilder<PatchOperation>();
        Walk(owners.OurFields, [.. owners.FieldsOfOthers], live, wanted, "", removals);
        return removals.Count == 0 ? [] : [PatchOperation.Test("/metadata/resourceVersion", live.At("metadata", "resourceVersion")), .. removals];
    }

    private static void Walk(JsonElement ours, ImmutableArray<JsonElement> others, JsonElement live, JsonElement wanted, string path, ImmutableArray<PatchOperation>.Builder removals)
    {
        if (ours.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var field in ours.EnumerateObject())
        {
            ImmutableArray<JsonElement> shared = [.. others.Select(fields => fields.At(field.Name)).Where(fields => fields.ValueKind != JsonValueKind.Undefined)];
            if (field.Name.StartsWith("f:", StringComparison.Ordinal) && live.At(field.Name[2..]) is { ValueKind: not JsonValueKind.Undefined } there)
            {
                var below = $"{path}/{field.Name[2..].Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
                if (wanted.At(field.Name[2..]).ValueKind == JsonValueKind.Undefined && shared.IsEmpty)
                {
                    removals.Add(PatchOperation.Remove(below));
                    continue;
                }

                Walk(field.Value, shared, there, wanted.At(field.Name[2..]), below, removals);
            }
            else if (field.Name.StartsWith("k:", StringComparison.Ordinal))
            {
                // Items of lists come and go by server-side apply itself; only within one that stays is something left.
                var (index, item) = Find(live, field.Name[2..]);
                var (_, kept) = Find(wanted, field.Name[2..]);
                if (index >= 0 && kept.ValueKind != JsonValueKind.Undefined)
                {
                    Walk(field.Value, shared, item, kept, $"{path}/{index}", removals);
                }
            }
        }
    }

    private static (int Index, JsonElement Item) Find(JsonElement list, string keys)
    {
        using var document = JsonDocument.Parse(keys);
        var wanted = KeyedLists.StepOf(document.RootElement, [.. document.RootElement.EnumerateObject().Select(key => key.Name)]);
        return list.ValueKind != JsonValueKind.Array ? (-1, default)
            : list.EnumerateArray().Select((item, index) => (Index: index, Item: item)).Where(pair => KeyedLists.StepOf(pair.Item, [.. wanted.Keys.Keys]).Keys.SequenceEqual(wanted.Keys)).FirstOrDefault((-1, default));
    }
}
