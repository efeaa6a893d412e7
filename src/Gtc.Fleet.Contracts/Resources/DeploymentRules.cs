namespace Gtc.Fleet.Contracts;

/// <summary>The rules for a deployment as a whole: name, selector, score and roll-out.</summary>
internal static class DeploymentRules
{
    public static IReadOnlyList<ContractError> FindProblems(FleetDeployment deployment)
    {
        var problems = new List<ContractError>();
        if (DeploymentName.Parse(deployment.Metadata?.Name ?? "").Error is { } name)
        {
            problems.Add(name with { Path = "metadata.name" });
        }

        if (deployment.Spec is not { } spec)
        {
            problems.Add(new ContractError(ContractFault.InvalidSelector, "spec", "a spec with targetSelector and score was expected"));
            return problems;
        }

        problems.AddRange(spec.TargetSelector is { } selector
            ? selector.FindProblems().Select(problem => Below("spec.targetSelector", problem))
            : [new ContractError(ContractFault.InvalidSelector, "spec.targetSelector", "a selector was expected; {} selects every device")]);
        problems.AddRange(spec.Score is { } score
            ? score.FindProblems().Select(problem => Below("spec.score", problem))
            : [new ContractError(ContractFault.InvalidScore, "spec.score", "a score was expected, e.g. PodmanV0")]);
        problems.AddRange(FindProblems(spec.Rollout));
        return problems;
    }

    private static IEnumerable<ContractError> FindProblems(RolloutSpec? rollout)
    {
        var strategy = rollout?.Strategy ?? RolloutSpec.Immediate;
        if (strategy is not (RolloutSpec.Immediate or RolloutSpec.Batched))
        {
            yield return Invalid("strategy", $"`{BoundedText.Cut(strategy, 80)}` is no strategy: {RolloutSpec.Immediate} or {RolloutSpec.Batched} was expected");
        }

        if (strategy == RolloutSpec.Batched && rollout!.BatchSize is null)
        {
            yield return Invalid("batchSize", $"{RolloutSpec.Batched} needs the size of a batch, e.g. 5 or \"10%\"");
        }

        if (rollout?.BatchSize is { Value: 0 })
        {
            yield return Invalid("batchSize", "a batch of no devices would never end, at least 1 or \"1%\" was expected");
        }

        if (rollout?.PauseOnFailedPercent is < 0 or > 100)
        {
            yield return Invalid("pauseOnFailedPercent", $"{rollout.PauseOnFailedPercent} is no percentage, 0 to 100 was expected");
        }
    }

    private static ContractError Invalid(string member, string message) => new(ContractFault.InvalidRollout, $"spec.rollout.{member}", message);

    private static ContractError Below(string path, ContractError problem) => problem with { Path = problem.Path.Length == 0 ? path : $"{path}.{problem.Path}" };
}
