using System.Text.Json;

namespace Gtc.Model;

/// <summary>Finds nulls where a list's item or a map's value is expected; the JSON reader lets them through although the types do not allow them.</summary>
internal static class AuthoredNulls
{
    /// <summary>Members whose content is free.</summary>
    private static readonly string[] Free = ["answers"];

    /// <summary>The path of the first one, or null.</summary>
    public static string? FindItem(ReadOnlySpan<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8.ToArray(), new JsonDocumentOptions { MaxDepth = 64 });
        return Find(document.RootElement, "$");
    }

    private static string? Find(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray()
            .Select((item, index) => item.ValueKind == JsonValueKind.Null ? $"{path}[{index}]" : Find(item, $"{path}[{index}]"))
            .FirstOrDefault(found => found is not null),
        JsonValueKind.Object => value.EnumerateObject()
            .Where(member => !Free.Contains(member.Name))
            .Select(member => member.Name == "config_overrides" ? FindPack(member.Value, $"{path}.{member.Name}") : Find(member.Value, $"{path}.{member.Name}"))
            .FirstOrDefault(found => found is not null),
        _ => null,
    };

    /// <summary>Each pack's keys are an object; what the keys hold is free.</summary>
    private static string? FindPack(JsonElement overrides, string path) => overrides.ValueKind != JsonValueKind.Object
        ? null
        : overrides.EnumerateObject().Where(pack => pack.Value.ValueKind == JsonValueKind.Null).Select(pack => $"{path}.{pack.Name}").FirstOrDefault();
}
