using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class Views_follow_the_answers : IDisposable
{
    private static readonly EnvId Prod = Workbench.Env("prod");
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    private readonly List<Workbench> _benches = [];
    private readonly List<string> _warnings = [];

    public void Dispose() => _benches.ForEach(bench => bench.Dispose());

    [Fact]
    public async Task The_answer_comes_with_the_journal_and_the_views_before_the_lock_is_given_up()
    {
        var (bench, store, calls) = Open(Never);
        await RenameAsync(bench, store, "1");
        calls.Made.Clear();
        for (var number = 2; number <= 9; number++)
        {
            (await RenameAsync(bench, store, $"{number}")).IsOk.ShouldBeTrue();
        }

        calls.Made.ShouldAllBe(call => call == "write" || call == "fdatasync", "nothing else is before the answer");
        File.Exists(bench.Path("prod", "environment.json")).ShouldBeFalse();
        (await store.LoadAsync(Prod, Workbench.Cancellation)).Value.Name.ShouldBe("9", "who reads takes the journal's word");
        EnvironmentLock.TryTake(bench.Layout.Environment(Prod), bench.Count).Value.ShouldBeNull("the lock is kept");

        await store.DisposeAsync();
        Written(bench).ShouldBe(("9", 9ul));
        bench.AuditLines("prod").Length.ShouldBe(9);
        new RuntimeConfigFile(store.Files(Prod)).Load().Value.Revisions.Length.ShouldBe(1);
        using var free = EnvironmentLock.TryTake(bench.Layout.Environment(Prod), bench.Count).Value;
        free.ShouldNotBeNull();
    }

    [Fact]
    public async Task The_views_follow_without_being_asked()
    {
        var (bench, store, _) = Open(TimeSpan.FromMilliseconds(1));
        (await RenameAsync(bench, store, "1")).IsOk.ShouldBeTrue();
        (await RenameAsync(bench, bench.NewStore(), "2")).IsOk.ShouldBeTrue("another store waits for the lock, which is given up by itself");
        Written(bench).ShouldBe(("2", 2ul));
        bench.Backups("prod", "environment.json").Length.ShouldBe(1, "the first view was there");
    }

    [Fact]
    public async Task What_a_view_held_before_is_kept()
    {
        var (bench, store, _) = await PreparedAsync("1");
        (await RenameAsync(bench, store, "2")).IsOk.ShouldBeTrue();
        (await RenameAsync(bench, store, "3")).IsOk.ShouldBeTrue();
        await store.DisposeAsync();
        bench.Backups("prod", "environment.json").Select(NameIn).ShouldBe(["1"]);
    }

    [Fact]
    public async Task An_edit_among_the_changes_is_late_and_stays_in_backups()
    {
        var (bench, store, _) = await PreparedAsync("1");
        (await RenameAsync(bench, store, "2")).IsOk.ShouldBeTrue();
        File.WriteAllText(bench.Path("prod", "environment.json"), "edited");
        await store.DisposeAsync();
        Written(bench).ShouldBe(("2", 2ul));
        bench.Backups("prod", "environment.json").Select(File.ReadAllText).ShouldBe(["edited"]);
        _warnings.ShouldHaveSingleItem().ShouldContain("changed by somebody else");
    }

    [Fact]
    public async Task Power_lost_at_any_call_loses_no_answer()
    {
        const int Changes = 3;
        var steps = await StepsAsync(Changes);
        for (var step = 1; step <= steps; step++)
        {
            var (bench, store, calls) = await PreparedAsync("0");
            calls.Step = step;
            var answered = 0;
            try
            {
                for (var number = 1; number <= Changes; number++)
                {
                    (await RenameAsync(bench, store, $"{number}")).IsOk.ShouldBeTrue();
                    answered = number;
                }

                await store.DisposeAsync();
            }
            catch (PowerLossException)
            {
                // The kernel takes the lock from the dead process; nothing else that this does arrives.
                await Record.ExceptionAsync(() => store.DisposeAsync().AsTask());
            }

            await ReopenAsync(bench, answered, $"step {step} of {steps}");
        }
    }

    [Theory]
    [InlineData(Errno.InputOutput)]
    [InlineData(Errno.NoSpace)]
    public async Task A_call_that_fails_loses_no_answer(int errno)
    {
        const int Changes = 3;
        var steps = await StepsAsync(Changes);
        for (var step = 1; step <= steps; step++)
        {
            var (bench, store, calls) = await PreparedAsync("0");
            (calls.Errno, calls.Step) = (errno, step);
            var answered = 0;
            for (var number = 1; number <= Changes; number++)
            {
                answered = (await RenameAsync(bench, store, $"{number}")).IsOk ? number : answered;
            }

            await store.DisposeAsync();
            await ReopenAsync(bench, answered, $"step {step} of {steps}");
        }
    }

    [Fact]
    public async Task Stores_that_keep_the_lock_do_not_lose_each_others_changes()
    {
        const int Stores = 4;
        const int Each = 25;
        var bench = Add(new Workbench());
        await bench.CreateAsync("prod");
        await Task.WhenAll(Enumerable.Range(0, Stores).Select(async number =>
        {
            await using var store = bench.NewStore(LinuxFileCalls.Instance, TimeSpan.FromMilliseconds(number), static _ => { });
            for (var turn = 0; turn < Each; turn++)
            {
                (await store.MutateAsync<bool>(
                    Workbench.Intent("prod"),
                    context => new Mutation<bool>(true) { Document = context.Current! with { Name = context.Current.Name + "+" } },
                    Workbench.Cancellation)).IsOk.ShouldBeTrue();
            }
        }));
        Written(bench).ShouldBe(("prod" + new string('+', Stores * Each), (Stores * Each) + 1ul));
        bench.AuditLines("prod").Length.ShouldBe((Stores * Each) + 1);
        (await new AuditTrail(bench.Store).VerifyAsync(Prod, Workbench.Cancellation)).Value.Broken.ShouldBeNull();
    }

    private static (string, ulong?) Written(Workbench bench)
    {
        var document = Documents.Environment.Parse(File.ReadAllBytes(bench.Path("prod", "environment.json"))).Value;
        return (document.Name, document.EnvGeneration);
    }

    private static string NameIn(string file) => Documents.Environment.Parse(File.ReadAllBytes(file)).Value.Name;

    private static Task<Outcome<string>> RenameAsync(Workbench bench, FileEnvironmentStore store, string name)
    {
        bench.Time.Now += TimeSpan.FromSeconds(1);
        var document = The_runtime_config_follows.Routed() with { Name = name };
        return store.MutateAsync<string>(
            Workbench.Intent("prod"), _ => new Mutation<string>("") { Document = document, RefreshesRuntimeConfig = true }, Workbench.Cancellation);
    }

    /// <summary>Another process finds every answered change, maybe the one that was not answered, and views that can be written again.</summary>
    private static async Task ReopenAsync(Workbench bench, int answered, string when)
    {
        var store = bench.NewStore();
        var seen = (await store.LoadAsync(Prod, Workbench.Cancellation)).Value;
        int.Parse(seen.Name, System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(answered, answered + 1, when);
        (await store.CatchUpAsync(Prod, Workbench.Cancellation)).Value.ShouldBe(seen.EnvGeneration!.Value, when);
        Written(bench).ShouldBe((seen.Name, seen.EnvGeneration), when);
        (await new AuditTrail(store).VerifyAsync(Prod, Workbench.Cancellation)).Value.Broken.ShouldBeNull(when);
        new RuntimeConfigFile(store.Files(Prod)).Load().Value.Revisions.Length.ShouldBe(1, when);
    }

    private async Task<int> StepsAsync(int changes)
    {
        var (bench, store, calls) = await PreparedAsync("0");
        for (var number = 1; number <= changes; number++)
        {
            (await RenameAsync(bench, store, $"{number}")).IsOk.ShouldBeTrue();
        }

        await store.DisposeAsync();
        return calls.Made.Count;
    }

    private (Workbench Bench, FileEnvironmentStore Store, FaultyCalls Calls) Open(TimeSpan follow)
    {
        var (bench, calls) = (Add(new Workbench()), new FaultyCalls());
        return (bench, bench.NewStore(calls, follow, _warnings.Add), calls);
    }

    /// <summary>An environment that another process made, and a store whose views follow when it is disposed.</summary>
    private async Task<(Workbench Bench, FileEnvironmentStore Store, FaultyCalls Calls)> PreparedAsync(string name)
    {
        var opened = Open(Never);
        (await RenameAsync(opened.Bench, opened.Bench.Store, name)).IsOk.ShouldBeTrue();
        return opened;
    }

    private Workbench Add(Workbench bench)
    {
        _benches.Add(bench);
        return bench;
    }
}
