using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>
/// Everything that a caller may: one rule for a token, one for each group that an issuer's token names. What one rule permits as a whole is permitted; parts
/// of several never add up, so who reads one environment and changes another does not change the first. Without a rule nothing is permitted.
/// </summary>
public sealed record AccessScope(ImmutableArray<AccessRule> Rules)
{
    /// <summary>Why everything is denied, reading too; null when something is permitted somewhere.</summary>
    public string? WhyNothing => Rules.IsEmpty ? "no rule grants this caller anything" : null;

    /// <summary>Whether an environment may be read.</summary>
    public bool Covers(EnvId environment) => Rules.Any(rule => rule.Covers(environment));

    /// <summary>Why reading an environment is denied; null when it is not.</summary>
    public string? WhyNotRead(EnvId environment) => Covers(environment) ? null : WhyNothing ?? $"environment `{environment}` is not in scope";

    /// <summary>Why a verb that changes something is denied, whatever it is used on; null when it is not.</summary>
    /// <param name="environment">The environment; null where only the body of the request names it.</param>
    /// <param name="noun">The noun.</param>
    /// <param name="verb">The verb.</param>
    public string? WhyNotVerb(EnvId? environment, string noun, string verb)
    {
        var rules = environment is { } one ? Rules.Where(rule => rule.Covers(one)).ToList() : [.. Rules];
        return rules.Count == 0 ? (environment is { } named ? WhyNotRead(named) : WhyNothing)
            : rules.Exists(rule => rule.WhyNotVerb(noun, verb) is null) ? null
            : rules[0].WhyNotVerb(noun, verb);
    }

    /// <summary>Whether it has to be known which deployment is changed.</summary>
    public bool DependsOnDeployment(EnvId environment, string noun, string verb) => Permitting(environment, noun, verb).All(rule => rule.Deployments is not null);

    /// <summary>Why a change is denied; null when it is not.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="noun">The noun.</param>
    /// <param name="verb">The verb.</param>
    /// <param name="deployment">The deployment that is changed; null for the environment as such.</param>
    public string? WhyNotChange(EnvId environment, string noun, string verb, DeploymentId? deployment)
    {
        var rules = Permitting(environment, noun, verb).ToList();
        return rules.Count == 0 ? WhyNotVerb(environment, noun, verb)
            : rules.Exists(rule => rule.WhyNotDeployment(deployment) is null) ? null
            : rules[0].WhyNotDeployment(deployment);
    }

    /// <summary>The roles by which a verb is permitted in an environment, for the audit log.</summary>
    public string RolesFor(EnvId environment, string noun, string verb) =>
        string.Join(", ", Permitting(environment, noun, verb).Select(rule => $"`{AccessRule.Text(rule.Role)}`").Distinct());

    private IEnumerable<AccessRule> Permitting(EnvId environment, string noun, string verb) => Rules.Where(rule => rule.Covers(environment) && rule.WhyNotVerb(noun, verb) is null);
}
