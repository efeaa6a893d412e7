using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Fleet.Agent.Storage;

/// <summary>An image that the agent pulled.</summary>
/// <param name="Id">podman's id of it; empty while it is pulled.</param>
/// <param name="Reference">The name that it was pulled by.</param>
/// <param name="UnusedSince">Since when nothing uses it, or null.</param>
internal sealed record OwnImage(string Id, string Reference, DateTimeOffset? UnusedSince)
{
    /// <summary>The bytes of a file.</summary>
    public static byte[] ToBytes(ImmutableArray<OwnImage> images) => JsonSerializer.SerializeToUtf8Bytes(images, OwnImageJson.Default.ImmutableArrayOwnImage);

    /// <summary>Reads a file; what is damaged names no image, so that none is removed by mistake.</summary>
    public static ImmutableArray<OwnImage> Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, OwnImageJson.Default.ImmutableArrayOwnImage) is { IsDefault: false } images && images.All(image => image is { Id: not null, Reference.Length: > 0 }) ? images : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImmutableArray<OwnImage>))]
internal sealed partial class OwnImageJson : JsonSerializerContext;
