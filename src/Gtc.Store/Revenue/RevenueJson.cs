using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>The shape of policies: snake_case, optional members left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 16,
    Converters = [typeof(Rfc3339Json)])]
[JsonSerializable(typeof(RevenuePolicyDocument))]
[JsonSerializable(typeof(RevenuePolicyPredicate))]
internal sealed partial class RevenueJson : JsonSerializerContext;

/// <summary>Writes and reads policies.</summary>
internal static class RevenueFormat
{
    private static readonly RevenueJson Compact = new(new JsonSerializerOptions(RevenueJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static readonly RevenueJson Pretty = new(new JsonSerializerOptions(Compact.Options) { WriteIndented = true, IndentSize = 2, NewLine = "\n" });

    /// <summary>The exact bytes that are hashed: two-space indent, no trailing newline.</summary>
    public static byte[] ToBytes(RevenuePolicyDocument document) => JsonSerializer.SerializeToUtf8Bytes(document, Pretty.RevenuePolicyDocument);

    public static JsonElement ToElement(RevenuePolicyPredicate predicate) => JsonSerializer.SerializeToElement(predicate, Compact.RevenuePolicyPredicate);

    /// <summary>A document and its predicate, or null when either is not of its shape.</summary>
    public static (RevenuePolicyDocument Document, RevenuePolicyPredicate Predicate)? Read(ReadOnlySpan<byte> document, JsonElement predicate)
    {
        try
        {
            return JsonSerializer.Deserialize(document, Compact.RevenuePolicyDocument) is { RevenueShare.IsDefault: false } policy
                && !policy.RevenueShare.Any(entry => entry is null)
                && predicate.Deserialize(Compact.RevenuePolicyPredicate) is { } signed
                ? (policy, signed)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
