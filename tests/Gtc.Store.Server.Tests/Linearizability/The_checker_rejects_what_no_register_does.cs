using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Store.Server.Tests.Linearizability;

public sealed class The_checker_rejects_what_no_register_does
{
    private static readonly Register Start = new(1, "start");

    [Fact]
    public void An_order_that_explains_everything_is_found()
    {
        Is(Write(0, 10, "a", 2), Read(1, 2, 1, "start"), Read(3, 4, 2, "a"), Read(11, 12, 2, "a")).ShouldBeTrue();
        Is(Write(0, 10, "a", 3), Write(0, 10, "b", 2), Read(5, 6, 2, "b")).ShouldBeTrue();
        Is(Write(0, 10, "a", 2, expects: "start"), Refused(0, 10, "b", 2, expects: "start")).ShouldBeTrue();
    }

    [Fact]
    public void A_stale_read_is_found() => Is(Write(0, 1, "a", 2), Read(2, 3, 1, "start")).ShouldBeFalse();

    [Fact]
    public void A_read_that_goes_back_is_found() => Is(Write(0, 10, "a", 2), Read(1, 2, 2, "a"), Read(3, 4, 1, "start")).ShouldBeFalse();

    [Fact]
    public void A_lost_write_is_found() => Is(Write(0, 1, "a", 2), Write(2, 3, "b", 2)).ShouldBeFalse();

    [Fact]
    public void A_write_that_was_done_twice_is_found() => Is(Write(0, 1, "a", 2), Read(2, 3, 3, "a")).ShouldBeFalse();

    [Fact]
    public void Two_that_both_won_are_found() => Is(Write(0, 10, "a", 2, expects: "start"), Write(0, 10, "b", 3, expects: "start")).ShouldBeFalse();

    [Fact]
    public void A_refusal_without_a_reason_is_found() => Is(Refused(0, 1, "a", 1, expects: "start")).ShouldBeFalse();

    [Fact]
    public void What_was_not_answered_may_be_done_late_or_never_but_not_undone()
    {
        var unknown = new Operation { Began = 0, Ended = Operation.Never, Writes = "a" };
        Is(unknown, Read(1, 2, 1, "start")).ShouldBeTrue();
        Is(unknown, Read(1, 2, 1, "start"), Read(3, 4, 2, "a")).ShouldBeTrue();
        Is(unknown, Read(1, 2, 2, "a"), Read(3, 4, 1, "start")).ShouldBeFalse();
        Is(unknown with { Began = 5 }, Read(1, 2, 2, "a")).ShouldBeFalse();
        Is(unknown with { Expects = "other" }, Read(1, 2, 2, "a")).ShouldBeFalse();
    }

    [Fact]
    public void Every_history_of_a_real_register_is_taken_and_one_wrong_answer_is_not() => Prop.ForAll(
        ArbMap.Default.ArbFor<int>(),
        seed =>
        {
            var random = new Random(seed);
            var history = Simulate(random, clients: 4, operations: 40);
            Is([.. history]).ShouldBeTrue();
            var wrong = random.Next(history.Count);
            history[wrong] = history[wrong] with { Saw = new Register(history[wrong].Saw!.Value.Generation + 100, "nobody wrote this") };
            Is([.. history]).ShouldBeFalse();
        }).QuickCheckThrowOnFailure();

    /// <summary>Clients that call a register at once: each call takes effect at a random instant between its begin and its end.</summary>
    private static List<Operation> Simulate(Random random, int clients, int operations)
    {
        var register = Start;
        var history = new List<Operation>();
        var instants = Enumerable.Range(0, operations).Select(index => (At: (index * 10L) + 5, Client: index % clients, Early: random.Next(1, 5 * clients), Late: random.Next(1, 5 * clients)));
        foreach (var (at, client, early, late) in instants)
        {
            var call = new Operation { Began = at - early, Ended = at + late };
            call = random.Next(3) switch
            {
                0 => call with { Saw = register },
                1 => call with { Writes = $"w{at}", Saw = new Register(register.Generation + 1, "") },
                _ => call with { Writes = $"w{at}", Expects = random.Next(2) == 0 ? register.Name : "other" },
            };
            if (call.Expects is { } expected)
            {
                call = expected == register.Name ? call with { Saw = new Register(register.Generation + 1, "") } : call with { Saw = new Register(register.Generation, ""), IsRefused = true };
            }

            register = call.Apply(register)!.Value;
            history.Add(call);
        }

        return history;
    }

    private static bool Is(params Operation[] operations) => HistoryCheck.IsLinearizable(Start, operations);

    private static Operation Read(long began, long ended, long generation, string name) => new() { Began = began, Ended = ended, Saw = new Register(generation, name) };

    private static Operation Write(long began, long ended, string name, long generation, string? expects = null) =>
        new() { Began = began, Ended = ended, Writes = name, Expects = expects, Saw = new Register(generation, name) };

    private static Operation Refused(long began, long ended, string name, long generation, string expects) =>
        new() { Began = began, Ended = ended, Writes = name, Expects = expects, Saw = new Register(generation, ""), IsRefused = true };
}
