using System.Text.Json.Serialization;
using Gtc.Cli.Fleet.Applying;
using Gtc.Cli.Fleet.Installing;
using Gtc.Cli.Fleet.Looking;

namespace Gtc.Cli.Fleet;

/// <summary>What the verbs of <c>gtc fleet</c> take and answer.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ApplyPayload))]
[JsonSerializable(typeof(AppliedShown))]
[JsonSerializable(typeof(DeletePayload))]
[JsonSerializable(typeof(DeletedShown))]
[JsonSerializable(typeof(GetPayload))]
[JsonSerializable(typeof(DeploymentsShown))]
[JsonSerializable(typeof(DevicesPayload))]
[JsonSerializable(typeof(DevicesShown))]
[JsonSerializable(typeof(WatchPayload))]
[JsonSerializable(typeof(DeploymentShown))]
[JsonSerializable(typeof(ExplainPayload))]
[JsonSerializable(typeof(DeviceExplained))]
[JsonSerializable(typeof(InstallPayload))]
[JsonSerializable(typeof(NatsInstallPayload))]
[JsonSerializable(typeof(InstalledShown))]
[JsonSerializable(typeof(DeletedLine))]
internal sealed partial class FleetJson : JsonSerializerContext;
