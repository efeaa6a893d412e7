using Gtc.Model;

namespace Gtc.Routing.Tests.Metering;

public sealed class Usage_is_counted_by_the_hour
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 20, 14, 59, 59, TimeSpan.Zero);
    private static readonly UsageSource Source = new("acme", "default", new DeploymentId(Id(1)), "main", new RevisionId(Id(2)));

    private readonly Clock _clock = new(Begin);

    [Fact]
    public async Task No_count_is_lost_however_many_threads_count_while_hours_end_and_others_read()
    {
        const int Threads = 8;
        const int Rounds = 50_000;
        var meter = new UsageMeter(Source, _clock);
        var told = new Dictionary<DateTimeOffset, UsageCounts>();
        using var start = new Barrier(Threads + 1);
        var counting = Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                for (var round = 0; round < Rounds; round++)
                {
                    meter.AddRequest(3, 5);
                    meter.AddFlowRun(2);
                    if (thread == 0 && round % 5_000 == 4_999)
                    {
                        _clock.Now += TimeSpan.FromHours(1);
                    }
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();
        start.SignalAndWait(TestContext.Current.CancellationToken);
        while (!Task.WhenAll(counting).IsCompleted)
        {
            Take();
        }

        await Task.WhenAll(counting);
        Take();
        var total = new UsageCounts(Threads * Rounds, Threads * Rounds, 2L * Threads * Rounds, 3L * Threads * Rounds, 5L * Threads * Rounds);
        told.Values.Aggregate(UsageCounts.Add).ShouldBe(total);
        told.Count.ShouldBeGreaterThan(2);

        void Take() => meter.Take(hour => told[hour.Hour] = hour.Counts);
    }

    [Fact]
    public void A_request_counts_for_the_hour_in_which_it_ends_and_an_hour_is_told_only_when_it_grew()
    {
        var meters = new UsageMeters(_clock);
        meters.Of(Source).AddRequest(1, 0);
        meters.Of(Source with { Tenant = "other" }).AddRequest(0, 1);
        _clock.Now = Begin.AddSeconds(1);
        meters.Of(Source).AddRequest(10, 0);
        _clock.Now = Begin;
        meters.Of(Source).AddRequest(100, 0);
        Told().Select(hour => (hour.Source.Tenant, hour.Hour.Hour, hour.Counts.Requests, hour.Counts.BytesIn)).ShouldBe([("default", 15, 2, 110), ("default", 14, 1, 1), ("other", 14, 1, 0)], ignoreOrder: true);
        Told().ShouldBeEmpty();
        meters.Of(Source).AddFlowRun(4);
        Told().Single().Counts.ShouldBe(new UsageCounts(2, 1, 4, 110, 0));

        List<UsageHour> Told()
        {
            var told = new List<UsageHour>();
            meters.Take(told.Add);
            return told;
        }
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        var meter = new UsageMeter(Source, TimeProvider.System);
        meter.AddRequest(1, 1);
        meter.AddFlowRun(1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 10_000; round++)
        {
            meter.AddRequest(1, 1);
            meter.AddFlowRun(1);
        }

        // An hour that begins meanwhile takes one object.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000);
    }

    private static Ulid Id(byte number) => Ulid.From(Begin, [0, 0, 0, 0, 0, 0, 0, 0, 0, number]);

    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        private long _ticks = now.UtcTicks;

        public DateTimeOffset Now
        {
            get => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);
            set => Interlocked.Exchange(ref _ticks, value.UtcTicks);
        }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
