using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Deployers.Clusters;

/// <summary>A field that is not as it was rendered.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Wanted">The rendered value.</param>
/// <param name="Found">The live value; undefined when there is none.</param>
internal readonly record struct FieldDifference(FieldPath Path, JsonElement Wanted, JsonElement Found);

/// <summary>
/// Compares what was rendered with what is live. Only rendered fields count: servers add defaults and status, and other people own other fields. A
/// rendered value that is empty is the same as none, since servers leave empty values out.
/// </summary>
internal static class FieldDiff
{
    /// <summary>The fields that differ.</summary>
    public static ImmutableArray<FieldDifference> Of(JsonElement wanted, JsonElement live)
    {
        var found = ImmutableArray.CreateBuilder<FieldDifference>();
        Compare(FieldPath.Root, wanted, live, found);
        return found.DrainToImmutable();
    }

    /// <summary>Whether a value says nothing.</summary>
    public static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => true,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.String => value.ValueEquals(""),
        _ => false,
    };

    private static void Compare(FieldPath path, JsonElement wanted, JsonElement live, ImmutableArray<FieldDifference>.Builder found)
    {
        if (IsEmpty(wanted) && IsEmpty(live))
        {
            return;
        }

        switch (wanted.ValueKind)
        {
            case JsonValueKind.Object when live.ValueKind == JsonValueKind.Object && !IsEmpty(wanted):
                foreach (var member in wanted.EnumerateObject())
                {
                    // The kind of an item of a list is the list's.
                    if (path.Steps.IsEmpty && member.Name is "apiVersion" or "kind")
                    {
                        continue;
                    }

                    Compare(path.Then(new FieldStep.Member(member.Name)), member.Value, live.TryGetProperty(member.Name, out var value) ? value : default, found);
                }

                return;
            case JsonValueKind.Array when live.ValueKind == JsonValueKind.Array && KeyedLists.KeysOf(path, wanted) is { IsEmpty: false } keys:
                foreach (var item in wanted.EnumerateArray())
                {
                    var step = KeyedLists.StepOf(item, keys);
                    Compare(path.Then(step), item, Find(live, step, keys), found);
                }

                return;
            default:
                if (!IsSame(wanted, live))
                {
                    found.Add(new FieldDifference(path, wanted, live));
                }

                return;
        }
    }

    private static JsonElement Find(JsonElement list, FieldStep.Item step, ImmutableArray<string> keys) =>
        list.EnumerateArray().FirstOrDefault(item => KeyedLists.StepOf(item, keys).Keys.SequenceEqual(step.Keys));

    /// <summary>Whether a list that is one value, or a plain value, is as rendered; within it servers add defaults too.</summary>
    private static bool IsSame(JsonElement wanted, JsonElement live)
    {
        if (IsEmpty(wanted) && IsEmpty(live))
        {
            return true;
        }

        if (wanted.ValueKind != live.ValueKind)
        {
            return false;
        }

        return wanted.ValueKind switch
        {
            JsonValueKind.Object => IsEmpty(wanted) == IsEmpty(live) && wanted.EnumerateObject().All(member => IsSame(member.Value, live.TryGetProperty(member.Name, out var value) ? value : default)),
            JsonValueKind.Array => wanted.GetArrayLength() == live.GetArrayLength() && wanted.EnumerateArray().Zip(live.EnumerateArray()).All(pair => IsSame(pair.First, pair.Second)),
            JsonValueKind.Number => wanted.GetDouble().Equals(live.GetDouble()),
            _ => JsonElement.DeepEquals(wanted, live),
        };
    }
}
