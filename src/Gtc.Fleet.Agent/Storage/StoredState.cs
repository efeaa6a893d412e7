using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Storage;

/// <summary>What a device remembers of one deployment.</summary>
/// <param name="Told">What it told last, or null when it told nothing yet.</param>
/// <param name="AppliedHash">The score whose containers were all started, or null.</param>
/// <param name="IsSent">True when the broker has what was told.</param>
/// <param name="IsRemoved">True when the deployment is gone and the broker is to forget it.</param>
internal sealed record StoredState(DeploymentState? Told, string? AppliedHash, bool IsSent, bool IsRemoved)
{
    /// <summary>A deployment of which nothing is remembered.</summary>
    public static StoredState None { get; } = new(null, null, true, false);

    /// <summary>Reads a file; null when it is damaged.</summary>
    public static StoredState? Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (JsonSerializer.Deserialize(bytes, StoredJson.Default.StateFile) is not { } file)
            {
                return null;
            }

            if (file.Told is not { } told)
            {
                return new(null, file.AppliedHash, file.IsSent, file.IsRemoved);
            }

            return DeploymentState.Parse(JsonSerializer.SerializeToUtf8Bytes(told, StoredJson.Default.JsonElement)).TryGet(out var state, out _)
                ? new(state, file.AppliedHash, file.IsSent, file.IsRemoved)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The bytes of the file.</summary>
    public byte[] ToBytes()
    {
        JsonElement? told = Told is null ? null : JsonSerializer.Deserialize(Told.ToBytes(), StoredJson.Default.JsonElement);
        return JsonSerializer.SerializeToUtf8Bytes(new StateFile(told, AppliedHash, IsSent, IsRemoved), StoredJson.Default.StateFile);
    }
}

/// <summary>The file: what was told stands in it as it was told.</summary>
internal sealed record StateFile(JsonElement? Told, string? AppliedHash, bool IsSent, bool IsRemoved);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StateFile))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class StoredJson : JsonSerializerContext;
