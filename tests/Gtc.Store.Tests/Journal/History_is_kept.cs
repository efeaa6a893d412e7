using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class History_is_kept : IDisposable
{
    private static readonly EnvId Prod = Workbench.Env("prod");

    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Every_generation_can_be_read_again_across_segments()
    {
        const int Count = JournalFolder.MaxRecords + 20;
        var store = _bench.NewStore(new FaultyCalls());
        for (var number = 1; number <= Count; number++)
        {
            await RenameAsync(store, $"{number}");
        }

        Directory.GetFiles(_bench.Path("prod", "journal")).Length.ShouldBe(2);
        for (var number = 1ul; number <= Count; number += 5)
        {
            var document = (await store.LoadAtAsync(Prod, number, Workbench.Cancellation)).Value;
            (document.Name, document.EnvGeneration).ShouldBe(($"{number}", number));
        }

        (await store.LoadAtAsync(Prod, Count + 1, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.Missing>();
        (await store.LoadAtAsync(Prod, 0, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.Missing>();
        (await store.HistoryAsync(Prod, 3, 259, Workbench.Cancellation)).Value.Select(entry => entry.Generation).ShouldBe([258ul, 257ul, 256ul]);
    }

    [Fact]
    public async Task A_segment_may_begin_with_an_attempt_that_changed_nothing()
    {
        var store = _bench.NewStore(new FaultyCalls());
        for (var number = 1; number <= JournalFolder.MaxRecords; number++)
        {
            await RenameAsync(store, $"{number}");
        }

        for (var refused = 0; refused <= JournalFolder.MaxRecords; refused++)
        {
            (await _bench.CreateAsync("prod", store)).IsOk.ShouldBeFalse();
        }

        await RenameAsync(store, "newest");
        (await store.LoadAtAsync(Prod, 256, Workbench.Cancellation)).Value.Name.ShouldBe("256");
        (await _bench.NewStore().LoadAtAsync(Prod, 257, Workbench.Cancellation)).Value.Name.ShouldBe("newest");
        (await store.HistoryAsync(Prod, 2, null, Workbench.Cancellation)).Value.Select(entry => entry.Generation).ShouldBe([257ul, 256ul]);
    }

    [Fact]
    public async Task Going_back_is_a_generation_of_its_own_and_can_be_retried()
    {
        var routed = The_runtime_config_follows.Routed();
        await _bench.SaveAsync(routed, refreshes: true);
        await _bench.SaveAsync(routed with { Name = "2", TrafficSplits = [] }, refreshes: true);
        File.Exists(_bench.Path("prod", "runtime-config.json")).ShouldBeFalse();
        for (var attempt = 0; attempt < 2; attempt++)
        {
            (await _bench.NewStore().RestoreAsync(Prod, 1, 2, "k1", static _ => null, Workbench.Cancellation)).Value.ShouldBe(3ul);
        }

        var restored = (await _bench.Store.LoadAsync(Prod, Workbench.Cancellation)).Value;
        Documents.Environment.ToLine(restored with { EnvGeneration = null }).ShouldBe(Documents.Environment.ToLine(routed));
        restored.EnvGeneration.ShouldBe(3ul);
        File.Exists(_bench.Path("prod", "runtime-config.json")).ShouldBeTrue();
        (await _bench.Store.RestoreAsync(Prod, 1, 2, "k2", static _ => null, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.StaleWrite>();
        (await _bench.Store.RestoreAsync(Prod, 77, null, null, static _ => null, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.Missing>();
    }

    [Fact]
    public void One_of_many_generations_takes_few_small_reads()
    {
        var calls = new FaultyCalls();
        LongJournal.Write(_bench, calls, 30_000);
        calls.Made.Clear();
        calls.BytesRead = 0;

        new JournalFolder(new AtomicFile(calls, _bench.Count), _bench.Layout.Environment(Prod)).At(13_337).Value.ShouldNotBeNull();

        calls.Made.Count(call => call == "open").ShouldBeLessThan(15);
        calls.BytesRead.ShouldBeLessThan(2L * JournalFolder.MaxBytes, "one segment, and the first bytes of a few others");
    }

    [Fact]
    public void A_delta_makes_the_one_document_into_the_other()
    {
        var text = Gen.ArrayOf(Gen.Elements("a", "b", "é", "漢", "😀", "\\\"", "\\n", "[", ",", " ")).Select(string.Concat);
        var pair = from left in text from right in text from many in Gen.Choose(0, 30) select (left, right, many);
        Prop.ForAll(pair.ToArbitrary(), sample =>
        {
            var filler = string.Concat(Enumerable.Repeat("{\"long\":\"enough to make a delta worth it\"},", sample.many)) + "{}";
            var before = Encoding.UTF8.GetBytes($"{{\"a\":\"{sample.left}\",\"b\":[{filler}],\"c\":1}}");
            var after = Encoding.UTF8.GetBytes($"{{\"a\":\"{sample.right}\",\"b\":[{filler},[\"{sample.left}\"]],\"c\":12}}");
            if (DocumentDelta.Between(before, after) is { } delta)
            {
                using var parsed = JsonDocument.Parse(delta);
                DocumentDelta.Apply(before, parsed.RootElement).ShouldBe(after);
            }
            else
            {
                sample.many.ShouldBeLessThan(30, "a long document that changes little has a delta");
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task Backups_are_bounded_and_the_newest_ones_stay()
    {
        var store = new FileEnvironmentStore(_bench.Layout, _bench.Time, _bench.Count) { BackupsPerFile = 3 };
        for (var number = 1; number <= 8; number++)
        {
            _bench.Time.Now += TimeSpan.FromTicks(number % 3);
            await RenameAsync(store, $"{number}");
        }

        _bench.Backups("prod", "environment.json").Select(file => Documents.Environment.Parse(File.ReadAllBytes(file)).Value.Name).ShouldBe(["5", "6", "7"], ignoreOrder: true);
    }

    private static async Task RenameAsync(FileEnvironmentStore store, string name) => (await store.MutateAsync<string>(
        Workbench.Intent("prod"),
        context => new Mutation<string>("") { Document = (context.Current ?? The_runtime_config_follows.Routed()) with { Name = name } },
        Workbench.Cancellation)).IsOk.ShouldBeTrue();
}
