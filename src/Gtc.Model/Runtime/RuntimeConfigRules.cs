namespace Gtc.Model;

/// <summary>What a worker demands of runtime-config.json before it looks at any file that it names (worker-runtime.md §1.1).</summary>
public static class RuntimeConfigRules
{
    /// <summary>Null when schema, environment, references, bundles, revisions and weights are sound.</summary>
    public static Refusal.InvalidDocument? Validate(RuntimeConfig config, EnvId environment)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (EnvironmentRules.Schema(config.Schema, Schemas.RuntimeConfig) is { } schema)
        {
            return schema;
        }

        if (config.EnvId != environment)
        {
            return EnvironmentRules.Broken("EnvIdMismatch", $"runtime-config.json belongs to environment `{config.EnvId}`, not to `{environment}`");
        }

        var escaping = config.Revisions.SelectMany(r => r.PackListRefs.Concat(r.PackConfigRefs)).FirstOrDefault(reference => !IsContained(reference));
        if (escaping is not null)
        {
            return EnvironmentRules.Broken("UnsafeReference", $"runtime-config.json: `{escaping}` is not a relative path inside the environment's folder");
        }

        foreach (var deployment in config.Revisions.GroupBy(r => r.DeploymentId))
        {
            if (deployment.Select(r => r.BundleId).Distinct(StringComparer.Ordinal).Count() > 1)
            {
                return EnvironmentRules.Broken("SplitDeploymentBundleMismatch", $"runtime-config.json: deployment {deployment.Key} has more than one bundle");
            }

            if (deployment.Select(r => r.RevisionId).Distinct().Count() != deployment.Count())
            {
                return EnvironmentRules.Broken("DuplicateSplitEntry", $"runtime-config.json: deployment {deployment.Key} lists a revision twice");
            }

            if (SplitRules.ValidateSum(deployment.Select(r => r.WeightBps), $"runtime-config.json: deployment {deployment.Key}") is { } sum)
            {
                return sum;
            }
        }

        return null;
    }

    /// <summary>True for a path that stays in its folder by its text alone: relative, no empty or dot segments, no backslash.</summary>
    public static bool IsContained(string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return reference.Length is > 0 and <= 1024
            && !reference.Contains('\\', StringComparison.Ordinal)
            && !reference.Contains('\0', StringComparison.Ordinal)
            && reference.Split('/').All(segment => segment is not ("" or "." or ".."));
    }
}
