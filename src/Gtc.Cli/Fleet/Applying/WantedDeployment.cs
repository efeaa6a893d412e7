using System.Collections.Immutable;
using System.Globalization;
using Gtc.Fleet.Contracts;
using Gtc.Model;
using ContractName = Gtc.Fleet.Contracts.DeploymentName;

namespace Gtc.Cli.Fleet.Applying;

/// <summary>Makes the resource of what was typed.</summary>
internal static class WantedDeployment
{
    /// <summary>The name of the only service.</summary>
    private const string ServiceName = "web";

    /// <summary>The selector that was typed; null when none was.</summary>
    public static Outcome<LabelSelector?> Selector(ApplyPayload payload)
    {
        var labels = payload.To.ToList();
        if (payload.TargetDevice is { } device)
        {
            if (DeviceId.Parse(device).Error is { } wrong)
            {
                return FleetCluster.Refuse(wrong);
            }

            labels.Add($"{DeviceInfo.DeviceIdLabel}={device}");
        }

        var requirements = ImmutableArray.CreateBuilder<SelectorRequirement>();
        foreach (var text in payload.ToExpr)
        {
            if (!SelectorText.ParseExpression(text).TryGet(out var requirement, out var error))
            {
                return FleetCluster.Refuse(error);
            }

            requirements.Add(requirement);
        }

        if (labels.Count + requirements.Count == 0)
        {
            return (LabelSelector?)null;
        }

        return SelectorText.ParseLabels(labels).TryGet(out var parsed, out var refused)
            ? new LabelSelector { MatchLabels = parsed, MatchExpressions = requirements.ToImmutable() }
            : FleetCluster.Refuse(refused);
    }

    /// <summary>The resource; every rule of the contracts is checked before anything is sent.</summary>
    public static Outcome<FleetDeployment> Of(ApplyPayload payload, LabelSelector selector)
    {
        if (!Environment(payload).TryGet(out var env, out var refusal) || !Pull(payload).TryGet(out var pull, out refusal) || !Rollout(payload).TryGet(out var rollout, out refusal))
        {
            return refusal;
        }

        var service = new PodmanService
        {
            Name = ServiceName,
            Image = FullImage(payload.Image ?? ApplyPayload.DefaultImage),
            Ports = payload.NoPort ? [] : payload.Port.IsEmpty ? [ApplyPayload.DefaultPort] : payload.Port,
            Env = env,
            Volumes = payload.Volume,
            Memory = payload.Memory,
            Pull = pull,
        };
        var deployment = new FleetDeployment
        {
            Metadata = new ResourceMeta { Name = payload.Name ?? ApplyPayload.DefaultName, Namespace = payload.Namespace ?? ApplyPayload.DefaultNamespace },
            Spec = new DeploymentSpec { TargetSelector = selector, Score = new ReconcileScore { PodmanV0 = new PodmanV0 { Services = [service] } }, Rollout = rollout },
        };
        var problems = deployment.FindProblems();
        return problems.Count == 0 ? deployment : FleetCluster.Refuse(problems[0]);
    }

    /// <summary>The name, checked.</summary>
    public static Outcome<string> Name(string text) => ContractName.Parse(text).TryGet(out var name, out var error) ? name.Value : FleetCluster.Refuse(error);

    /// <summary>An image in full, as Docker reads short names: devices may read them differently, so a resource never has one.</summary>
    public static string FullImage(string image)
    {
        var slash = image.IndexOf('/', StringComparison.Ordinal);
        var registry = slash < 0 ? "" : image[..slash];
        return slash < 0 ? $"docker.io/library/{image}"
            : registry == "localhost" || registry.AsSpan().IndexOfAny('.', ':') >= 0 ? image
            : $"docker.io/{image}";
    }

    private static Outcome<ImmutableSortedDictionary<string, string>> Environment(ApplyPayload payload)
    {
        var variables = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var text in payload.Env)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                return new Refusal.InvalidArgument($"`{text}` is no variable, NAME=VALUE was expected");
            }

            variables[text[..equals]] = text[(equals + 1)..];
        }

        return variables.ToImmutable();
    }

    private static Outcome<PullPolicy> Pull(ApplyPayload payload) => payload.Pull switch
    {
        null or "IfNotPresent" => PullPolicy.IfNotPresent,
        "Always" => PullPolicy.Always,
        "Never" => PullPolicy.Never,
        _ => new Refusal.InvalidArgument($"--pull `{payload.Pull}`: IfNotPresent, Always or Never was expected"),
    };

    private static Outcome<RolloutSpec?> Rollout(ApplyPayload payload)
    {
        if (payload is { Strategy: null, BatchSize: null, MaxUnavailable: null, PauseOnFailedPercent: null })
        {
            return (RolloutSpec?)null;
        }

        foreach (var (flag, text) in new[] { ("--batch-size", payload.BatchSize), ("--max-unavailable", payload.MaxUnavailable) })
        {
            if (text is not null && IntOrPercent.Parse(text) is null)
            {
                return new Refusal.InvalidArgument($"{flag} `{text}`: a number of devices or a percentage was expected, e.g. 5 or 25%");
            }
        }

        // The resource says Immediate and Batched; small letters are what fingers type.
        var strategy = payload.Strategy is null ? null : CultureInfo.InvariantCulture.TextInfo.ToTitleCase(payload.Strategy.ToLowerInvariant());
        return new RolloutSpec
        {
            Strategy = strategy ?? (payload.BatchSize is null ? null : RolloutSpec.Batched),
            BatchSize = payload.BatchSize is { } size ? IntOrPercent.Parse(size) : null,
            MaxUnavailable = payload.MaxUnavailable is { } down ? IntOrPercent.Parse(down) : null,
            PauseOnFailedPercent = (int?)payload.PauseOnFailedPercent,
        };
    }
}
