using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>Something that the apply cannot do without.</summary>
/// <param name="Kind"><c>secret_value</c> or <c>bundle_artifact</c>.</param>
/// <param name="Key">Whose it is.</param>
/// <param name="Source">Where it was looked for: <c>env:VAR</c>, <c>paste</c>, <c>path:…</c> or <c>uri:…</c>.</param>
public sealed record MissingInput(string Kind, string Key, string Source);

/// <summary>What an apply would do.</summary>
/// <param name="EnvironmentId">The environment.</param>
/// <param name="Steps">The steps in the order they are done, those that change nothing included.</param>
/// <param name="Missing">What is missing; an apply is refused while there is any.</param>
/// <param name="Warnings">What should be known.</param>
public sealed record ApplyPlan(EnvId EnvironmentId, ImmutableArray<ApplyStep> Steps, ImmutableArray<MissingInput> Missing, ImmutableArray<string> Warnings)
{
    /// <summary>How many steps create, update or delete: the drift.</summary>
    public int Changed => Steps.Count(step => step.IsDrift);

    /// <summary>How many steps change nothing.</summary>
    public int NoOps => Steps.Count(step => step.Action == StepAction.NoOp);

    /// <summary>How many steps write what cannot be compared.</summary>
    public int Undiffable => Steps.Count(step => step.Action == StepAction.Put);

    /// <summary>Null when nothing is missing.</summary>
    public Refusal.Conflict? RefuseMissing() => Missing.IsEmpty ? null : new Refusal.Conflict($"{Missing.Length} input(s) are missing")
    {
        Details = [.. Missing.Select(input => new RefusalDetail(input.Key, $"{input.Kind} from {input.Source}"))],
    };

    /// <summary>The document after all steps, with every health gate passed, or the first refusal on the way.</summary>
    public Outcome<EnvironmentDocument> After(EnvironmentDocument? current, DateTimeOffset now)
    {
        Outcome<EnvironmentDocument?> document = current;
        foreach (var step in Steps)
        {
            document = document.Then(at => ApplySteps.Apply(at, step, DeployEffects.None, now).Then<EnvironmentDocument?>(after => after));
        }

        return document.Then<EnvironmentDocument>(after => after ?? throw new InvalidOperationException("A plan that makes no environment was made for none."));
    }
}
