using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class Old_history_is_given_up_on_purpose : IDisposable
{
    private const int Made = (2 * JournalFolder.MaxRecords) + 20;

    private static readonly EnvId Prod = Workbench.Env("prod");

    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Generations_that_are_kept_stay_readable_and_older_files_go()
    {
        var store = await LongAsync();
        var lines = _bench.AuditLines("prod").Length;
        (await store.CompactAsync(Prod, 1000, Workbench.Cancellation)).Value.RemovedSegments.ShouldBe(0);
        var done = (await store.CompactAsync(Prod, 40, Workbench.Cancellation)).Value;
        done.RemovedSegments.ShouldBe(1);
        (done.Oldest, done.Newest).ShouldBe((257ul, (ulong)Made));

        for (var generation = (ulong)Made - 39; generation <= Made; generation++)
        {
            (await store.LoadAtAsync(Prod, generation, Workbench.Cancellation)).Value.EnvGeneration.ShouldBe(generation);
        }

        var refusal = (await store.LoadAtAsync(Prod, 1, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.Missing>();
        refusal.Details.ShouldContain(new RefusalDetail("generations", $"257 to {Made}"));
        _bench.AuditLines("prod").Length.ShouldBe(lines + 2, "the audit log keeps every line");
        (await new AuditTrail(store).VerifyAsync(Prod, Workbench.Cancellation)).Value.IsSound.ShouldBeTrue();
        (await RenameAsync(_bench.NewStore(), "after")).IsOk.ShouldBeTrue();
        (await store.HistoryAsync(Prod, 1, null, Workbench.Cancellation)).Value.Single().Generation.ShouldBe((ulong)Made + 1);
        (await store.CompactAsync(Workbench.Env("nowhere"), 1, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.Missing>();
    }

    [Fact]
    public async Task A_bound_removes_the_same_without_a_record_and_never_what_may_still_be_repeated()
    {
        var store = await LongAsync();
        var lines = _bench.AuditLines("prod").Length;
        (await store.BoundHistoryAsync(Prod, 40, Workbench.Cancellation)).Value.ShouldBe(0, "all of its changes are among the newest 4,096");
        (await store.BoundHistoryAsync(Prod, 40, Made, Workbench.Cancellation)).Value.ShouldBe(0);
        (await store.BoundHistoryAsync(Prod, 1000, 40, Workbench.Cancellation)).Value.ShouldBe(0);
        (await store.BoundHistoryAsync(Prod, 40, 40, Workbench.Cancellation)).Value.ShouldBe(1);
        (await store.BoundHistoryAsync(Prod, 40, 40, Workbench.Cancellation)).Value.ShouldBe(0);
        (await store.LoadAtAsync(Prod, Made - 39, Workbench.Cancellation)).IsOk.ShouldBeTrue();
        (await store.LoadAtAsync(Prod, 1, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.Missing>();
        _bench.AuditLines("prod").Length.ShouldBe(lines);
        (await RenameAsync(_bench.NewStore(), "after")).IsOk.ShouldBeTrue();
    }

    [Fact]
    public async Task Records_without_a_key_push_no_key_out()
    {
        var store = await LongAsync(keys: 30);
        (await store.BoundHistoryAsync(Prod, 40, 40, Workbench.Cancellation)).Value.ShouldBe(0, "its 30 keys are among the newest 40");
        (await store.BoundHistoryAsync(Prod, 40, 0, Workbench.Cancellation)).Value.ShouldBe(1);
    }

    [Fact]
    public async Task A_key_that_was_given_up_is_forgotten_by_who_had_it_in_mind()
    {
        var store = await LongAsync();
        Task<Outcome<ulong>> RepeatAsync() => store.MutateAsync(
            Workbench.Intent("prod") with { IdempotencyKey = "k5" },
            JournalJson.Default.UInt64,
            context => new Mutation<ulong>(context.NextGeneration) { Document = context.Current! with { Name = "again" } },
            Workbench.Cancellation);
        (await RepeatAsync()).Refusal.ShouldBeOfType<Refusal.Conflict>("it stands for something else");
        (await store.BoundHistoryAsync(Prod, 40, 40, Workbench.Cancellation)).Value.ShouldBe(1);
        (await RepeatAsync()).Value.ShouldBe((ulong)Made + 1);
    }

    [Fact]
    public async Task A_history_within_its_bound_is_not_read()
    {
        var calls = new FaultyCalls();
        await LongAsync();
        await using var store = _bench.NewStore(calls);
        (await store.BoundHistoryAsync(Prod, 40, 40, Workbench.Cancellation)).Value.ShouldBe(1);
        calls.BytesRead = 0;
        (await store.BoundHistoryAsync(Prod, 40, 40, Workbench.Cancellation)).Value.ShouldBe(0);
        calls.BytesRead.ShouldBe(0);
    }

    [Fact]
    public async Task A_bound_is_refused_where_a_file_cannot_be_read()
    {
        await LongAsync();
        for (var step = 1; ; step++)
        {
            var calls = new FaultyCalls { Step = step, Errno = Errno.InputOutput };
            await using var store = _bench.NewStore(calls);
            var done = await store.BoundHistoryAsync(Prod, 40, 1000, Workbench.Cancellation);
            if (calls.Made.Count < step)
            {
                done.Value.ShouldBe(0);
                return;
            }
        }
    }

    [Fact]
    public async Task Power_lost_at_any_call_of_a_compaction_leaves_a_journal_that_opens()
    {
        for (var step = 1; ; step++)
        {
            using var bench = new Workbench();
            var calls = new FaultyCalls();
            var store = bench.NewStore(calls);
            LongJournal.Write(bench, calls, (2 * JournalFolder.MaxRecords) + 5);
            (await store.CatchUpAsync(Prod, Workbench.Cancellation)).IsOk.ShouldBeTrue();
            calls.Step = calls.Made.Count + step;
            try
            {
                (await store.CompactAsync(Prod, 3, Workbench.Cancellation)).Value.RemovedSegments.ShouldBe(2);
                return;
            }
            catch (PowerLossException)
            {
                var next = bench.NewStore();
                (await next.CatchUpAsync(Prod, Workbench.Cancellation)).IsOk.ShouldBeTrue();
                (await next.LoadAtAsync(Prod, (2 * JournalFolder.MaxRecords) + 5, Workbench.Cancellation)).IsOk.ShouldBeTrue();
                (await new AuditTrail(next).VerifyAsync(Prod, Workbench.Cancellation)).Value.Broken.ShouldBeNull();
            }
        }
    }

    [Fact]
    public async Task Old_audit_lines_go_and_the_rest_is_still_one_chain()
    {
        await DaysAsync(5);
        var archive = _bench.Folder["old.jsonl"];
        var done = (await _bench.NewStore().PruneAuditAsync(Prod, 2, archive, Workbench.Cancellation)).Value;
        done.ShouldBe(new PrunedAudit(3, archive));
        _bench.AuditLines("prod").Length.ShouldBe(3);
        _bench.AuditLines("prod")[^1].GetProperty("target").GetProperty("removed_lines").GetInt32().ShouldBe(3);
        (await new AuditTrail(_bench.Store).VerifyAsync(Prod, Workbench.Cancellation)).Value.ShouldBe(new AuditVerdict(3, 0, null));
        var log = _bench.Layout.Environment(Prod).AuditLog;
        (await AuditFile.VerifyAsync([archive, log], Workbench.Cancellation)).Value.ShouldBe(new AuditVerdict(6, 0, null));

        _bench.Time.Now += TimeSpan.FromDays(10);
        (await RenameAsync(_bench.Store, "later")).IsOk.ShouldBeTrue();
        (await _bench.Store.PruneAuditAsync(Prod, 2, null, Workbench.Cancellation)).Value.RemovedLines.ShouldBe(3, "the line of the first pruning goes too");
        (await new AuditTrail(_bench.Store).VerifyAsync(Prod, Workbench.Cancellation)).Value.ShouldBe(new AuditVerdict(2, 0, null));
        (await _bench.Store.PruneAuditAsync(Prod, 2, archive, Workbench.Cancellation)).Value.RemovedLines.ShouldBe(0);
    }

    [Fact]
    public async Task Lines_that_somebody_else_cut_off_are_missed()
    {
        await DaysAsync(5);
        (await _bench.Store.PruneAuditAsync(Prod, 2, null, Workbench.Cancellation)).IsOk.ShouldBeTrue();
        var log = _bench.Layout.Environment(Prod).AuditLog;
        var lines = File.ReadAllLines(log);
        File.WriteAllLines(log, lines[1..]);
        var broken = (await new AuditTrail(_bench.Store).VerifyAsync(Prod, Workbench.Cancellation)).Value.Broken!;
        (broken.Line, broken.Reason).ShouldBe((1, "it does not begin the log: lines before it are missing, and neither a later line nor a checkpoint that is trusted says that they were pruned"));
    }

    [Fact]
    public async Task Without_a_number_of_days_the_environment_says_it_or_nothing_goes()
    {
        await DaysAsync(3);
        (await _bench.Store.PruneAuditAsync(Prod, null, null, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
        await _bench.SaveAsync(Workbench.Fresh("prod") with { Retention = new RetentionPolicy { AuditRetentionDays = 1 } });
        (await _bench.Store.PruneAuditAsync(Prod, null, null, Workbench.Cancellation)).Value.RemovedLines.ShouldBe(2);
        File.WriteAllText(_bench.Folder["taken"], "");
        _bench.Time.Now += TimeSpan.FromDays(9);
        (await _bench.Store.PruneAuditAsync(Prod, null, _bench.Folder["taken"], Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.Conflict>();
        (await new AuditTrail(_bench.Store).VerifyAsync(Prod, Workbench.Cancellation)).Value.IsSound.ShouldBeTrue();
    }

    [Fact]
    public async Task Power_lost_at_any_call_of_a_pruning_leaves_a_log_that_holds()
    {
        for (var step = 1; ; step++)
        {
            using var bench = new Workbench();
            var calls = new FaultyCalls();
            var store = bench.NewStore(calls);
            await bench.CreateAsync("prod", store);
            bench.Time.Now += TimeSpan.FromDays(5);
            await bench.CreateAsync("prod", store);
            calls.Step = calls.Made.Count + step;
            try
            {
                (await store.PruneAuditAsync(Prod, 1, null, Workbench.Cancellation)).Value.RemovedLines.ShouldBe(1);
                step.ShouldBeGreaterThan(5);
                return;
            }
            catch (PowerLossException)
            {
                (await bench.NewStore().CatchUpAsync(Prod, Workbench.Cancellation)).IsOk.ShouldBeTrue();
                (await new AuditTrail(bench.NewStore()).VerifyAsync(Prod, Workbench.Cancellation)).Value.Broken.ShouldBeNull($"step {step}");
            }
        }
    }

    private static Task<Outcome<string>> RenameAsync(FileEnvironmentStore store, string name) => store.MutateAsync<string>(
        Workbench.Intent("prod"), _ => new Mutation<string>("") { Document = Workbench.Fresh("prod") with { Name = name } }, Workbench.Cancellation);

    private async Task DaysAsync(int days)
    {
        for (var day = 0; day < days; day++)
        {
            _bench.Time.Now += TimeSpan.FromDays(day == 0 ? 0 : 1);
            (await RenameAsync(_bench.Store, $"{day}")).IsOk.ShouldBeTrue();
        }

        _bench.Time.Now += TimeSpan.FromHours(1);
    }

    private async Task<FileEnvironmentStore> LongAsync(int keys = int.MaxValue)
    {
        LongJournal.Write(_bench, LinuxFileCalls.Instance, Made - 1, keys);
        var store = _bench.NewStore();
        (await RenameAsync(store, "last")).IsOk.ShouldBeTrue();
        return store;
    }
}
