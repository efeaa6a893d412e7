using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;
using static Gtc.Conformance.CheckRun;
using static Gtc.Conformance.ConformanceFixture;

namespace Gtc.Conformance;

/// <summary>What stands at the provider after each verb (deployers-and-conformance.md §13, C12 to C18).</summary>
internal static class StateChecks
{
    private const string StrangeKey = "conformance_unknown_answer";

    public static ImmutableArray<ConformanceCheck> All { get; } =
    [
        new("C12", "a second warm leaves the provider as the first one left it", Excuses.WithoutObjects, SecondWarmAsync),
        new("C13", "warming and archiving a revision leave the objects of another as they are", Excuses.WithoutObjects, OtherRevisionAsync),
        new("C14", "applying a split leaves the routing of other deployments as it is", Excuses.WithoutTraffic, OtherDeploymentAsync),
        new("C15", "preconditions are checked before the provider is called", Excuses.WithoutProvider, PreconditionsFirstAsync),
        new("C16", "answers that are not understood are refused by name, before the provider is called", Excuses.Never, AnswersAsync),
        new("C17", "archiving a revision that was never warmed succeeds", Excuses.Never, ArchiveOfAbsentAsync),
        new("C18", "archive removes what a revision runs on, and a later warm makes it again", Excuses.Never, WarmAgainAsync),
    ];

    private static async Task SecondWarmAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        MustPass(Warm, await run.WarmAsync(environment, RevisionA1));
        var before = await run.SnapshotAsync();
        Demand(!before.IsEmpty, "NothingMade", Warm, "warm succeeded, and the provider holds no object");
        MustPass(Warm, await run.WarmAsync(environment, RevisionA1));
        var difference = Difference(before, await run.SnapshotAsync());
        Demand(difference is null, "StateChanged", Warm, $"after the second warm: {difference}");
    }

    private static async Task OtherRevisionAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        MustPass(Warm, await run.WarmAsync(environment, RevisionA2));
        var before = await run.ObjectsOfAsync(environment, RevisionA2);
        MustPass(Warm, await run.WarmAsync(environment, RevisionA1));
        var difference = Difference(before, await run.ObjectsOfAsync(environment, RevisionA2));
        Demand(difference is null, "RevisionInterference", Warm, $"warming {RevisionA1} touched {RevisionA2}: {difference}");
        MustPass(Archive, await run.ArchiveAsync(environment, RevisionA1));
        difference = Difference(before, await run.ObjectsOfAsync(environment, RevisionA2));
        Demand(difference is null, "RevisionInterference", Archive, $"archiving {RevisionA1} touched {RevisionA2}: {difference}");
    }

    private static async Task OtherDeploymentAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        await run.MakeRoutableAsync(environment, DeploymentA);
        await run.MakeRoutableAsync(environment, DeploymentB);
        MustPass(Apply, await run.ApplyAsync(environment, DeploymentA));
        MustPass(Apply, await run.ApplyAsync(environment, DeploymentB));
        await RoutesAsync(run, environment, DeploymentA, "RoutingInterference");
        await RoutesAsync(run, environment, DeploymentB, "RoutingInterference");
        var turned = WithShares(environment, 3000, 7000);
        MustPass(Apply, await run.ApplyAsync(turned, DeploymentA));
        await RoutesAsync(run, turned, DeploymentA, "NotInForce");
        await RoutesAsync(run, turned, DeploymentB, "RoutingInterference");
    }

    private static async Task RoutesAsync(CheckRun run, EnvironmentDocument environment, DeploymentId deployment, string code)
    {
        var found = await run.Provider.RoutesAsync(environment, deployment, run.Token);
        Demand(IsSame(found, Recorded(environment, deployment)), code, Apply, $"deployment {deployment} is routed to {string.Join(", ", found.Select(share => $"{share.RevisionId}={share.WeightBps}"))}, not as it is recorded");
    }

    private static async Task PreconditionsFirstAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        run.Provider.ForgetCalls();
        foreach (var (verb, call) in run.RevisionVerbs)
        {
            _ = await call(environment, UnknownRevision);
            NoCalls(run, verb, "for a revision that the environment does not have");
        }

        _ = await run.ApplyAsync(WithoutSplit(environment), DeploymentA);
        NoCalls(run, Apply, "for a deployment without a split");
        _ = await run.ApplyAsync(WithShares(environment, 4000, 5000), DeploymentA);
        NoCalls(run, Apply, "for shares that sum to 9000");
    }

    private static async Task AnswersAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        var deployer = run.Subject.Deployer;
        run.Subject.Provider?.ForgetCalls();
        foreach (var (answers, mustName) in ((JsonElement, string?)[])
            [(run.AnswersWith(StrangeKey, "x"), StrangeKey), (JsonElement.Parse("[]"), null), (JsonElement.Parse("\"text\""), null)])
        {
            var said = mustName is null ? $"answers that are {answers.ValueKind}" : $"an answer `{StrangeKey}`";
            Refused(run, Warm, await deployer.WarmRevisionAsync(environment, RevisionA1, answers, run.Token), said, mustName);
            Refused(run, Archive, await deployer.ArchiveRevisionAsync(environment, RevisionA1, answers, run.Token), said, mustName);
            Refused(run, Apply, (await deployer.ApplyTrafficSplitAsync(environment, DeploymentA, answers, run.Token)).Refusal, said, mustName);
        }
    }

    private static void Refused(CheckRun run, string verb, Refusal? refusal, string said, string? mustName)
    {
        Demand(refusal is not null, "AnswersAccepted", verb, $"{said} was accepted");
        Demand(
            refusal is DeployerRefusal.Provider && (mustName is null || Text(refusal).Contains(mustName, StringComparison.Ordinal)),
            "AnswersWrongError",
            verb,
            $"{said}: a Provider refusal that names it was expected, found {Text(refusal)}");
        if (run.Subject.Provider is not null)
        {
            NoCalls(run, verb, $"with {said}");
        }
    }

    private static void NoCalls(CheckRun run, string verb, string when) => Demand(
        run.Provider.Calls.IsEmpty, "ProviderCalledTooEarly", verb, $"{when} the provider was called: {string.Join(", ", run.Provider.Calls.Select(call => call.Operation))}");

    private static async Task ArchiveOfAbsentAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        var refusal = await run.ArchiveAsync(environment, RevisionA1);
        Demand(refusal is null, "ArchiveOfAbsentFailed", Archive, Text(refusal));
    }

    private static async Task WarmAgainAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        MustPass(Warm, await run.WarmAsync(environment, RevisionA1));
        MustPass(Archive, await run.ArchiveAsync(environment, RevisionA1));
        if (run.Capabilities.ProvidesObjects)
        {
            var left = await run.ObjectsOfAsync(environment, RevisionA1);
            Demand(left.IsEmpty, "NotRemoved", Archive, $"archive succeeded and left {string.Join(", ", left.Select(found => found.Name))}");
        }

        var again = await run.WarmAsync(environment, RevisionA1);
        Demand(again is null, "NotMadeAgain", Warm, Text(again));
        if (run.Capabilities.ProvidesObjects)
        {
            Demand(!(await run.ObjectsOfAsync(environment, RevisionA1)).IsEmpty, "NotMadeAgain", Warm, "warm after archive succeeded and made nothing");
        }
    }
}
