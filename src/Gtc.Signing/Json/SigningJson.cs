using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Signing;

/// <summary>The two documents of this project. Members that are not known are skipped in envelopes, as the DSSE protocol asks, and kept in trust roots.</summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 16)]
[JsonSerializable(typeof(DsseEnvelope))]
[JsonSerializable(typeof(TrustRoot))]
internal sealed partial class SigningJson : JsonSerializerContext;

/// <summary>The two ways to write a document.</summary>
internal static class SigningFormat
{
    /// <summary>Without the escapes that only HTML needs: base64 holds a plus sign.</summary>
    public static SigningJson Compact { get; } = new(new JsonSerializerOptions(SigningJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Two-space indent, LF line ends.</summary>
    public static SigningJson Pretty { get; } = new(new JsonSerializerOptions(Compact.Options) { WriteIndented = true, IndentSize = 2, NewLine = "\n" });

    /// <summary>A parse error on one line.</summary>
    public static string Describe(JsonException error) => error.Message.ReplaceLineEndings(" ");
}
