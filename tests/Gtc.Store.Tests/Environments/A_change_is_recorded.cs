using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class A_change_is_recorded : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    [Trait("fact", "store:9.9")]
    public async Task A_change_whose_audit_line_cannot_be_written_stands_and_is_reported()
    {
        Directory.CreateDirectory(_bench.Path("prod", ""));
        File.WriteAllText(_bench.Path("prod", "audit"), "in the way");

        var refusal = (await _bench.CreateAsync("prod")).Refusal.ShouldBeOfType<Refusal.AuditFailed>();

        ErrorKinds.Of(refusal).ShouldBe("audit");
        (await _bench.Store.LoadAsync(Workbench.Env("prod"), Workbench.Cancellation)).IsOk.ShouldBeTrue();
    }

    [Fact]
    public async Task A_rejected_attempt_keeps_its_own_reason_when_it_cannot_be_recorded()
    {
        await _bench.CreateAsync("prod");
        Directory.Delete(_bench.Path("prod", "audit"), recursive: true);
        File.WriteAllText(_bench.Path("prod", "audit"), "in the way");

        var refusal = (await _bench.CreateAsync("prod")).Refusal.ShouldBeOfType<Refusal.Conflict>();

        refusal.Details.ShouldContain(detail => detail.Label == "audit" && detail.Value.Contains("not recorded", StringComparison.Ordinal));
    }

    [Theory]
    [Trait("fact", "store:9.10")]
    [InlineData("prod", "local-owner")]
    [InlineData("local", "local-only")]
    public async Task The_right_to_act_is_recorded(string id, string policy)
    {
        await _bench.CreateAsync(id);
        var line = _bench.AuditLines(id).Single();
        line.GetProperty("authorization").GetProperty("decision").GetString().ShouldBe("allow");
        line.GetProperty("authorization").GetProperty("policy").GetString().ShouldBe(policy);
        line.GetProperty("result").GetProperty("outcome").GetString().ShouldBe("ok");
    }

    [Fact]
    [Trait("fact", "store:9.11")]
    public async Task Creating_twice_is_a_conflict_and_two_lines()
    {
        await _bench.CreateAsync("prod");
        (await _bench.CreateAsync("prod")).Refusal.ShouldBeOfType<Refusal.Conflict>();
        var lines = _bench.AuditLines("prod");
        lines.Length.ShouldBe(2);
        lines[1].GetProperty("result").GetRawText().ShouldBe("""{"outcome":"error","kind":"conflict","message":"environment `prod` exists already"}""");
    }

    [Fact]
    [Trait("fact", "store:9.12")]
    public async Task Generations_key_and_a_late_target_are_recorded()
    {
        await _bench.CreateAsync("prod");
        var intent = Workbench.Intent("prod", "env-packs", "update") with { IdempotencyKey = "k1" };
        await _bench.Store.MutateAsync<string>(
            intent,
            _ => new Mutation<string>("") { PreviousGeneration = 0, NewGeneration = 1, Target = new JsonObject { ["slot"] = "secrets" } },
            Workbench.Cancellation);

        var line = _bench.AuditLines("prod")[1];
        line.GetProperty("previous_generation").GetUInt64().ShouldBe(0ul);
        line.GetProperty("new_generation").GetUInt64().ShouldBe(1ul);
        line.GetProperty("idempotency_key").GetString().ShouldBe("k1");
        line.GetProperty("target").GetRawText().ShouldBe("""{"slot":"secrets"}""");
    }

    [Fact]
    public async Task A_refusal_that_counts_as_committed_is_saved_and_recorded_as_an_error()
    {
        await _bench.CreateAsync("prod");
        var outcome = await _bench.Store.MutateAsync<string>(
            Workbench.Intent("prod", "revisions", "warm"),
            context => new Mutation<string>("") { Document = context.Current! with { Name = "saved" }, CommittedRefusal = new Refusal.Conflict("the health gate is closed") },
            Workbench.Cancellation);

        outcome.Refusal.ShouldBeOfType<Refusal.Conflict>();
        (await _bench.Store.LoadAsync(Workbench.Env("prod"), Workbench.Cancellation)).Value.Name.ShouldBe("saved");
        _bench.AuditLines("prod")[1].GetProperty("result").GetProperty("kind").GetString().ShouldBe("conflict");
    }

    [Fact]
    public async Task A_rejected_attempt_on_an_environment_that_never_was_leaves_a_line_and_no_folder()
    {
        var outcome = await _bench.Store.MutateAsync<string>(Workbench.Intent("ghost"), _ => new Refusal.Missing("environment `ghost` does not exist"), Workbench.Cancellation);

        outcome.Refusal.ShouldBeOfType<Refusal.Missing>();
        Directory.Exists(_bench.Path("ghost", "")).ShouldBeFalse();
        var line = Workbench.Lines(_bench.Layout.AuditLog).Single();
        line.GetProperty("env_id").GetString().ShouldBe("ghost");
        line.GetProperty("result").GetProperty("kind").GetString().ShouldBe("not-found");
        (await _bench.Store.ListAsync(Workbench.Cancellation)).Value.ShouldBeEmpty();
    }

    [Fact]
    [Trait("fact", "store:9.7")]
    public async Task A_change_cannot_save_the_document_of_another_environment()
    {
        await _bench.CreateAsync("prod");
        var outcome = await _bench.Store.MutateAsync<string>(Workbench.Intent("prod"), _ => new Mutation<string>("") { Document = Workbench.Fresh("dev") }, Workbench.Cancellation);
        outcome.Refusal.ShouldBeOfType<Refusal.StoreFailed>().Details.ShouldContain(new RefusalDetail("rule", "EnvIdMismatch"));
        (await _bench.Store.ExistsAsync(Workbench.Env("dev"), Workbench.Cancellation)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_root_that_cannot_be_made_is_a_refusal()
    {
        File.WriteAllText(_bench.Folder["environments"], "in the way");
        var refusal = (await _bench.CreateAsync("prod")).Refusal.ShouldBeOfType<Refusal.StoreFailed>();
        refusal.Message.ShouldContain("could not be locked");
        (await _bench.Store.ListAsync(Workbench.Cancellation)).IsOk.ShouldBeFalse();
        (await _bench.Store.LoadAsync(Workbench.Env("prod"), Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.StoreFailed>();
    }

    [Fact]
    public async Task Power_lost_at_any_step_of_a_change_leaves_the_old_document_or_the_new()
    {
        await _bench.CreateAsync("prod");
        await _bench.SaveAsync(Workbench.Fresh("prod") with { Name = "old" });
        var counting = new FaultyCalls();
        (await RenameAsync(_bench.NewStore(counting), "old")).IsOk.ShouldBeTrue();
        var names = new HashSet<string>();
        for (var step = 1; step <= counting.Made.Count; step++)
        {
            await Should.ThrowAsync<PowerLossException>(() => RenameAsync(_bench.NewStore(new FaultyCalls { Step = step }), $"{step}"));

            var found = (await _bench.Store.LoadAsync(Workbench.Env("prod"), Workbench.Cancellation)).Value.Name;
            found.ShouldBeOneOf("old", $"{step}");
            names.Add(found);
            (await RenameAsync(_bench.Store, "old")).IsOk.ShouldBeTrue("the store works on after the crash");
            Workbench.Lines(_bench.Layout.Environment(Workbench.Env("prod")).AuditLog).ShouldNotBeEmpty();
        }

        names.Count.ShouldBeGreaterThan(1, "some crashes came before the rename and some after");
    }

    [Fact]
    public async Task An_error_at_any_step_of_a_change_is_a_refusal()
    {
        await _bench.CreateAsync("prod");
        await _bench.SaveAsync(Workbench.Fresh("prod") with { Name = "old" });
        var counting = new FaultyCalls();
        (await RenameAsync(_bench.NewStore(counting), "old")).IsOk.ShouldBeTrue();
        for (var step = 1; step <= counting.Made.Count; step++)
        {
            var outcome = await RenameAsync(_bench.NewStore(new FaultyCalls { Step = step, Errno = Errno.InputOutput }), $"{step}");

            ErrorKinds.Of(outcome.Refusal.ShouldNotBeNull($"step {step}, {counting.Made[step - 1]}")).ShouldBeOneOf("store", "audit");
            var found = (await _bench.Store.LoadAsync(Workbench.Env("prod"), Workbench.Cancellation)).Value.Name;
            found.ShouldBeOneOf("old", $"{step}");
            if (outcome.Refusal is Refusal.AuditFailed)
            {
                found.ShouldBe($"{step}", "the change stands");
            }

            (await RenameAsync(_bench.Store, "old")).IsOk.ShouldBeTrue();
        }
    }

    private Task<Outcome<string>> RenameAsync(FileEnvironmentStore store, string name)
    {
        // Names of backups do not collide then, so that every round takes the same steps.
        _bench.Time.Now += TimeSpan.FromSeconds(1);
        return store.MutateAsync<string>(
            Workbench.Intent("prod"), context => new Mutation<string>("") { Document = context.Current! with { Name = name } }, Workbench.Cancellation);
    }
}
