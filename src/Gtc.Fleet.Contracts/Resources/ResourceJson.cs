using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gtc.Fleet.Contracts;

/// <summary>The JSON of custom resources: camelCase, absent members left out, unknown ones kept.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 64,
    Converters = [typeof(UtcTime)])]
[JsonSerializable(typeof(FleetDeployment))]
[JsonSerializable(typeof(FleetDevice))]
[JsonSerializable(typeof(DeploymentStatus))]
[JsonSerializable(typeof(DeviceStatus))]
[JsonSerializable(typeof(ResourceCondition))]
public sealed partial class ResourceJson : JsonSerializerContext
{
    internal static ContractResult<T> Read<T>(JsonElement json, JsonTypeInfo<T> type, string what)
        where T : class
    {
        try
        {
            return json.Deserialize(type) is { } value ? value : new ContractError(ContractFault.InvalidPayload, "", $"null was found where a {what} was expected");
        }
        catch (JsonException error)
        {
            return PayloadJson.Refuse(error, what);
        }
    }
}
