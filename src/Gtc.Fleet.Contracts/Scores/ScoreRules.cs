namespace Gtc.Fleet.Contracts;

/// <summary>The rules of fleet.md §2.1 for scores, beyond their shape.</summary>
internal static class ScoreRules
{
    public static IReadOnlyList<ContractError> FindProblems(ReconcileScore score)
    {
        var problems = new List<ContractError>();
        if (FindVariantProblem(score) is { } wrong)
        {
            return [wrong];
        }

        var podman = score.PodmanV0!;
        if (podman.Services.Length is 0 or > FleetBounds.MaxServices)
        {
            problems.Add(Invalid("PodmanV0.services", $"{podman.Services.Length} services were found, 1 to {FleetBounds.MaxServices} were expected"));
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var at = 0; at < podman.Services.Length; at++)
        {
            var path = $"PodmanV0.services[{at}]";
            if (podman.Services[at] is not { } service)
            {
                problems.Add(Invalid(path, "null was found where a service was expected"));
                continue;
            }

            problems.AddRange(ServiceRules.FindProblems(service, path));
            if (service.Name is not null && !names.Add(service.Name))
            {
                problems.Add(Invalid($"{path}.name", $"`{BoundedText.Cut(service.Name, 80)}` is the name of two services"));
            }
        }

        problems.AddRange(FileRules.FindProblems(podman));
        if (problems.Count == 0 && score.ToCanonicalBytes() is { Length: > FleetBounds.MaxValueBytes } bytes)
        {
            problems.Add(new ContractError(ContractFault.ScoreTooLarge, "", $"the score has {bytes.Length} bytes, at most {FleetBounds.MaxValueBytes} fit into a value"));
        }

        return problems;
    }

    internal static ContractError Invalid(string path, string message) => new(ContractFault.InvalidScore, path, message);

    private static ContractError? FindVariantProblem(ReconcileScore score)
    {
        var others = score.Unknown?.Keys.Order(StringComparer.Ordinal).ToList() ?? [];
        return (score.PodmanV0, others.Count) switch
        {
            (not null, 0) => null,
            (null, 0) => Invalid("", "the score is empty, one variant was expected, e.g. PodmanV0"),
            (null, 1) => new ContractError(ContractFault.UnknownScore, others[0], $"`{BoundedText.Cut(others[0], 80)}` is no variant of a score that this version knows; PodmanV0 is"),
            _ => Invalid("", $"{others.Count + (score.PodmanV0 is null ? 0 : 1)} variants were found in one score, exactly one was expected"),
        };
    }
}
