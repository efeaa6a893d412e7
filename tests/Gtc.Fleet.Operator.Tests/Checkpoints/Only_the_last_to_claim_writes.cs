using System.Collections.Immutable;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gtc.Fleet.Contracts;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Fleet.Operator.Tests.Checkpoints;

/// <summary>
/// Operators that take each other's lease, each stopped anywhere for as long as it pleases: after every single step that the store sees, what can be read is
/// whole, and of the last whose header was stored.
/// </summary>
public sealed class Only_the_last_to_claim_writes
{
    private const int Devices = 9000;

    [Fact]
    public void Whoever_else_goes_on_in_the_middle_of_anything()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        var schedules = Arb.From(Gen.Choose(20, 400).SelectMany(length => Gen.Choose(0, 999).ArrayOf(length)));
        Prop.ForAll(schedules, Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public async Task One_that_is_late_knows_it_by_the_epoch()
    {
        var ends = TestContext.Current.CancellationToken;
        var store = new MemoryStore();
        using var later = New(store, 2);
        (await later.ClaimAsync((await later.ReadAsync(ends))?.Header, ends)).ShouldBeTrue();
        using var earlier = New(store, 1);
        (await earlier.ClaimAsync((await earlier.ReadAsync(ends))?.Header, ends)).ShouldBeFalse();
        earlier.IsSuperseded.ShouldBeTrue();

        // Of another lease, as one that was deleted and made anew, numbers say nothing.
        using var anew = new Checkpointer(store, "s0", new LeaseEpoch("another", 0, "c"), TimeProvider.System, NullLogger.Instance);
        (await anew.ClaimAsync((await anew.ReadAsync(ends))?.Header, ends)).ShouldBeTrue();
    }

    private static void Holds(int[] schedule)
    {
        var store = new MemoryStore();
        var failedAt = new Dictionary<ulong, int>();
        var cuts = 0UL;
        var epochs = 0;
        var writers = Enumerable.Range(0, 3).Select(_ => new Writer(store)).ToList();
        foreach (var number in schedule)
        {
            var writer = writers[number % writers.Count];
            store.Before = writer.PassAsync;
            if (writer.IsIdle)
            {
                writer.Start(number % 7 == 0 ? () => writer.TakeAsync(++epochs) : () => writer.WriteAsync(++cuts, failedAt));
            }
            else
            {
                writer.Step();
            }

            Check(store, failedAt);
        }
    }

    private static void Check(MemoryStore store, Dictionary<ulong, int> failedAt)
    {
        if (store.Newest is not { } newest)
        {
            return;
        }

        store.Before = static () => Task.CompletedTask;
        using var reader = New(store, int.MaxValue);
        var (tables, header) = reader.ReadAsync(CancellationToken.None).GetAwaiter().GetResult().ShouldNotBeNull();
        (header.Generation, header.Epoch).ShouldBe((newest.Generation, newest.Epoch));
        if (header.Positions.TryGetValue("device-state", out var position))
        {
            tables.CountsOf("hello").ShouldNotBeNull().Failed.ShouldBe(failedAt[position.Sequence]);
        }
    }

    private static Checkpointer New(ICheckpointStore store, int epoch) => new(store, "s0", new LeaseEpoch("lease", epoch, "x"), TimeProvider.System, NullLogger.Instance);

    /// <summary>One operator; whatever it asks of the store waits for <see cref="Step"/>.</summary>
    private sealed class Writer(MemoryStore store)
    {
        private TaskCompletionSource? _gate;
        private Task _working = Task.CompletedTask;
        private Checkpointer? _checkpointer;
        private SharedTables? _tables;

        public bool IsIdle => _working.IsCompleted;

        public Task PassAsync() => (_gate = new TaskCompletionSource()).Task;

        public void Start(Func<Task> work)
        {
            _working = work();
            Surface();
        }

        public void Step()
        {
            _gate!.SetResult();
            Surface();
        }

        public async Task TakeAsync(int epoch)
        {
            _checkpointer = New(store, epoch);
            _tables = null;
            var read = await _checkpointer.ReadAsync(CancellationToken.None);
            if (await _checkpointer.ClaimAsync(read?.Header, CancellationToken.None))
            {
                _tables = new SharedTables(read?.Tables ?? new FleetTables());
                foreach (var (stream, position) in read?.Header.Positions ?? new Dictionary<string, StreamPosition>())
                {
                    _tables.Move(stream, position);
                }
            }
        }

        public async Task WriteAsync(ulong cut, Dictionary<ulong, int> failedAt)
        {
            if (_tables is not { } tables)
            {
                return;
            }

            tables.Do(change => Change(change, cut));
            tables.Move("device-state", new StreamPosition(default, cut));
            failedAt[cut] = (int)tables.Ask(ask => ask.CountsOf("hello")!.Failed);
            await _checkpointer!.WriteAsync(tables, CancellationToken.None);
        }

        /// <summary>A few devices of several pages say something else.</summary>
        private static void Change(FleetTables tables, ulong cut)
        {
            if (tables.CountsOf("hello") is null)
            {
                tables.SetDeployment("hello", new DeploymentIntent("uid", [], new ScoreId(1), IsPaused: false, IsBatched: false));
            }

            for (var one = 0; one < 5; one++)
            {
                var id = $"pi-{(cut * 7919 + (ulong)one * 2003) % Devices}";
                tables.SetDevice(id, ImmutableDictionary<string, string>.Empty, isPaused: false);
                tables.Report(Encoding.ASCII.GetBytes(id), "hello"u8, (cut + (ulong)one) % 2 == 0 ? Phase.Failed : Phase.Running, new ScoreId(1), (long)cut);
            }
        }

        /// <summary>What went wrong is the test's to know.</summary>
        private void Surface()
        {
            if (_working.IsFaulted)
            {
                _working.GetAwaiter().GetResult();
            }
        }
    }
}
