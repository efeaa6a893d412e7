using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>
/// Up to where the audit log of an environment was pruned, signed by the operator's key: an in-toto statement whose subject is the last
/// pruned line. The next line names the same hash, so what stays is as provable as before, and nobody without the key can prune.
/// </summary>
public sealed record AuditCheckpoint
{
    /// <summary>Where it lies, relative to the environment's folder.</summary>
    public const string Name = "audit-checkpoint.json";

    /// <summary>The predicate's type.</summary>
    public const string PredicateType = "greentic.audit-checkpoint.v1";

    /// <summary>The environment.</summary>
    public required string EnvironmentId { get; init; }

    /// <summary>The hash of the last pruned line.</summary>
    [JsonIgnore]
    public string PrunedThrough { get; init; } = "";

    /// <summary>The event id of the last pruned line.</summary>
    public required string PrunedThroughEvent { get; init; }

    /// <summary>How many lines were ever pruned.</summary>
    public required ulong PrunedTotal { get; init; }

    /// <summary>The most lines that the policy of the time kept.</summary>
    public required ulong PolicyMaxRows { get; init; }

    /// <summary>When it was pruned.</summary>
    public required DateTimeOffset LastPrunedAt { get; init; }

    /// <summary>The checkpoint of a pruning.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="hash">The hash of the last pruned line.</param>
    /// <param name="eventId">Its event id.</param>
    /// <param name="most">How many lines stay at most.</param>
    /// <param name="total">How many lines were ever pruned.</param>
    /// <param name="now">The time.</param>
    public static AuditCheckpoint Of(EnvId environment, string hash, string eventId, ulong most, ulong total, DateTimeOffset now) => new()
    {
        EnvironmentId = environment.ToString(),
        PrunedThrough = hash,
        PrunedThroughEvent = eventId,
        PrunedTotal = total,
        PolicyMaxRows = most,
        LastPrunedAt = now,
    };

    /// <summary>The signed bytes.</summary>
    public byte[] Sign(PrivateKey key)
    {
        var statement = new InTotoStatement
        {
            Subjects = [new StatementSubject($"audit/{EnvironmentId}", PrunedThrough)],
            PredicateType = PredicateType,
            Predicate = JsonSerializer.SerializeToElement(this, AuditCheckpointJson.Default.AuditCheckpoint),
        };
        return Dsse.Sign(statement.ToBytes(), key).ToPrettyBytes();
    }

    /// <summary>Reads one that a trusted key signed.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="environment">The environment that it must be of; null where that is not known.</param>
    /// <param name="trusted">The keys to believe.</param>
    public static Outcome<AuditCheckpoint> Verify(ReadOnlySpan<byte> bytes, EnvId? environment, ImmutableArray<TrustedKey> trusted)
    {
        if (!DsseEnvelope.Parse(bytes).TryGet(out var envelope, out var error) || !Dsse.Verify(envelope, trusted).TryGet(out var verified, out error))
        {
            return new Refusal.AuditFailed($"the audit checkpoint does not verify: {error.Message}");
        }

        return Of(verified.Statement).Then(checkpoint => environment is { } one && checkpoint.EnvironmentId != one.ToString()
            ? new Refusal.AuditFailed($"the audit checkpoint belongs to environment `{checkpoint.EnvironmentId}`, not to `{one}`")
            : (Outcome<AuditCheckpoint>)checkpoint);
    }

    private static Outcome<AuditCheckpoint> Of(InTotoStatement statement)
    {
        try
        {
            return statement is { PredicateType: PredicateType, Subjects: [{ Sha256: { Length: 64 } hash }] }
                && statement.Predicate.Deserialize(AuditCheckpointJson.Default.AuditCheckpoint) is { } checkpoint
                ? checkpoint with { PrunedThrough = hash }
                : new Refusal.AuditFailed($"what is signed is no {PredicateType}");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return new Refusal.AuditFailed($"the audit checkpoint cannot be read: {error.Message}");
        }
    }
}

/// <summary>The wire shape of a checkpoint's predicate.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 8,
    Converters = [typeof(Rfc3339Json)])]
[JsonSerializable(typeof(AuditCheckpoint))]
internal sealed partial class AuditCheckpointJson : JsonSerializerContext;
