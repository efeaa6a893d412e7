using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>The shape of policies: snake_case, optional members left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(Rfc3339Json)])]
[JsonSerializable(typeof(RevenuePolicyDocument))]
[JsonSerializable(typeof(RevenuePolicyPredicate))]
internal sealed partial class RevenueJson : JsonSerializerContext;

/// <summary>Writes policies.</summary>
internal static class RevenueFormat
{
    private static readonly RevenueJson Compact = new(new JsonSerializerOptions(RevenueJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static readonly RevenueJson Pretty = new(new JsonSerializerOptions(Compact.Options) { WriteIndented = true, IndentSize = 2, NewLine = "\n" });

    /// <summary>The exact bytes that are hashed: two-space indent, no trailing newline.</summary>
    public static byte[] ToBytes(RevenuePolicyDocument document) => JsonSerializer.SerializeToUtf8Bytes(document, Pretty.RevenuePolicyDocument);

    public static JsonElement ToElement(RevenuePolicyPredicate predicate) => JsonSerializer.SerializeToElement(predicate, Compact.RevenuePolicyPredicate);
}
