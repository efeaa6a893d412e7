using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class A_person_edits_the_file : IDisposable
{
    private static readonly EnvId Prod = Workbench.Env("prod");

    private readonly Workbench _bench = new();
    private readonly List<string> _warnings = [];
    private readonly FileEnvironmentStore _store;

    public A_person_edits_the_file() => _store = new FileEnvironmentStore(_bench.Layout, _bench.Time, _bench.Count) { Warned = warning => _warnings.Add(warning.Message) };

    private string Document => _bench.Path("prod", "environment.json");

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task An_environment_of_the_layout_before_is_imported_at_the_first_change()
    {
        Directory.CreateDirectory(_bench.Path("prod", "audit"));
        File.WriteAllBytes(Document, Documents.Environment.ToFile(Workbench.Fresh("prod") with { Name = "by hand" }));
        File.WriteAllText(_bench.Path("prod", "audit/events.jsonl"), "{\"verb\":\"old\"}\n");
        var before = File.ReadAllBytes(Document);
        (await LoadAsync()).Name.ShouldBe("by hand");
        File.ReadAllBytes(Document).ShouldBe(before);
        Directory.Exists(_bench.Path("prod", "journal")).ShouldBeFalse("reading writes nothing");

        await RenameAsync("2");

        (await _store.HistoryAsync(Prod, 9, null, Workbench.Cancellation)).Value.Select(entry => $"{entry.Generation} {entry.Noun}.{entry.Verb}").ShouldBe(["2 env.update", "1 env.import"]);
        (await _store.LoadAtAsync(Prod, 1, Workbench.Cancellation)).Value.Name.ShouldBe("by hand");
        (await new AuditTrail(_store).VerifyAsync(Prod, Workbench.Cancellation)).Value.ShouldBe(new AuditVerdict(3, 1, null));
        _warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refused_attempt_imports_too_and_the_file_learns_its_generation()
    {
        Directory.CreateDirectory(_bench.Path("prod", ""));
        File.WriteAllBytes(Document, Documents.Environment.ToFile(Workbench.Fresh("prod")));
        (await _bench.CreateAsync("prod", _store)).Refusal.ShouldBeOfType<Refusal.Conflict>();
        Documents.Environment.Parse(File.ReadAllBytes(Document)).Value.EnvGeneration.ShouldBe(1ul);
    }

    [Fact]
    public async Task An_edit_of_the_newest_view_is_a_generation_of_its_own()
    {
        await MakeAsync(3);
        Edit(json => json["name"] = "edited");
        (await LoadAsync()).Name.ShouldBe("edited");

        await RenameAsync("4");

        (await _store.HistoryAsync(Prod, 2, null, Workbench.Cancellation)).Value.Select(entry => $"{entry.Generation} {entry.Noun}.{entry.Verb}").ShouldBe(["5 env.update", "4 env.hand-edit"]);
        (await _store.LoadAtAsync(Prod, 4, Workbench.Cancellation)).Value.Name.ShouldBe("edited");
        _warnings.Single().ShouldContain("edited by hand");
    }

    [Fact]
    public async Task White_space_and_order_are_no_edit()
    {
        await MakeAsync(2);
        var json = JsonNode.Parse(File.ReadAllText(Document))!.AsObject();
        var turned = new JsonObject(json.Reverse().Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
        File.WriteAllText(Document, turned.ToJsonString());
        await RenameAsync("3");
        (await LoadAsync()).EnvGeneration.ShouldBe(3ul);
        _warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_edit_of_an_older_view_is_late_and_stays_in_the_backups()
    {
        await MakeAsync(2);
        var old = File.ReadAllText(Document);
        await RenameAsync("3");
        File.WriteAllText(Document, old);
        (await LoadAsync()).Name.ShouldBe("3");

        await RenameAsync("4");

        (await LoadAsync()).EnvGeneration.ShouldBe(4ul);
        _warnings.Single().ShouldContain("generation 2");
        _bench.Backups("prod", "environment.json").ShouldContain(file => File.ReadAllText(file) == old);
    }

    [Fact]
    public async Task An_edit_that_breaks_a_rule_is_refused_and_left_alone()
    {
        await MakeAsync(2);
        Edit(json => json["schema"] = "greentic.environment.v2");
        var edited = File.ReadAllText(Document);
        (await _store.MutateAsync<string>(Workbench.Intent("prod"), _ => throw new InvalidOperationException(), Workbench.Cancellation))
            .Refusal.ShouldBeOfType<Refusal.StoreFailed>().Details.ShouldContain(new RefusalDetail("rule", "SchemaMismatch"));
        File.ReadAllText(Document).ShouldBe(edited);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"schema\": \"greent")]
    [InlineData(null)]
    public async Task A_damaged_or_missing_view_is_written_again(string? content)
    {
        await MakeAsync(2);
        File.Delete(Document);
        if (content is not null)
        {
            File.WriteAllText(Document, content);
        }

        (await LoadAsync()).Name.ShouldBe("2");
        (await _store.ListAsync(Workbench.Cancellation)).Value.ShouldBe([Prod]);
        (await _store.ExistsAsync(Prod, Workbench.Cancellation)).ShouldBeTrue();
        (await _store.CatchUpAsync(Prod, Workbench.Cancellation)).Value.ShouldBe(2ul);
        Documents.Environment.Parse(File.ReadAllBytes(Document)).Value.Name.ShouldBe("2");
        _warnings.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_file_that_is_newer_than_the_journal_is_refused_until_it_is_repaired()
    {
        await MakeAsync(2);
        Edit(json => (json["env_generation"], json["name"]) = (9, "from elsewhere"));
        var refusal = (await _store.MutateAsync<string>(Workbench.Intent("prod"), _ => throw new InvalidOperationException(), Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.StoreFailed>();
        refusal.Next.ShouldBe("gtc op env repair prod --apply");

        var repair = (await _store.RepairJournalAsync(Prod, apply: true, Workbench.Cancellation)).Value;

        repair.Generation.ShouldBe(10ul);
        await RenameAsync("11");
        (await _store.LoadAtAsync(Prod, 10, Workbench.Cancellation)).Value.Name.ShouldBe("from elsewhere");
        (await LoadAsync()).EnvGeneration.ShouldBe(11ul);
    }

    [Fact]
    public async Task A_worker_with_nothing_but_the_file_reads_it()
    {
        await MakeAsync(2);
        _bench.ForgetJournal("prod");
        File.SetUnixFileMode(_bench.Path("prod", ""), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        (await LoadAsync()).EnvGeneration.ShouldBe(2ul);
        File.SetUnixFileMode(_bench.Path("prod", ""), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await RenameAsync("3");
        (await LoadAsync()).EnvGeneration.ShouldBe(3ul, "the numbers go on when the journal is begun anew");
    }

    private void Edit(Action<JsonNode> edit)
    {
        var json = JsonNode.Parse(File.ReadAllText(Document))!;
        edit(json);
        File.WriteAllText(Document, json.ToJsonString());
    }

    private async Task MakeAsync(int generations)
    {
        for (var number = 1; number <= generations; number++)
        {
            await RenameAsync($"{number}");
        }
    }

    private async Task RenameAsync(string name) => (await _store.MutateAsync<string>(
        Workbench.Intent("prod"),
        context => new Mutation<string>("") { Document = (context.Current ?? Workbench.Fresh("prod")) with { Name = name } },
        Workbench.Cancellation)).IsOk.ShouldBeTrue();

    private async Task<EnvironmentDocument> LoadAsync() => (await _store.LoadAsync(Prod, Workbench.Cancellation)).Value;
}
