using Gtc.Model;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Gtc.Store.Server.Tests.Upkeep;

/// <summary>What a server does in the background goes on after a fault, and a fault is seen.</summary>
public sealed class Work_begins_again_after_a_fault
{
    [Fact]
    public async Task One_that_threw_is_done_again_and_the_log_says_so()
    {
        await using var lab = new FileLab();
        Faulty? storage = null;
        using var faults = new FaultLog();
        using var client = await lab.StartAsync(options =>
        {
            storage = new Faulty(options.Storage);
            return options with { Storage = storage, HistoryMaxGenerations = 1, Time = new Hasty(), LoggerFactory = LoggerFactory.Create(logging => logging.AddProvider(faults)) };
        });
        (await client.CreateAsync("shop-eu")).Must(200);
        (await client.RenameAsync("shop-eu", "other")).Must(200);
        await Eventually.HoldsAsync(() => Task.FromResult(storage!.Bounded > 0));
        faults.Faults.Single().ShouldContain("begins again");
    }

    [Fact]
    public async Task One_that_failed_is_tried_again()
    {
        await using var lab = new FileLab();
        Faulty? storage = null;
        using var client = await lab.StartAsync(options =>
        {
            storage = new Faulty(options.Storage) { Refuses = true };
            return options with { Storage = storage, HistoryMaxGenerations = 1, Time = new Hasty() };
        });
        (await client.CreateAsync("shop-eu")).Must(200);
        await Eventually.HoldsAsync(() => Task.FromResult(storage!.Bounded > 0));
    }

    [Fact]
    public async Task A_connection_that_broke_while_it_was_idle_gives_its_work_up()
    {
        await using var connection = new NpgsqlConnection();
        await new PostgresUpkeep.Held(connection, "scrub").DisposeAsync();
    }

    /// <summary>Bounding a history fails the first time.</summary>
    private sealed class Faulty(IEnvironmentStorage inner) : RelayedStorage(inner)
    {
        private int _calls;

        public bool Refuses { get; init; }

        public int Bounded { get; private set; }

        public override async Task<Outcome<int>> BoundHistoryAsync(EnvId environment, ulong keep, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _calls) == 1)
            {
                return Refuses ? new Refusal.StoreFailed("not now") : throw new InvalidOperationException("a fault");
            }

            var done = await base.BoundHistoryAsync(environment, keep, cancellationToken);
            Bounded++;
            return done;
        }
    }

    /// <summary>A clock that does not wait between looks at histories, nor after a fault. Requests have their time.</summary>
    private sealed class Hasty : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime.TotalSeconds is 5 or 60 ? TimeSpan.FromMilliseconds(20) : dueTime, period);
    }
}
