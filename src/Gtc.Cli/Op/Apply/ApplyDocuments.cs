using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Cli.Op.Deploy;
using Gtc.Model;

namespace Gtc.Cli.Op.Apply;

/// <summary>What <c>env apply</c> answers (op-cli.md §7); <c>base_generation</c>, <c>generation</c> and <c>traffic</c> are gtc's own.</summary>
internal sealed record ApplyReport
{
    public required string ManifestSchema { get; init; }

    public required string EnvironmentId { get; init; }

    /// <summary><c>apply</c>, <c>dry-run</c> or <c>check</c>.</summary>
    public required string Mode { get; init; }

    public required IReadOnlyList<PlanStep> Steps { get; init; }

    public required int Changed { get; init; }

    public required int NoOp { get; init; }

    public required int Undiffable { get; init; }

    public required IReadOnlyList<MissingInput> Missing { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public required VerifyReport Verify { get; init; }

    public required ulong BaseGeneration { get; init; }

    /// <summary>The generation after an apply.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ulong? Generation { get; init; }

    public required IReadOnlyList<PlanTraffic> Traffic { get; init; }

    /// <summary>The report of a plan.</summary>
    public static ApplyReport Of(Planned planned, string mode, IEnumerable<string> warnings) => new()
    {
        ManifestSchema = Schemas.EnvManifest,
        EnvironmentId = planned.Plan.EnvironmentId.ToString(),
        Mode = mode,
        Steps = [.. planned.Plan.Steps.Select(step => new PlanStep(step.Kind, step.Key, step.Action, step.Detail, step.IdempotencyKey))],
        Changed = planned.Plan.Changed,
        NoOp = planned.Plan.NoOps,
        Undiffable = planned.Plan.Undiffable,
        Missing = planned.Plan.Missing,
        Warnings = [.. planned.Plan.Warnings, .. warnings],
        Verify = new VerifyReport(0, []),
        BaseGeneration = planned.BaseGeneration,
        Traffic = planned.After is { } after ? PlanDocuments.MovedTraffic(planned.Current, after) : [],
    };
}

/// <summary>What was looked at again after an apply.</summary>
/// <param name="Checked">How many steps.</param>
/// <param name="Failures">Those that are not as they were made.</param>
internal sealed record VerifyReport(int Checked, IReadOnlyList<string> Failures);

/// <summary>What <c>op plan</c> answers.</summary>
internal sealed record PlanReport
{
    /// <summary>The plan, exactly as a plan file has it.</summary>
    public required JsonElement Plan { get; init; }

    public required DeployerPreview Deployer { get; init; }

    public required int Changed { get; init; }

    public required IReadOnlyList<MissingInput> Missing { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WrittenTo { get; init; }
}

/// <summary>What <c>--emit-answers-template</c> answers.</summary>
internal sealed record TemplateWritten(string WrittenTo);

/// <summary>The payloads and results of <c>env apply</c>, <c>op plan</c> and <c>op deploy</c>: snake_case, unknown and repeated members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ApplyReport))]
[JsonSerializable(typeof(PlanReport))]
[JsonSerializable(typeof(TemplateWritten))]
[JsonSerializable(typeof(DeployPayload))]
[JsonSerializable(typeof(DeployResult))]
internal sealed partial class ApplyJson : JsonSerializerContext;
