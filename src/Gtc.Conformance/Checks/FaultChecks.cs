using System.Collections.Immutable;
using Gtc.Model;
using static Gtc.Conformance.CheckRun;
using static Gtc.Conformance.ConformanceFixture;

namespace Gtc.Conformance;

/// <summary>What a deployer does when its provider does not do as it should (deployers-and-conformance.md §13, C19 to C24).</summary>
internal static class FaultChecks
{
    /// <summary>How much longer than its timeout a warm may take before it has answered.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(30);

    public static ImmutableArray<ConformanceCheck> All { get; } =
    [
        new("C19", "warm waits for health, says in time what it saw, and can be tried again", Excuses.WithoutHealthGate, NeverReadyAsync),
        new("C20", "a provider that fails for a moment is told, and trying again converges", Excuses.WithoutObjects, TransientAsync),
        new("C21", "drain removes nothing, and what drains keeps serving", Excuses.WithoutObjects, DrainAsync),
        new("C22", "a split over a revision that was never warmed is refused whole, or accepted as documented", Excuses.WithoutObjects, UnwarmedAsync),
        new("C23", "shares of 1 and 9999 basis points are answered unchanged", Excuses.Never, SmallShareAsync),
        new("C24", "without a client the provider's verbs are refused", Excuses.WithoutObjects, UnconfiguredAsync),
    ];

    private static async Task NeverReadyAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        run.Provider.IsReady = false;
        var began = run.Time.GetTimestamp();
        var refusal = await run.WarmAsync(environment, RevisionA1);
        var took = run.Time.GetElapsedTime(began);
        Demand(refusal is not null, "HealthGateOpen", Warm, "what never became ready was called warm");
        Demand(took <= run.Subject.WarmTimeout + Slack, "HealthGateLate", Warm, $"the timeout is {run.Subject.WarmTimeout.TotalSeconds:F0} s, the refusal came after {took.TotalSeconds:F0} s");
        var said = Text(refusal);
        var rest = said.Replace(RevisionA1.ToString(), "", StringComparison.OrdinalIgnoreCase);
        Demand(
            refusal is DeployerRefusal.Provider && rest.Length < said.Length && rest.Any(char.IsAsciiDigit),
            "HealthGateVague",
            Warm,
            $"a Provider refusal that names the revision and what was counted was expected, found {said}");
        run.Provider.IsReady = true;
        var again = await run.WarmAsync(environment, RevisionA1);
        Demand(again is null, "NotConverged", Warm, $"the provider is healthy again, and warm is refused: {Text(again)}");
        Demand(await run.Provider.IsServingAsync(environment, RevisionA1, run.Token), "NotConverged", Warm, "warm succeeded, and the revision does not serve");
    }

    private static async Task TransientAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        MustPass(Warm, await run.WarmAsync(environment, RevisionA2));
        var whole = (await run.ObjectsOfAsync(environment, RevisionA2)).Length;
        run.Provider.ForgetCalls();
        run.Provider.FailCall(2);
        var refusal = await run.WarmAsync(environment, RevisionA1);
        Demand(
            refusal is DeployerRefusal.Provider,
            "TransientErrorHidden",
            Warm,
            refusal is null ? $"the second of {run.Provider.Calls.Length} provider calls failed, and warm succeeded" : $"a Provider refusal was expected, found {Text(refusal)}");
        var again = await run.WarmAsync(environment, RevisionA1);
        Demand(again is null, "NotConverged", Warm, $"the provider works again, and warm is refused: {Text(again)}");
        var found = await run.ObjectsOfAsync(environment, RevisionA1);
        Demand(found.Length == whole, "NotConverged", Warm, $"{whole} object(s) were expected, found {found.Length}: {string.Join(", ", found.Select(one => one.Name))}");
    }

    private static async Task DrainAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        MustPass(Warm, await run.WarmAsync(environment, RevisionA2));
        var before = await run.ObjectsOfAsync(environment, RevisionA2);
        MustPass(Drain, await run.DrainAsync(environment, RevisionA2));
        var after = (await run.ObjectsOfAsync(environment, RevisionA2)).Select(found => found.Name).ToHashSet(StringComparer.Ordinal);
        var gone = before.Where(found => !after.Contains(found.Name)).Select(found => found.Name).ToList();
        Demand(gone.Count == 0, "DrainTearsDown", Drain, $"drain removed {string.Join(", ", gone)}");
        if (run.Capabilities.ProvidesHealthGate)
        {
            Demand(await run.Provider.IsServingAsync(environment, RevisionA2, run.Token), "DrainTearsDown", Drain, $"{RevisionA2} does not serve any more");
        }
    }

    private static async Task UnwarmedAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        MustPass(Warm, await run.WarmAsync(environment, RevisionA1));
        var before = await run.SnapshotAsync();
        var outcome = await run.ApplyAsync(environment, DeploymentA);
        if (!outcome.IsOk)
        {
            var difference = Difference(before, await run.SnapshotAsync());
            Demand(difference is null, "PartialWrite", Apply, $"the split was refused ({Text(outcome.Refusal)}), and yet: {difference}");
            return;
        }

        Demand(run.Subject.AcceptsUnwarmedSplits is not null, "UnwarmedSplitAccepted", Apply, $"{RevisionA2} was never warmed, the split over it was applied, and no documentation says that it is");
        if (run.Capabilities.ProvidesTraffic)
        {
            var found = await run.Provider.RoutesAsync(environment, DeploymentA, run.Token);
            Demand(IsSame(found, Recorded(environment, DeploymentA)), "PartialWrite", Apply, "the split was accepted, and not all of it is in force");
        }
    }

    private static async Task SmallShareAsync(CheckRun run)
    {
        var environment = WithShares(await run.PlaceAsync(), 1, 9999);
        await run.MakeRoutableAsync(environment, DeploymentA);
        var applied = MustPass(Apply, await run.ApplyAsync(environment, DeploymentA));
        Demand(
            IsSame(applied.AppliedEntries, Recorded(environment, DeploymentA)),
            "SharesAltered",
            Apply,
            $"1 and 9999 were recorded, {string.Join(" and ", applied.AppliedEntries.Select(share => share.WeightBps))} were answered");
    }

    private static async Task UnconfiguredAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        if (run.Subject.Unconfigured is not { } deployer)
        {
            throw new CheckFailed("NoUnconfiguredDeployer", null, "the subject supplies no deployer without a client");
        }

        Refused(Warm, await deployer.WarmRevisionAsync(environment, RevisionA1, run.Subject.Answers, run.Token));
        Refused(Archive, await deployer.ArchiveRevisionAsync(environment, RevisionA1, run.Subject.Answers, run.Token));
        if (run.Capabilities.ProvidesTraffic)
        {
            Refused(Apply, (await deployer.ApplyTrafficSplitAsync(environment, DeploymentA, run.Subject.Answers, run.Token)).Refusal);
        }

        static void Refused(string verb, Refusal? refusal)
        {
            Demand(refusal is not null, "SuccessWithoutClient", verb, "the deployer has no client, and the verb succeeded");
            Demand(refusal is DeployerRefusal.Provider, "UnconfiguredWrongError", verb, $"a Provider refusal was expected, found {Text(refusal)}");
        }
    }
}
