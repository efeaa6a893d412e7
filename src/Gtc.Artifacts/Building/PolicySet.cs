using System.Collections.Immutable;
using Gtc.Artifacts.Bundles;

namespace Gtc.Artifacts.Building;

/// <summary>The policies of a bundle's tenants and teams, resolved from the rule files of its source.</summary>
internal static class PolicySet
{
    private const string Root = "tenants/";
    private const string TenantFile = "tenant.gmap";
    private const string TeamFile = "team.gmap";

    /// <summary>One target per tenant and team that has a rule file; tenant <c>default</c> when there is none.</summary>
    public static ImmutableArray<ResolvedTarget> Resolve(SourceFolder source, ImmutableArray<string> references)
    {
        var targets = ImmutableArray.CreateBuilder<ResolvedTarget>();
        foreach (var path in source.Paths.Where(path => path.StartsWith(Root, StringComparison.Ordinal)))
        {
            switch (path[Root.Length..].Split('/'))
            {
                case [var tenant, TenantFile]:
                    targets.Add(Target(source, references, tenant, null));
                    break;
                case [var tenant, "teams", var team, TeamFile]:
                    targets.Add(Target(source, references, tenant, team));
                    break;
            }
        }

        return targets.Count > 0 ? targets.ToImmutable() : [Target(source, references, "default", null)];
    }

    private static ResolvedTarget Target(SourceFolder source, ImmutableArray<string> references, string tenant, string? team)
    {
        var tenantGmap = $"{Root}{tenant}/{TenantFile}";
        var teamGmap = team is null ? null : $"{Root}{tenant}/teams/{team}/{TeamFile}";
        var tenantRules = Rules(source, tenantGmap);
        var teamRules = teamGmap is null ? null : Rules(source, teamGmap);

        // Without any rule file the packs were put there to be used; with one, what no rule covers is forbidden.
        var hasRules = source.Contains(tenantGmap) || teamGmap is not null;
        var fallback = AccessRules.Decide(tenantRules, teamRules, string.Empty) ?? AccessPolicy.Forbidden;
        return new(
            team is null ? $"resolved/{tenant}.yaml" : $"resolved/{tenant}.{team}.yaml",
            tenant,
            team,
            Text(fallback),
            tenantGmap,
            teamGmap,
            [.. references.Select(reference => new AppPackPolicy(
                reference,
                Text(hasRules ? AccessRules.Decide(tenantRules, teamRules, PackReference.Stem(reference)) ?? fallback : AccessPolicy.Public)))]);
    }

    private static AccessRules Rules(SourceFolder source, string path) => source.Contains(path)
        ? AccessRules.Parse(source.Read(path, AccessRules.MaxBytes), path).Match(rules => rules, refusal => throw new RefusedSource(refusal))
        : AccessRules.None;

    private static string Text(AccessPolicy policy) => policy == AccessPolicy.Public ? "public" : "forbidden";
}
