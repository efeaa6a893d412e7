using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Fleet.Contracts;

/// <summary>A device id as a JSON string.</summary>
internal sealed class DeviceIdConverter : JsonConverter<DeviceId>
{
    public override DeviceId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DeviceId.Parse(reader.TokenType == JsonTokenType.String ? reader.GetString()! : "").TryGet(out var id, out var error) ? id : throw new JsonException(error.Message);

    public override void Write(Utf8JsonWriter writer, DeviceId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

/// <summary>A deployment's name as a JSON string, also as a member's name.</summary>
internal sealed class DeploymentNameConverter : JsonConverter<DeploymentName>
{
    public override DeploymentName Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(reader.TokenType == JsonTokenType.String ? reader.GetString()! : "");

    public override void Write(Utf8JsonWriter writer, DeploymentName value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);

    public override DeploymentName ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString()!);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, DeploymentName value, JsonSerializerOptions options) => writer.WritePropertyName(value.Value);

    private static DeploymentName Parse(string text) => DeploymentName.Parse(text).TryGet(out var name, out var error) ? name : throw new JsonException(error.Message);
}
