using System.Text.Json.Nodes;

namespace Gtc.Model;

/// <summary>A plan in the making.</summary>
/// <param name="before">The environment as it is, or as it will be made.</param>
/// <param name="isNew">True when it will be made.</param>
/// <param name="manifest">What is wanted.</param>
/// <param name="facts">What the caller found out.</param>
/// <param name="mint">Gives new ids.</param>
internal sealed class PlanDraft(EnvironmentDocument before, bool isNew, EnvManifest manifest, ApplyFacts facts, Func<Ulid> mint)
{
    private readonly List<ApplyStep> _steps = [];
    private readonly List<MissingInput> _missing = [];
    private readonly List<string> _warnings = [];

    public EnvironmentDocument Before { get; } = before;

    public bool IsNew { get; } = isNew;

    public EnvManifest Manifest { get; } = manifest;

    public ApplyFacts Facts { get; } = facts;

    public Ulid Mint() => mint();

    public StepHead Head(string kind, string key, StepAction action, string detail, JsonNode desired) =>
        new(kind, key, action, detail, StepKinds.IdempotencyKey(Before.EnvironmentId, kind, key, StepKinds.DesiredHash(desired)));

    public void Add(ApplyStep step) => _steps.Add(step);

    public void Unchanged(string kind, string key, JsonNode desired) => Add(new ApplyStep.Unchanged(Head(kind, key, StepAction.NoOp, "is so already", desired)));

    public void Lacks(string kind, string key, string source) => _missing.Add(new MissingInput(kind, key, source));

    public void Warn(string warning) => _warnings.Add(warning);

    public ApplyPlan Finish() => new(Before.EnvironmentId, [.. _steps], [.. _missing], [.. _warnings]);
}
