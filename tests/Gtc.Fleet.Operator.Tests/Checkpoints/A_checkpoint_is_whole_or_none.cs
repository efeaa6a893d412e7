using System.Collections.Immutable;
using System.Text;
using Gtc.Fleet.Contracts;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Fleet.Operator.Tests.Checkpoints;

public sealed class A_checkpoint_is_whole_or_none
{
    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_written_is_read()
    {
        var store = new MemoryStore();
        var tables = Tables(1);
        await (await ClaimedAsync(store)).WriteAsync(tables, Ends);
        var (read, header) = (await New(store).ReadAsync(Ends)).ShouldNotBeNull();
        read.CountsOf("hello").ShouldNotBeNull().ShouldSatisfyAllConditions(counts => counts.Matched.ShouldBe(50), counts => counts.Succeeded.ShouldBe(50));
        header.Positions["device-state"].Sequence.ShouldBe(50UL);
    }

    [Fact]
    public async Task A_crash_after_any_write_leaves_the_one_before_or_the_new_one()
    {
        var store = new MemoryStore();
        var tables = Tables(1);
        var checkpointer = await ClaimedAsync(store);
        await checkpointer.WriteAsync(tables, Ends);
        tables.Do(change => Report(change, Phase.Failed, 100));
        tables.Move("device-state", new StreamPosition(default, 150));
        var before = store.Copy();
        await checkpointer.WriteAsync(tables, Ends);
        store.Log.Count.ShouldBeGreaterThan(1);
        for (var kept = 0; kept <= store.Log.Count; kept++)
        {
            var crashed = before.Copy();
            foreach (var (key, value) in store.Log.Take(kept))
            {
                crashed.Put(key, value);
            }

            var (read, header) = (await New(crashed).ReadAsync(Ends)).ShouldNotBeNull();
            var isNew = kept == store.Log.Count;
            header.Positions["device-state"].Sequence.ShouldBe(isNew ? 150UL : 50UL);
            read.CountsOf("hello")!.Failed.ShouldBe(isNew ? 50 : 0);
        }
    }

    [Fact]
    public async Task A_page_that_is_damaged_makes_it_none()
    {
        var store = new MemoryStore();
        await (await ClaimedAsync(store)).WriteAsync(Tables(1), Ends);
        store.Values.First(value => value.Key.Contains(".p.", StringComparison.Ordinal)).Value.Value[3] ^= 1;
        (await New(store).ReadAsync(Ends)).ShouldBeNull();
    }

    [Fact]
    public async Task A_header_that_is_torn_gives_way_to_the_other()
    {
        var store = new MemoryStore();
        var tables = Tables(1);
        var checkpointer = await ClaimedAsync(store);
        await checkpointer.WriteAsync(tables, Ends);
        await checkpointer.WriteAsync(tables, Ends);
        var newest = store.Log[^1];
        store.Put(newest.Key, newest.Value[..(newest.Value.Length / 2)]);
        (await New(store).ReadAsync(Ends)).ShouldNotBeNull().Header.Generation.ShouldBe(2);
    }

    [Fact]
    public async Task Only_pages_that_changed_are_written()
    {
        var store = new MemoryStore();
        var tables = Tables(1);
        var checkpointer = await ClaimedAsync(store);
        await checkpointer.WriteAsync(tables, Ends);
        store.Log.Clear();
        await checkpointer.WriteAsync(tables, Ends);
        store.Log.Select(write => write.Key).ShouldBe(["s0.h.1"]);
    }

    [Fact]
    public async Task A_folder_keeps_it_too()
    {
        var folder = Directory.CreateTempSubdirectory("gtc-checkpoint-").FullName;
        try
        {
            await (await ClaimedAsync(new FolderCheckpointStore(folder))).WriteAsync(Tables(1), Ends);
            (await New(new FolderCheckpointStore(folder)).ReadAsync(Ends)).ShouldNotBeNull().Tables.Pairs.ShouldBe(50);
            Directory.GetFiles(folder, "*.new").ShouldBeEmpty();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_header_whose_answer_was_lost_is_gone_on_from()
    {
        var store = new MemoryStore();
        var tables = Tables(1);
        var checkpointer = await ClaimedAsync(store);
        store.LosesNextAnswer = true;
        await checkpointer.WriteAsync(tables, Ends);
        tables.Do(change => Report(change, Phase.Failed, 100));
        tables.Move("device-state", new StreamPosition(default, 150));
        await checkpointer.WriteAsync(tables, Ends);
        checkpointer.IsSuperseded.ShouldBeFalse();
        var (read, header) = (await New(store).ReadAsync(Ends)).ShouldNotBeNull();
        header.ShouldSatisfyAllConditions(newest => newest.Generation.ShouldBe(3), newest => newest.Positions["device-state"].Sequence.ShouldBe(150UL));
        read.CountsOf("hello")!.Failed.ShouldBe(50);
    }

    [Fact]
    public async Task A_write_that_was_cut_off_is_made_up_for_by_the_next()
    {
        var store = new MemoryStore();
        var tables = Tables(1);
        var checkpointer = await ClaimedAsync(store);
        await checkpointer.WriteAsync(tables, Ends);
        tables.Do(change => Report(change, Phase.Failed, 100));
        store.Before = static () => Task.FromCanceled(new CancellationToken(canceled: true));
        await Should.ThrowAsync<OperationCanceledException>(() => checkpointer.WriteAsync(tables, Ends));
        store.Before = static () => Task.CompletedTask;
        await checkpointer.WriteAsync(tables, Ends);
        (await New(store).ReadAsync(Ends)).ShouldNotBeNull().Tables.CountsOf("hello")!.Failed.ShouldBe(50);
    }

    private static Checkpointer New(ICheckpointStore store) => new(store, "s0", new LeaseEpoch("lease", 1, "a"), TimeProvider.System, NullLogger.Instance);

    private static async Task<Checkpointer> ClaimedAsync(ICheckpointStore store)
    {
        var checkpointer = New(store);
        (await checkpointer.ClaimAsync((await checkpointer.ReadAsync(Ends))?.Header, Ends)).ShouldBeTrue();
        return checkpointer;
    }

    private static SharedTables Tables(long first)
    {
        var tables = new FleetTables();
        tables.SetDeployment("hello", new DeploymentIntent("uid", [new SelectorTerm("group", SelectorOperator.In, ["lab"])], new ScoreId(1), IsPaused: false, IsBatched: false));
        for (var device = 0; device < 50; device++)
        {
            tables.SetDevice($"pi-{device}", ImmutableDictionary<string, string>.Empty.Add("group", "lab").Add("device-id", $"pi-{device}"), isPaused: false);
        }

        Report(tables, Phase.Running, first);
        var shared = new SharedTables(tables);
        shared.Move("device-state", new StreamPosition(default, 50));
        return shared;
    }

    private static void Report(FleetTables tables, Phase phase, long first)
    {
        for (var device = 0; device < 50; device++)
        {
            tables.Report(Encoding.ASCII.GetBytes($"pi-{device}"), "hello"u8, phase, new ScoreId(1), first + device);
        }
    }
}
