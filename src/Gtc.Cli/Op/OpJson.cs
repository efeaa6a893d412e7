using System.Text.Json.Serialization;
using Gtc.Cli.Op.Audit;
using Gtc.Cli.Op.Config;
using Gtc.Cli.Op.Deployments;
using Gtc.Cli.Op.Environments;
using Gtc.Cli.Op.OperatorKeys;
using Gtc.Cli.Op.Revisions;
using Gtc.Cli.Op.Traffic;
using Gtc.Cli.Op.TrustRoots;

namespace Gtc.Cli.Op;

/// <summary>The payloads and results of <c>gtc op</c>: snake_case, unknown and repeated members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(NoPayload))]
[JsonSerializable(typeof(EnvironmentPayload))]
[JsonSerializable(typeof(InitPayload))]
[JsonSerializable(typeof(CreatePayload))]
[JsonSerializable(typeof(UpdatePayload))]
[JsonSerializable(typeof(PublicUrlPayload))]
[JsonSerializable(typeof(PublicUrlSet))]
[JsonSerializable(typeof(DestroyPayload))]
[JsonSerializable(typeof(Destroyed))]
[JsonSerializable(typeof(SnapshotMade))]
[JsonSerializable(typeof(SnapshotList))]
[JsonSerializable(typeof(RestoreSnapshotPayload))]
[JsonSerializable(typeof(SnapshotRestoredShown))]
[JsonSerializable(typeof(ListBackupsPayload))]
[JsonSerializable(typeof(BackupList))]
[JsonSerializable(typeof(RestoreBackupPayload))]
[JsonSerializable(typeof(BackupRestored))]
[JsonSerializable(typeof(MigratePayload))]
[JsonSerializable(typeof(MigrateStatePayload))]
[JsonSerializable(typeof(DevMigrationChecked))]
[JsonSerializable(typeof(DevMigrationDone))]
[JsonSerializable(typeof(StateMigrationChecked))]
[JsonSerializable(typeof(StateMigrationDone))]
[JsonSerializable(typeof(SetConfigPayload))]
[JsonSerializable(typeof(ConfigSet))]
[JsonSerializable(typeof(ShowConfigPayload))]
[JsonSerializable(typeof(ShownConfig))]
[JsonSerializable(typeof(ShowAuditPayload))]
[JsonSerializable(typeof(PrunePayload))]
[JsonSerializable(typeof(Pruned))]
[JsonSerializable(typeof(CompactPayload))]
[JsonSerializable(typeof(Compacted))]
[JsonSerializable(typeof(ShowPayload))]
[JsonSerializable(typeof(DiffPayload))]
[JsonSerializable(typeof(DiffReport))]
[JsonSerializable(typeof(RestorePayload))]
[JsonSerializable(typeof(Restored))]
[JsonSerializable(typeof(HistoryPayload))]
[JsonSerializable(typeof(HistoryResult))]
[JsonSerializable(typeof(RepairPayload))]
[JsonSerializable(typeof(RepairResult))]
[JsonSerializable(typeof(AuditVerified))]
[JsonSerializable(typeof(AddDeploymentPayload))]
[JsonSerializable(typeof(UpdateDeploymentPayload))]
[JsonSerializable(typeof(RemoveDeploymentPayload))]
[JsonSerializable(typeof(RemovedDeploymentSummary))]
[JsonSerializable(typeof(StagePayload))]
[JsonSerializable(typeof(WarmPayload))]
[JsonSerializable(typeof(RevisionPayload))]
[JsonSerializable(typeof(ArchivePayload))]
[JsonSerializable(typeof(CollectPayload))]
[JsonSerializable(typeof(CollectedRevisions))]
[JsonSerializable(typeof(SetTrafficPayload))]
[JsonSerializable(typeof(ClearTrafficPayload))]
[JsonSerializable(typeof(RollbackPayload))]
[JsonSerializable(typeof(DeploymentPayload))]
[JsonSerializable(typeof(InitResult))]
[JsonSerializable(typeof(EnvironmentSummary))]
[JsonSerializable(typeof(EnvironmentList))]
[JsonSerializable(typeof(TrustRootBootstrapped))]
[JsonSerializable(typeof(TrustRootList))]
[JsonSerializable(typeof(AddKeyPayload))]
[JsonSerializable(typeof(AddDidPayload))]
[JsonSerializable(typeof(RemoveKeyPayload))]
[JsonSerializable(typeof(TrustRootAdded))]
[JsonSerializable(typeof(TrustRootDidAdded))]
[JsonSerializable(typeof(TrustRootRemoved))]
[JsonSerializable(typeof(RotatePayload))]
[JsonSerializable(typeof(OperatorKeyShown))]
[JsonSerializable(typeof(OperatorKeyRotated))]
[JsonSerializable(typeof(VerifiedPolicies))]
[JsonSerializable(typeof(DeploymentSummary))]
[JsonSerializable(typeof(DeploymentList))]
[JsonSerializable(typeof(RevisionSummary))]
[JsonSerializable(typeof(RevisionList))]
[JsonSerializable(typeof(TrafficSummary))]
[JsonSerializable(typeof(ExplainTrafficPayload))]
[JsonSerializable(typeof(TrafficExplanation))]
internal sealed partial class OpJson : JsonSerializerContext;
