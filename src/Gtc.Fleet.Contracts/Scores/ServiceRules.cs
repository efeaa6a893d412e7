using System.Globalization;

namespace Gtc.Fleet.Contracts;

/// <summary>The rules for one service of a score.</summary>
internal static class ServiceRules
{
    private const int MaxItems = 64;

    public static IEnumerable<ContractError> FindProblems(PodmanService service, string path)
    {
        if (service.Name is not { Length: <= PodmanService.MaxNameLength } || !FleetName.IsValid(service.Name))
        {
            yield return ScoreRules.Invalid($"{path}.name", $"`{Shown(service.Name)}` is no service's name: 1 to {PodmanService.MaxNameLength} of a-z, 0-9 and -, none of them - at either end, were expected");
        }

        if (ImageReference.Problem(service.Image ?? "") is { } image)
        {
            yield return ScoreRules.Invalid($"{path}.image", image);
        }

        foreach (var problem in FindListProblems(service, path).Concat(FindLimitProblems(service, path)))
        {
            yield return problem;
        }

        if (service.Health is { } health)
        {
            foreach (var problem in FindHealthProblems(health, $"{path}.health"))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<ContractError> FindListProblems(PodmanService service, string path)
    {
        foreach (var (name, count) in new[] { ("ports", service.Ports.Length), ("env", service.Env.Count), ("command", service.Command.Length), ("entrypoint", service.Entrypoint.Length), ("volumes", service.Volumes.Length) })
        {
            if (count > MaxItems)
            {
                yield return ScoreRules.Invalid($"{path}.{name}", $"{count} items were found, at most {MaxItems} were expected");
            }
        }

        for (var at = 0; at < service.Ports.Length; at++)
        {
            if (PortMapping.Parse(service.Ports[at] ?? "") is null)
            {
                yield return ScoreRules.Invalid($"{path}.ports[{at}]", $"`{Shown(service.Ports[at])}` is no port: {PortMapping.Grammar} was expected");
            }
        }

        if (service.Network != NetworkMode.Bridge && !service.Ports.IsEmpty)
        {
            yield return ScoreRules.Invalid($"{path}.ports", $"ports cannot be published in network `{new NetworkModeConverter().WordOf(service.Network)}`, only in `bridge`");
        }

        for (var at = 0; at < service.Volumes.Length; at++)
        {
            if (VolumeMount.Parse(service.Volumes[at] ?? "") is null)
            {
                yield return ScoreRules.Invalid($"{path}.volumes[{at}]", $"`{Shown(service.Volumes[at])}` is no volume: {VolumeMount.Grammar} was expected");
            }
        }

        foreach (var name in service.Env.Keys.Where(name => !IsVariable(name)))
        {
            yield return ScoreRules.Invalid($"{path}.env", $"`{Shown(name)}` is no variable's name: [A-Za-z_][A-Za-z0-9_]* was expected");
        }

        foreach (var (name, value) in service.Env.Where(pair => pair.Value is null))
        {
            yield return ScoreRules.Invalid($"{path}.env.{name}", "null was found where a text was expected");
        }

        if (service.Command.Concat(service.Entrypoint).Any(word => word is null || word.Contains('\0', StringComparison.Ordinal)))
        {
            yield return ScoreRules.Invalid($"{path}.command", "a word of a command cannot be null or hold a NUL character");
        }
    }

    private static IEnumerable<ContractError> FindLimitProblems(PodmanService service, string path)
    {
        if (service.Memory is { } memory && !ByteQuantity.TryParse(memory, out _))
        {
            yield return ScoreRules.Invalid($"{path}.memory", $"`{Shown(memory)}` is no amount of memory: bytes, or a number with Ki, Mi, Gi, Ti, k, M, G or T, was expected, e.g. 256Mi");
        }

        if (service.Cpus is { } cpus && cpus is not (> 0 and <= 1024))
        {
            yield return ScoreRules.Invalid($"{path}.cpus", $"{cpus.ToString(CultureInfo.InvariantCulture)} is no number of processors: more than 0 and at most 1024 was expected, e.g. 0.5");
        }

        if (service.Pids is < 1)
        {
            yield return ScoreRules.Invalid($"{path}.pids", $"{service.Pids} is no number of processes: at least 1 was expected");
        }
    }

    private static IEnumerable<ContractError> FindHealthProblems(HealthCheck health, string path)
    {
        if (health.Test.IsEmpty || health.Test.Any(string.IsNullOrEmpty))
        {
            yield return ScoreRules.Invalid($"{path}.test", "a command was expected, e.g. [\"curl\",\"-f\",\"http://localhost/\"]");
        }

        foreach (var (name, text) in new[] { ("interval", health.Interval), ("timeout", health.Timeout), ("start", health.Start) })
        {
            if (text is not null && !GoDuration.TryParse(text, out _))
            {
                yield return ScoreRules.Invalid($"{path}.{name}", $"`{Shown(text)}` is no duration: up to a day was expected, e.g. 30s or 1m30s");
            }
        }

        if (health.Retries is < 1)
        {
            yield return ScoreRules.Invalid($"{path}.retries", $"{health.Retries} retries were found, at least 1 was expected");
        }
    }

    private static bool IsVariable(string name) =>
        name.Length is > 0 and <= 256 && !char.IsAsciiDigit(name[0]) && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_');

    private static string Shown(string? text) => BoundedText.Cut(text ?? "", 80);
}
