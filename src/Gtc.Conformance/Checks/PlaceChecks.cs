using System.Collections.Immutable;
using Gtc.Model;
using static Gtc.Conformance.CheckRun;
using static Gtc.Conformance.ConformanceFixture;

namespace Gtc.Conformance;

/// <summary>Names, neighbours, and many callers at once (deployers-and-conformance.md §13, C25 to C29).</summary>
internal static class PlaceChecks
{
    /// <summary>Within this time a cancelled warm has ended.</summary>
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    public static ImmutableArray<ConformanceCheck> All { get; } =
    [
        new("C25", "the longest and the oddest ids give valid names, and no two environments share an object", Excuses.WithoutObjects, NamesAsync),
        new("C26", "archiving in one environment leaves another as it is", Excuses.WithoutObjects, NeighbourAsync),
        new("C27", "the same environment renders to the same bytes", run => run.Subject.Renders ? null : "the deployer renders nothing", RenderAsync),
        new("C28", "two warms of one revision at once both succeed and leave one set of objects", Excuses.Never, TogetherAsync),
        new("C29", "a cancelled warm ends at once, and the next one converges", Excuses.WithoutHealthGate, CancelledAsync),
    ];

    private static async Task NamesAsync(CheckRun run)
    {
        // The two in the middle and the two at the end become the same where a provider knows neither case nor dots nor underscores.
        var seen = new Dictionary<string, EnvId>(StringComparer.Ordinal);
        foreach (var text in (string[])[new string('e', EnvId.MaxLength), "Conf.Env_1", "conf-env-1", $"{new string('x', EnvId.MaxLength - 1)}_", $"{new string('x', EnvId.MaxLength - 1)}-"])
        {
            var bundle = text.Length == EnvId.MaxLength ? $"bundle.{new string('b', 56)}" : "Bundle_With.Odd-Letters";
            var environment = await run.PlaceAsync(Environment(Id(text), bundle, "bundle.b"));
            MustPass(Warm, await run.WarmAsync(environment, RevisionA1));
            var own = (await run.SnapshotAsync()).Where(found => found.Environment == environment.EnvironmentId).ToList();
            Demand(own.Count > 0, "SharedName", Warm, $"environment {text} has no objects of its own");
            foreach (var found in own)
            {
                Demand(seen.TryAdd(found.Name, environment.EnvironmentId), "SharedName", Warm, $"environments {text} and {seen.GetValueOrDefault(found.Name)} share {found.Name}");
                var fault = run.Provider.FindNameFault(found.Name);
                Demand(fault is null, "InvalidName", Warm, $"{found.Name}: {fault}");
            }
        }

        var last = (await run.SnapshotAsync()).Select(found => found.Name).ToHashSet(StringComparer.Ordinal);
        var lost = seen.Keys.Where(name => !last.Contains(name)).ToList();
        Demand(lost.Count == 0, "SharedName", Warm, $"another environment took over {string.Join(", ", lost)}");
    }

    private static async Task NeighbourAsync(CheckRun run)
    {
        var one = await run.PlaceAsync();
        var other = await run.PlaceAsync(Environment(Id("conformance-2"), "bundle.a", "bundle.b"));
        MustPass(Warm, await run.WarmAsync(one, RevisionA1));
        MustPass(Warm, await run.WarmAsync(other, RevisionA1));
        var before = await OfAsync(run, other);
        Demand(!before.IsEmpty, "NothingMade", Warm, "the second environment has no objects");
        MustPass(Archive, await run.ArchiveAsync(one, RevisionA1));
        var difference = Difference(before, await OfAsync(run, other));
        Demand(difference is null, "EnvironmentInterference", Archive, $"archiving in {one.EnvironmentId} touched {other.EnvironmentId}: {difference}");
    }

    private static async Task<ImmutableArray<ProviderObject>> OfAsync(CheckRun run, EnvironmentDocument environment) =>
        [.. (await run.SnapshotAsync()).Where(found => found.Environment == environment.EnvironmentId)];

    private static async Task RenderAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        var first = await run.Subject.RenderAsync(environment, run.Token);
        var second = await run.Subject.RenderAsync(environment, run.Token);
        Demand(first.AsSpan().SequenceEqual(second), "RenderVaries", null, $"{first.Length} and {second.Length} bytes, and not the same");
    }

    private static async Task TogetherAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        var both = await Task.WhenAll(
            Task.Run(() => run.WarmAsync(environment, RevisionA1), run.Token),
            Task.Run(() => run.WarmAsync(environment, RevisionA1), run.Token));
        var refusal = both.FirstOrDefault(one => one is not null);
        Demand(refusal is null, "ConcurrentWarmFailed", Warm, Text(refusal));
        if (run.Capabilities.ProvidesObjects)
        {
            await WholeAsync(run, environment, "DuplicateObjects");
        }
    }

    private static async Task CancelledAsync(CheckRun run)
    {
        var environment = await run.PlaceAsync();
        run.Provider.IsReady = false;
        run.Provider.ForgetCalls();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(run.Token);
        var warm = Task.Run(() => run.Subject.Deployer.WarmRevisionAsync(environment, RevisionA1, run.Subject.Answers, cancel.Token), run.Token);
        using (var timer = new PeriodicTimer(LookEvery, run.Time))
        {
            while (run.Provider.Calls.IsEmpty && !warm.IsCompleted && await timer.WaitForNextTickAsync(run.Token))
            {
                // Until the provider was called once: then there is something to interrupt.
            }
        }

        await cancel.CancelAsync();
        try
        {
            var refusal = await warm.WaitAsync(Prompt, run.Time, run.Token);
            Demand(refusal is not null, "HealthGateOpen", Warm, "what never became ready was called warm");
            throw new CheckFailed("CancellationSwallowed", Warm, $"cancellation was expected to be thrown, found {Text(refusal)}");
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested && !run.Token.IsCancellationRequested)
        {
            // As it should.
        }
        catch (TimeoutException)
        {
            throw new CheckFailed("CancellationSlow", Warm, $"a cancelled warm did not end within {Prompt.TotalSeconds:F0} s");
        }

        run.Provider.IsReady = true;
        var again = await run.WarmAsync(environment, RevisionA1);
        Demand(again is null, "NotConverged", Warm, $"after a cancelled warm: {Text(again)}");
        await WholeAsync(run, environment, "NotConverged");
    }

    /// <summary>Revision A1 has as many objects as a revision that was warmed plainly.</summary>
    private static async Task WholeAsync(CheckRun run, EnvironmentDocument environment, string code)
    {
        MustPass(Warm, await run.WarmAsync(environment, RevisionA2));
        var plain = await run.ObjectsOfAsync(environment, RevisionA2);
        var found = await run.ObjectsOfAsync(environment, RevisionA1);
        Demand(found.Length == plain.Length, code, Warm, $"{plain.Length} object(s) were expected, found {found.Length}: {string.Join(", ", found.Select(one => one.Name))}");
    }
}
