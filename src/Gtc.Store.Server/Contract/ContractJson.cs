using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The shape of what goes over the wire: snake_case; unknown and repeated members are refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 64,
    Converters = [typeof(Rfc3339Json)])]
[JsonSerializable(typeof(CreateBody))]
[JsonSerializable(typeof(MigrateBody))]
[JsonSerializable(typeof(RestoreBody))]
[JsonSerializable(typeof(RestoreBackupBody))]
[JsonSerializable(typeof(ImportBody))]
[JsonSerializable(typeof(BackupManifest))]
[JsonSerializable(typeof(BackupIndex))]
[JsonSerializable(typeof(ReconcileCompleteBody))]
[JsonSerializable(typeof(StageBody))]
[JsonSerializable(typeof(WarmBody))]
[JsonSerializable(typeof(InitBody))]
[JsonSerializable(typeof(PublicUrlBody))]
[JsonSerializable(typeof(DeployBody))]
[JsonSerializable(typeof(ForceArchiveBody))]
[JsonSerializable(typeof(AddPreviewBody))]
[JsonSerializable(typeof(RevisionPreview))]
[JsonSerializable(typeof(TrafficBody))]
[JsonSerializable(typeof(RollbackBody))]
[JsonSerializable(typeof(ClearBody))]
[JsonSerializable(typeof(PackBody))]
[JsonSerializable(typeof(ExtensionBody))]
[JsonSerializable(typeof(ExtensionUpdateBody))]
[JsonSerializable(typeof(KeyedBody))]
[JsonSerializable(typeof(AddBundleBody))]
[JsonSerializable(typeof(UpdateBundleBody))]
[JsonSerializable(typeof(AddEndpointBody))]
[JsonSerializable(typeof(LinkBody))]
[JsonSerializable(typeof(WelcomeBody))]
[JsonSerializable(typeof(SecretRefsBody))]
[JsonSerializable(typeof(RotateBody))]
[JsonSerializable(typeof(TrustKeyBody))]
[JsonSerializable(typeof(TrustDidBody))]
[JsonSerializable(typeof(RevokeBody))]
[JsonSerializable(typeof(RuntimeBody))]
[JsonSerializable(typeof(AttemptBody))]
[JsonSerializable(typeof(AnswersBody))]
[JsonSerializable(typeof(CiphertextBody))]
[JsonSerializable(typeof(SealBody))]
[JsonSerializable(typeof(CredentialsBody))]
[JsonSerializable(typeof(DestroyBody))]
[JsonSerializable(typeof(UpdateEnvironment))]
[JsonSerializable(typeof(UpdateChannelConfig))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(BundleDeployment))]
[JsonSerializable(typeof(Revision))]
[JsonSerializable(typeof(TrafficSplit))]
[JsonSerializable(typeof(MessagingEndpoint))]
[JsonSerializable(typeof(EnvPackBinding))]
[JsonSerializable(typeof(ExtensionBinding))]
[JsonSerializable(typeof(EnvironmentDocument))]
[JsonSerializable(typeof(EnvironmentRuntime))]
[JsonSerializable(typeof(AuditEvent))]
[JsonSerializable(typeof(GenerationEntry))]
internal sealed partial class ContractJson : JsonSerializerContext;
