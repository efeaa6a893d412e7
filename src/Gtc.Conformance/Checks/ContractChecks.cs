using System.Collections.Immutable;
using System.Text;
using Gtc.Model;
using static Gtc.Conformance.CheckRun;
using static Gtc.Conformance.ConformanceFixture;

namespace Gtc.Conformance;

/// <summary>What every deployer does, whatever it provides (deployers-and-conformance.md §12.2).</summary>
internal static class ContractChecks
{
    public static ImmutableArray<ConformanceCheck> All { get; } =
    [
        new("C1", "staging a revision twice succeeds", Excuses.Never, run => TwiceAsync(run, Stage, RevisionA1, run.StageAsync)),
        new("C2", "warming a revision twice succeeds", Excuses.Never, run => TwiceAsync(run, Warm, RevisionA1, run.WarmAsync)),
        new("C3", "draining a revision twice succeeds", Excuses.Never, run => TwiceAsync(run, Drain, RevisionA2, run.DrainAsync)),
        new("C4", "archiving a revision twice succeeds", Excuses.Never, run => TwiceAsync(run, Archive, RevisionB, run.ArchiveAsync)),
        new("C5", "a revision that the environment does not have is refused", Excuses.Never, UnknownRevisionAsync),
        new("C6", "a split that does not sum to the whole is refused", Excuses.Never, BadSumAsync),
        new("C7", "a deployment without a split is refused", Excuses.Never, MissingSplitAsync),
        new("C8", "applying split A twice succeeds", Excuses.Never, run => SplitTwiceAsync(run, DeploymentA)),
        new("C9", "applying split B twice succeeds", Excuses.Never, run => SplitTwiceAsync(run, DeploymentB)),
        new("C10", "each applied split answers its own deployment and shares", Excuses.Never, OwnOutcomeAsync),
        new("C11", "the reported runtime configuration is the projection", Excuses.Never, ReportedAsync),
    ];

    private static async Task TwiceAsync(CheckRun run, string verb, RevisionId revision, Func<EnvironmentDocument, RevisionId, Task<Refusal?>> call)
    {
        var environment = await run.PlaceAsync();
        MustPass(verb, await call(environment, revision));
        var again = await call(environment, revision);
        Demand(again is null, "NotIdempotent", verb, $"the second call was refused: {Text(again)}");
    }

    private static async Task UnknownRevisionAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        foreach (var (verb, call) in run.RevisionVerbs)
        {
            var refusal = await call(environment, UnknownRevision);
            Demand(refusal is not null, "UnknownRevisionAccepted", verb, $"revision {UnknownRevision} is not in the environment, and the verb succeeded");
            Demand(
                refusal is DeployerRefusal.RevisionNotFound named && named.Environment == environment.EnvironmentId && named.Revision == UnknownRevision,
                "UnknownRevisionWrongError",
                verb,
                $"RevisionNotFound of {UnknownRevision} in {environment.EnvironmentId} was expected, found {Text(refusal)}");
        }
    }

    private static async Task BadSumAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        var outcome = await run.ApplyAsync(WithShares(environment, 4000, 5000), DeploymentA);
        Demand(!outcome.IsOk, "InvalidSplitAccepted", Apply, "shares that sum to 9000 were applied");
        Demand(
            outcome.Refusal is DeployerRefusal.InvalidSplit { Sum: 9000 } named && named.Deployment == DeploymentA,
            "InvalidSplitWrongError",
            Apply,
            $"InvalidSplit of {DeploymentA} with sum 9000 was expected, found {Text(outcome.Refusal)}");
    }

    private static async Task MissingSplitAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        var outcome = await run.ApplyAsync(WithoutSplit(environment), DeploymentA);
        Demand(!outcome.IsOk, "MissingSplitAccepted", Apply, "a deployment without a split was applied");
        Demand(
            outcome.Refusal is DeployerRefusal.SplitNotFound named && named.Deployment == DeploymentA && named.Environment == environment.EnvironmentId,
            "MissingSplitWrongError",
            Apply,
            $"SplitNotFound of {DeploymentA} in {environment.EnvironmentId} was expected, found {Text(outcome.Refusal)}");
    }

    private static async Task SplitTwiceAsync(CheckRun run, DeploymentId deployment)
    {
        var environment = await run.PlaceAsync();
        await run.MakeRoutableAsync(environment, deployment);
        MustPass(Apply, await run.ApplyAsync(environment, deployment));
        var again = await run.ApplyAsync(environment, deployment);
        Demand(again.IsOk, "NotIdempotent", Apply, $"the second call was refused: {Text(again.Refusal)}");
    }

    private static async Task OwnOutcomeAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        foreach (var deployment in (DeploymentId[])[DeploymentA, DeploymentB])
        {
            await run.MakeRoutableAsync(environment, deployment);
            var applied = MustPass(Apply, await run.ApplyAsync(environment, deployment));
            Demand(
                applied.AppliedDeploymentId == deployment && IsSame(applied.AppliedEntries, Recorded(environment, deployment)),
                "CrossDeploymentInterference",
                Apply,
                $"deployment {deployment} with {Shares(Recorded(environment, deployment))} was applied, {applied.AppliedDeploymentId} with {Shares(applied.AppliedEntries)} was answered");
        }
    }

    private static async Task ReportedAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        var reported = MustPass("report_runtime_config", await run.Subject.Deployer.ReportRuntimeConfigAsync(environment, run.Token));
        var (expected, found) = (Known(RuntimeProjection.Project(environment)), Known(reported));
        Demand(expected == found, "RuntimeConfigDrift", "report_runtime_config", $"{expected} was expected, found {found}");
    }

    /// <summary>The members of the projection; what only the provider knows may stand beside them.</summary>
    private static string Known(RuntimeConfig config) => Encoding.UTF8.GetString(Documents.RuntimeConfig.ToLine(config with
    {
        UnknownMembers = null,
        Revisions = [.. config.Revisions.Select(revision => revision with { UnknownMembers = null })],
    }));

    private static string Shares(IEnumerable<TrafficShare> shares) => string.Join(", ", shares.Select(share => $"{share.RevisionId}={share.WeightBps}"));
}
