using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Runtime;

/// <summary>The answer of <c>GET /status</c> (worker-runtime.md §5.1); <see cref="Revisions"/> and <see cref="Problems"/> are additive.</summary>
internal sealed record StatusReport
{
    public string Schema { get; init; } = Schemas.Status;

    public required EnvId EnvId { get; init; }

    public required string ListenAddr { get; init; }

    public required string Version { get; init; }

    public required int BundlesActive { get; init; }

    public required int DeploymentsRouted { get; init; }

    public required int RevisionsActive { get; init; }

    public bool RestartRequired { get; init; }

    public required ImmutableArray<StatusRevision> Revisions { get; init; }

    /// <summary>Why something that was asked for is not served, in plain sentences.</summary>
    public required ImmutableArray<string> Problems { get; init; }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, StatusJson.Default.StatusReport);
}

internal sealed record StatusRevision(DeploymentId DeploymentId, string BundleId, RevisionId RevisionId, uint WeightBps);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class StatusJson : JsonSerializerContext;
