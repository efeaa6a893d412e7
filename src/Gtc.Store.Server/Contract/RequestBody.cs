using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>Reads bodies strictly, and makes the digest by which a retry is known.</summary>
internal static class RequestBody
{
    /// <summary>How deep a body may be nested.</summary>
    public const int MaxDepth = 48;

    private static readonly JsonDocumentOptions Bounds = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Members whose content is free.</summary>
    private static readonly string[] Free = ["answers", "config_overrides", "discovered"];

    /// <summary>The body, or why it cannot be taken.</summary>
    public static Outcome<T> Parse<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type)
        where T : class
    {
        if (!Authored.Parse(body.Span, type, "the body").TryGet(out var parsed, out var refusal))
        {
            return refusal;
        }

        using var document = JsonDocument.Parse(body, Bounds);
        if (FindNull(document.RootElement, "$") is { } place)
        {
            return new Refusal.InvalidArgument($"the body cannot be read at {place}: an item must not be null");
        }

        return FindUnknown(parsed as IHoldsDocuments) is { } unknown
            ? new Refusal.InvalidArgument($"the body cannot be read at {unknown.Path}: nobody knows member `{unknown.Member}` here")
            : parsed;
    }

    /// <summary>
    /// The fingerprint of a request: SHA-256 over the canonical <c>{"body","method","path"}</c> (store-server.md §4.2).
    /// </summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path as it was received, without the query.</param>
    /// <param name="body">The body, or nothing.</param>
    /// <returns>64 hex digits, or why the body is not JSON within the bounds.</returns>
    public static Outcome<string> Fingerprint(string method, string path, ReadOnlyMemory<byte> body)
    {
        try
        {
            var canonical = new StringBuilder("{\"body\":");
            if (body.IsEmpty)
            {
                canonical.Append("null");
            }
            else
            {
                using var document = JsonDocument.Parse(body, Bounds);
                canonical.Append(Encoding.UTF8.GetString(CanonicalJson.Bytes(document.RootElement)));
            }

            canonical.Append(",\"method\":").Append(Text(method)).Append(",\"path\":").Append(Text(path)).Append('}');
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return new Refusal.InvalidArgument($"the body is not JSON of at most {MaxDepth} levels with every member given once");
        }
    }

    private static string Text(string value)
    {
        using var document = JsonDocument.Parse(JsonSerializer.Serialize(value, ContractJson.Default.String));
        return Encoding.UTF8.GetString(CanonicalJson.Bytes(document.RootElement));
    }

    private static string? FindNull(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray()
            .Select((item, index) => item.ValueKind == JsonValueKind.Null ? $"{path}[{index}]" : FindNull(item, $"{path}[{index}]"))
            .FirstOrDefault(found => found is not null),
        JsonValueKind.Object => value.EnumerateObject()
            .Select(member => Free.Contains(member.Name) ? FindNullValue(member.Value, $"{path}.{member.Name}") : FindNull(member.Value, $"{path}.{member.Name}"))
            .FirstOrDefault(found => found is not null),
        _ => null,
    };

    /// <summary>The values of a free map are free, but there must be some.</summary>
    private static string? FindNullValue(JsonElement map, string path) => map.ValueKind != JsonValueKind.Object
        ? null
        : map.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Null).Select(member => $"{path}.{member.Name}").FirstOrDefault();

    private static (string Path, string Member)? FindUnknown(IHoldsDocuments? body)
    {
        foreach (var (path, document) in body?.Held ?? [])
        {
            if (document?.UnknownMembers is { Count: > 0 } unknown)
            {
                return (path, unknown.Keys.First());
            }
        }

        return null;
    }
}
