using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed partial class A_retry_is_answered_as_the_first_time : IDisposable
{
    private static readonly EnvId Prod = Workbench.Env("prod");

    private readonly Workbench _bench = new();
    private int _runs;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task The_answer_is_the_same_and_nothing_is_changed_or_recorded()
    {
        await _bench.CreateAsync("prod");
        var first = (await AddAsync(_bench.Store, "k1", "x")).Value;
        var lines = _bench.AuditLines("prod").Length;
        foreach (var store in new[] { _bench.Store, _bench.NewStore() })
        {
            (await AddAsync(store, "k1", "x")).Value.ShouldBe(first);
        }

        _runs.ShouldBe(1);
        _bench.AuditLines("prod").Length.ShouldBe(lines);
        (await _bench.Store.LoadAsync(Prod, Workbench.Cancellation)).Value.EnvGeneration.ShouldBe(2ul);
    }

    [Fact]
    public async Task The_same_key_for_something_else_is_a_conflict_that_says_what_it_was_for()
    {
        await _bench.CreateAsync("prod");
        await AddAsync(_bench.Store, "k1", "x");
        var refusal = (await AddAsync(_bench.Store, "k1", "y")).Refusal.ShouldBeOfType<Refusal.Conflict>();
        refusal.Message.ShouldContain("k1");
        refusal.Details.ShouldContain(new RefusalDetail("used by", "bundles add"));
        (await AddAsync(_bench.Store, "k1", "x", verb: "remove")).Refusal.ShouldBeOfType<Refusal.Conflict>();
        _runs.ShouldBe(1);
    }

    [Fact]
    public async Task Two_at_once_run_once()
    {
        await _bench.CreateAsync("prod");
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => AddAsync(_bench.Store, "k1", "x"))));
        both[0].Value.ShouldBe(both[1].Value);
        _runs.ShouldBe(1);
    }

    [Fact]
    public async Task An_attempt_that_changed_nothing_is_tried_again()
    {
        (await AddAsync(_bench.Store, "k1", "x")).Refusal.ShouldBeOfType<Refusal.Missing>();
        await _bench.CreateAsync("prod");
        (await AddAsync(_bench.Store, "k1", "x")).IsOk.ShouldBeTrue();
    }

    [Fact]
    public async Task A_refusal_that_stands_is_refused_again_in_the_same_words()
    {
        await _bench.CreateAsync("prod");
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var outcome = await _bench.NewStore().MutateAsync(
                Intent("k1", "x", "warm"),
                Answers.Default.Answer,
                context =>
                {
                    _runs++;
                    return new Mutation<Answer>(new Answer("", 0))
                    {
                        Document = context.Current,
                        CommittedRefusal = new Refusal.Conflict("the gate is closed") { Details = [new("gate", "runtime-config")], Next = "gtc doctor" },
                    };
                },
                Workbench.Cancellation);
            var refusal = outcome.Refusal.ShouldBeOfType<Refusal.Conflict>();
            refusal.Message.ShouldBe("the gate is closed");
            refusal.Details.ShouldBe([new RefusalDetail("gate", "runtime-config")]);
            refusal.Next.ShouldBe("gtc doctor");
        }

        _runs.ShouldBe(1);
    }

    [Fact]
    public async Task Only_the_newest_keys_are_remembered()
    {
        var ledger = new ReplayLedger();
        for (var key = 0; key <= ReplayLedger.MaxKeys; key++)
        {
            ledger.Add($"k{key}", key + 1);
        }

        ledger.Find("k0").ShouldBeNull();
        ledger.Find("k1").ShouldBe(2);
        await _bench.CreateAsync("prod");
        await AddAsync(_bench.Store, "awkward \" key \\ é", "x");
        (await AddAsync(_bench.NewStore(), "awkward \" key \\ é", "x")).IsOk.ShouldBeTrue();
        _runs.ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_of_a_killed_writer_is_flushed_before_it_is_given_again()
    {
        await _bench.CreateAsync("prod");
        await AddAsync(_bench.Store, "k1", "x");
        var calls = new FaultyCalls();
        await AddAsync(_bench.NewStore(calls), "k1", "x");
        calls.Made.ShouldContain("fdatasync");
    }

    [Fact]
    public async Task A_stale_generation_is_refused()
    {
        await _bench.CreateAsync("prod");
        var intent = Workbench.Intent("prod") with { ExpectedGeneration = 7 };
        var refusal = (await _bench.Store.MutateAsync<string>(intent, _ => throw new InvalidOperationException("it must not run"), Workbench.Cancellation))
            .Refusal.ShouldBeOfType<Refusal.StaleWrite>();
        (refusal.Expected, refusal.Actual).ShouldBe((7, 1));
    }

    private static MutationIntent Intent(string key, string request, string verb) => new(Prod, "bundles", verb, new JsonObject { ["bundle_id"] = "b" })
    {
        IdempotencyKey = key,
        Request = JsonDocument.Parse($$"""{"v":"{{request}}"}""").RootElement,
    };

    private Task<Outcome<Answer>> AddAsync(FileEnvironmentStore store, string key, string request, string verb = "add") => store.MutateAsync(
        Intent(key, request, verb),
        Answers.Default.Answer,
        context =>
        {
            if (context.Current is not { } current)
            {
                return new Refusal.Missing("no environment");
            }

            _runs++;
            return new Mutation<Answer>(new Answer(context.NewUlid().ToString(), context.NextGeneration)) { Document = current with { Name = current.Name + "+" } };
        },
        Workbench.Cancellation);

    public sealed record Answer(string Id, ulong Generation);

    [JsonSourceGenerationOptions(WriteIndented = true)]
    [JsonSerializable(typeof(Answer))]
    private sealed partial class Answers : JsonSerializerContext;
}
