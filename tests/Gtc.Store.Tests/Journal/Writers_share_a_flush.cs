using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class Writers_share_a_flush : IDisposable
{
    private static readonly EnvId Prod = Workbench.Env("prod");

    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_change_costs_one_flush()
    {
        var calls = new FaultyCalls();
        var store = _bench.NewStore(calls);
        await _bench.CreateAsync("prod", store);
        (await AppendAsync(store)).IsOk.ShouldBeTrue();
        calls.Made.Clear();

        (await AppendAsync(store)).IsOk.ShouldBeTrue();

        calls.Made.Where(call => call.Contains("sync", StringComparison.Ordinal)).ShouldBe(["fdatasync"]);
        calls.Made.IndexOf("fdatasync").ShouldBeLessThan(calls.Made.IndexOf("rename"), "the journal comes before its views");
    }

    [Fact]
    public async Task Changes_that_wait_together_are_flushed_together_and_none_is_lost()
    {
        const int Waiting = 40;
        var calls = new FaultyCalls();
        var store = _bench.NewStore(calls);
        await _bench.CreateAsync("prod", store);
        using var inside = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var first = Task.Run(() => store.MutateAsync<string>(Workbench.Intent("prod"), context =>
        {
            inside.Set();
            release.Wait(Workbench.Cancellation);
            return Append(context);
        }, Workbench.Cancellation));
        inside.Wait(Workbench.Cancellation);
        calls.Made.Clear();
        var rest = Enumerable.Range(0, Waiting).Select(_ => AppendAsync(store)).ToList();
        release.Set();

        (await Task.WhenAll([first, .. rest])).ShouldAllBe(outcome => outcome.IsOk);

        calls.Made.Count(call => call == "fdatasync").ShouldBe(2, "the first change and those that waited for it");
        (await store.LoadAsync(Prod, Workbench.Cancellation)).Value.Name.ShouldBe("prod" + new string('+', Waiting + 1));
        (await store.HistoryAsync(Prod, 1, null, Workbench.Cancellation)).Value.Single().Generation.ShouldBe((ulong)Waiting + 2);
        (await new AuditTrail(store).VerifyAsync(Prod, Workbench.Cancellation)).Value.ShouldBe(new AuditVerdict(Waiting + 2, 0, null));
    }

    [Fact]
    public async Task A_bug_in_one_change_is_not_that_of_those_beside_it()
    {
        await _bench.CreateAsync("prod");
        var changes = Enumerable.Range(0, 9).Select(number => Task.Run(() => _bench.Store.MutateAsync<string>(
            Workbench.Intent("prod"), context => number == 4 ? throw new InvalidOperationException("a bug") : Append(context), Workbench.Cancellation))).ToList();
        await Should.ThrowAsync<InvalidOperationException>(changes[4]);
        changes.RemoveAt(4);
        (await Task.WhenAll(changes)).ShouldAllBe(outcome => outcome.IsOk);
        (await _bench.Store.LoadAsync(Prod, Workbench.Cancellation)).Value.Name.ShouldBe("prod++++++++");
    }

    [Fact]
    public async Task Eight_stores_at_once_make_exactly_as_many_generations_as_changes()
    {
        const int Stores = 8;
        const int Each = 50;
        await _bench.CreateAsync("prod");
        await Task.WhenAll(Enumerable.Range(0, Stores).Select(_ => Task.Run(
            async () =>
            {
                var store = _bench.NewStore();
                for (var round = 0; round < Each; round++)
                {
                    (await AppendAsync(store)).IsOk.ShouldBeTrue();
                }
            },
            Workbench.Cancellation)));

        var store = _bench.NewStore();
        var document = (await store.LoadAsync(Prod, Workbench.Cancellation)).Value;
        document.EnvGeneration.ShouldBe((ulong)(Stores * Each) + 1);
        document.Name.ShouldBe("prod" + new string('+', Stores * Each));
        (await store.HistoryAsync(Prod, int.MaxValue, null, Workbench.Cancellation)).Value.Length.ShouldBe((Stores * Each) + 1);
        (await new AuditTrail(store).VerifyAsync(Prod, Workbench.Cancellation)).Value.ShouldBe(new AuditVerdict((Stores * Each) + 1, 0, null));
        _bench.Backups("prod", "environment.json").Length.ShouldBe(EnvironmentFiles.DefaultBackupsPerFile);
    }

    private static Task<Outcome<string>> AppendAsync(FileEnvironmentStore store) => store.MutateAsync<string>(Workbench.Intent("prod"), Append, Workbench.Cancellation);

    private static Outcome<Mutation<string>> Append(MutationContext context) =>
        new Mutation<string>("done") { Document = context.Current! with { Name = context.Current.Name + "+" } };
}
