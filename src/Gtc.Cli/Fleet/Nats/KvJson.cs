using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Cli.Fleet.Nats;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(KvListPayload))]
[JsonSerializable(typeof(KvGetPayload))]
[JsonSerializable(typeof(KvPutPayload))]
[JsonSerializable(typeof(KvWatchPayload))]
[JsonSerializable(typeof(KvHistoryPayload))]
[JsonSerializable(typeof(KvBuckets))]
[JsonSerializable(typeof(KvKeys))]
[JsonSerializable(typeof(KvEntry))]
[JsonSerializable(typeof(KvEntries))]
[JsonSerializable(typeof(KvWritten))]
[JsonSerializable(typeof(KvWatching))]
internal sealed partial class KvJson : JsonSerializerContext;
