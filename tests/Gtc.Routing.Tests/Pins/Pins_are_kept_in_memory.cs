using static Gtc.Routing.Tests.Pins.PinSamples;

namespace Gtc.Routing.Tests.Pins;

public class Pins_are_kept_in_memory
{
    private readonly ManualTime _time = new();
    private readonly MemoryPins _pins;

    public Pins_are_kept_in_memory() => _pins = new MemoryPins(_time, 4);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_one_wins_until_it_ends()
    {
        (await _pins.FindAsync(Key("h"), 1, Cancel)).ShouldBeNull();
        (await _pins.InsertAsync(Key("h"), A, 1, Cancel)).ShouldBe(new PinResult(PinOutcome.Inserted, A));
        _time.Advance(TimeSpan.FromSeconds(3599));
        (await _pins.InsertAsync(Key("h"), B, 1, Cancel)).ShouldBe(new PinResult(PinOutcome.Existing, A));
        (await _pins.FindAsync(Key("h"), 1, Cancel)).ShouldBe(A);
        _time.Advance(TimeSpan.FromSeconds(1));
        (await _pins.FindAsync(Key("h"), 1, Cancel)).ShouldBeNull();
        _pins.Count.ShouldBe(0);
        (await _pins.InsertAsync(Key("h"), B, 1, Cancel)).Outcome.ShouldBe(PinOutcome.Inserted);
    }

    [Fact]
    public async Task A_pin_of_an_earlier_generation_is_dropped_and_one_of_a_later_is_let_be()
    {
        await _pins.InsertAsync(Key("h"), A, 5, Cancel);
        (await _pins.FindAsync(Key("h"), 4, Cancel)).ShouldBeNull();
        (await _pins.InsertAsync(Key("h"), B, 4, Cancel)).ShouldBe(PinResult.Skipped);
        (await _pins.FindAsync(Key("h"), 5, Cancel)).ShouldBe(A);
        (await _pins.FindAsync(Key("h"), 6, Cancel)).ShouldBeNull();
        _pins.Count.ShouldBe(0);
        (await _pins.FindAsync(Key("h"), 5, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task At_the_cap_what_has_ended_goes_and_then_what_would_end_soonest()
    {
        await _pins.InsertAsync(Key("1"), A, 1, Cancel);
        await _pins.InsertAsync(Key("2"), A, 1, Cancel);
        _time.Advance(TimeSpan.FromMinutes(30));
        await _pins.InsertAsync(Key("3"), A, 1, Cancel);
        await _pins.InsertAsync(Key("4"), A, 1, Cancel);
        await _pins.InsertAsync(Key("5"), A, 1, Cancel);
        (await Held("1", "2", "3", "4", "5")).ShouldBe(["2", "3", "4", "5"]);
        _time.Advance(TimeSpan.FromMinutes(30));
        await _pins.InsertAsync(Key("6"), A, 1, Cancel);
        (await Held("2", "3", "4", "5", "6")).ShouldBe(["3", "4", "5", "6"]);
        await _pins.InsertAsync(Key("7"), A, 1, Cancel);
        (await Held("3", "4", "5", "6", "7")).ShouldBe(["4", "5", "6", "7"]);
    }

    [Fact]
    public async Task Sessions_are_apart_by_every_part_of_their_key()
    {
        await _pins.InsertAsync(Key("h"), A, 1, Cancel);
        (await _pins.FindAsync(Key("h", "other"), 1, Cancel)).ShouldBeNull();
        (await _pins.FindAsync(Key("h") with { Environment = Model.EnvId.TryParse("prod", out var prod) ? prod : default }, 1, Cancel)).ShouldBeNull();
        (await _pins.FindAsync(Key("h") with { Deployment = default }, 1, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task What_has_no_hint_or_is_too_long_is_skipped()
    {
        (await _pins.InsertAsync(Key(""), A, 1, Cancel)).ShouldBe(PinResult.Skipped);
        (await _pins.InsertAsync(Key(new string('ä', 129)), A, 1, Cancel)).ShouldBe(PinResult.Skipped);
        (await _pins.InsertAsync(Key("h", new string('x', 257)), A, 1, Cancel)).ShouldBe(PinResult.Skipped);
        (await _pins.InsertAsync(Key(new string('ä', 128)), A, 1, Cancel)).Outcome.ShouldBe(PinOutcome.Inserted);
    }

    [Fact]
    public async Task Its_places_are_used_again_whatever_is_dropped()
    {
        var random = new Random(7);
        var pins = new MemoryPins(_time, 50);
        var model = new List<(string Hint, ulong Generation)>();
        for (var step = 0; step < 20_000; step++)
        {
            var hint = $"{random.Next(120)}";
            var generation = (ulong)random.Next(1, 3);
            model.RemoveAll(pin => pin.Hint == hint && pin.Generation < generation);
            var known = model.FirstOrDefault(pin => pin.Hint == hint);
            if (random.Next(2) == 0)
            {
                (await pins.FindAsync(Key(hint), generation, Cancel)).HasValue.ShouldBe(known.Generation == generation);
                continue;
            }

            var outcome = (await pins.InsertAsync(Key(hint), A, generation, Cancel)).Outcome;
            outcome.ShouldBe(known.Hint is null ? PinOutcome.Inserted : known.Generation == generation ? PinOutcome.Existing : PinOutcome.Skipped);
            if (outcome == PinOutcome.Inserted)
            {
                model.RemoveRange(0, model.Count == 50 ? 1 : 0);
                model.Add((hint, generation));
            }

            pins.Count.ShouldBe(model.Count);
        }
    }

    [Fact]
    public async Task Looking_and_replacing_allocate_nothing()
    {
        var keys = Enumerable.Range(0, 8).Select(number => Key($"{number}")).ToArray();
        foreach (var key in keys)
        {
            await _pins.InsertAsync(key, A, 1, Cancel);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 1000; round++)
        {
            foreach (var key in keys)
            {
                await _pins.InsertAsync(key, A, 1, Cancel);
                await _pins.FindAsync(key, 1, Cancel);
            }
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private async Task<List<string>> Held(params string[] hints)
    {
        var held = new List<string>();
        foreach (var hint in hints)
        {
            if ((await _pins.FindAsync(Key(hint), 1, Cancel)).HasValue)
            {
                held.Add(hint);
            }
        }

        return held;
    }
}
