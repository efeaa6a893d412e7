using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class A_crash_loses_nothing_that_was_acknowledged : IDisposable
{
    private static readonly EnvId Prod = Workbench.Env("prod");

    private readonly List<Workbench> _benches = [];

    public static TheoryData<int> Errors => [Errno.InputOutput, Errno.NoSpace];

    public void Dispose() => _benches.ForEach(bench => bench.Dispose());

    [Fact]
    public async Task Power_lost_at_any_call_leaves_the_old_generation_or_the_new()
    {
        var (seen, steps) = (new HashSet<ulong>(), await StepsAsync(Prepared));
        for (var step = 1; step <= steps; step++)
        {
            var (bench, store, calls) = await PreparedAsync(Prepared);
            calls.Step = calls.Made.Count + step;
            await Should.ThrowAsync<PowerLossException>(() => RenameAsync(bench, store, "last"));
            seen.Add(await ReopenAsync(bench, Prepared));
        }

        seen.ShouldBe([Prepared, Prepared + 1], ignoreOrder: true, customMessage: "some crashes came before the flush and some after");
    }

    [Fact]
    public async Task Power_lost_after_the_answer_loses_views_and_no_generation()
    {
        var (bench, store, calls) = await PreparedAsync(Prepared);
        (await RenameAsync(bench, store, "last")).IsOk.ShouldBeTrue();
        calls.Step = calls.Made.Count + 1;
        await Should.ThrowAsync<PowerLossException>(() => RenameAsync(bench, store, "never"));

        new FileInfo(bench.Path("prod", "environment.json")).Length.ShouldBe(0, "nobody flushed the view");
        (await bench.NewStore().LoadAsync(Prod, Workbench.Cancellation)).Value.Name.ShouldBe("last");
        (await ReopenAsync(bench, Prepared)).ShouldBe(Prepared + 1);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task A_failed_call_leaves_the_old_generation_or_the_new_and_never_loses_an_answer(int errno)
    {
        var steps = await StepsAsync(Prepared);
        for (var step = 1; step <= steps; step++)
        {
            var (bench, store, calls) = await PreparedAsync(Prepared);
            (calls.Errno, calls.Step) = (errno, calls.Made.Count + step);
            var outcome = await RenameAsync(bench, store, "last");
            calls.Step = 0;

            var generation = await ReopenAsync(bench, Prepared);
            generation.ShouldBe(outcome.IsOk || outcome.Refusal!.Message.Contains("the change stands", StringComparison.Ordinal) ? Prepared + 1 : Prepared, $"step {step}: {outcome.Refusal?.Message}");
            (await RenameAsync(bench, store, "again")).IsOk.ShouldBeTrue("the same store works on");
            (await bench.Store.LoadAsync(Prod, Workbench.Cancellation)).Value.Name.ShouldBe("again");
        }
    }

    [Fact]
    public async Task Power_lost_while_a_segment_is_begun_leaves_the_old_generation_or_the_new()
    {
        const ulong Full = JournalFolder.MaxRecords;
        var (seen, steps) = (new HashSet<ulong>(), await StepsAsync(Full));
        for (var step = 1; step <= steps; step++)
        {
            var (bench, store, calls) = await PreparedAsync(Full);
            calls.Step = calls.Made.Count + step;
            await Should.ThrowAsync<PowerLossException>(() => RenameAsync(bench, store, "last"));
            seen.Add(await ReopenAsync(bench, Full));
        }

        seen.ShouldBe([Full, Full + 1], ignoreOrder: true);
    }

    private const ulong Prepared = 4;

    /// <summary>An environment of a generation, whose views were never flushed.</summary>
    private async Task<(Workbench Bench, FileEnvironmentStore Store, FaultyCalls Calls)> PreparedAsync(ulong generation)
    {
        var (bench, calls) = (new Workbench(), new FaultyCalls());
        _benches.Add(bench);
        var store = bench.NewStore(calls);
        if (generation > Prepared)
        {
            LongJournal.Write(bench, calls, (int)generation - 1);
        }

        for (var made = generation > Prepared ? generation - 1 : 0; made < generation; made++)
        {
            (await RenameAsync(bench, store, $"{made}")).IsOk.ShouldBeTrue();
        }

        return (bench, store, calls);
    }

    private async Task<int> StepsAsync(ulong generation)
    {
        var (bench, store, calls) = await PreparedAsync(generation);
        calls.Made.Clear();
        (await RenameAsync(bench, store, "last")).IsOk.ShouldBeTrue();
        return calls.Made.Count;
    }

    /// <summary>Another process opens what the crash left: everything must fit together.</summary>
    private static async Task<ulong> ReopenAsync(Workbench bench, ulong before)
    {
        var store = bench.NewStore();
        var seen = (await store.LoadAsync(Prod, Workbench.Cancellation)).Value;
        seen.Name.ShouldBeOneOf($"{before - 1}", "last");

        var generation = (await store.CatchUpAsync(Prod, Workbench.Cancellation)).Value;
        seen.EnvGeneration.ShouldBe(generation);
        var verdict = (await new AuditTrail(store).VerifyAsync(Prod, Workbench.Cancellation)).Value;
        verdict.Broken.ShouldBeNull();
        (await store.HistoryAsync(Prod, int.MaxValue, null, Workbench.Cancellation)).Value.Select(entry => entry.Generation)
            .ShouldBe(Enumerable.Range(1, (int)generation).Reverse().Select(number => (ulong)number));
        for (var number = generation > 6 ? generation - 6 : 1; number <= generation; number++)
        {
            (await store.LoadAtAsync(Prod, number, Workbench.Cancellation)).Value.Name.ShouldBe(number > before ? "last" : $"{number - 1}");
        }

        Documents.Environment.Parse(File.ReadAllBytes(bench.Path("prod", "environment.json"))).Value.EnvGeneration.ShouldBe(generation);
        new RuntimeConfigFile(store.Files(Prod)).Load().Value.Revisions.Length.ShouldBe(1);
        return generation;
    }

    private static Task<Outcome<string>> RenameAsync(Workbench bench, FileEnvironmentStore store, string name)
    {
        bench.Time.Now += TimeSpan.FromSeconds(1);
        var document = The_runtime_config_follows.Routed() with { Name = name };
        return store.MutateAsync<string>(
            Workbench.Intent("prod"), _ => new Mutation<string>("") { Document = document, RefreshesRuntimeConfig = true }, Workbench.Cancellation);
    }
}
