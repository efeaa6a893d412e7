using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Nats;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = NatsLimits.MaxJsonDepth)]
[JsonSerializable(typeof(ServerHello))]
[JsonSerializable(typeof(ClientHello))]
internal sealed partial class NatsJson : JsonSerializerContext
{
    /// <summary>Reads INFO.</summary>
    /// <exception cref="NatsProtocolException">It is no such JSON.</exception>
    public static ServerHello ReadHello(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, Default.ServerHello) ?? throw new NatsProtocolException("INFO is null");
        }
        catch (JsonException error)
        {
            throw new NatsProtocolException($"INFO is not readable JSON: {error.Message}");
        }
    }
}
