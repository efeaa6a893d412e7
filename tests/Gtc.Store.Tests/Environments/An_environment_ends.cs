using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class An_environment_ends : IDisposable
{
    private static readonly EnvId Prod = Workbench.Env("prod");

    private readonly List<Workbench> _benches = [];

    private const int PowerLoss = 0;

    public static TheoryData<int> Faults => [PowerLoss, Errno.InputOutput, Errno.NoSpace];

    public void Dispose() => _benches.ForEach(bench => bench.Dispose());

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Stopped_at_any_call_it_is_there_whole_or_is_gone_and_the_next_destroy_finishes(int errno)
    {
        var counted = await PreparedAsync();
        counted.Calls.Made.Clear();
        (await DestroyAsync(counted.Store)).IsOk.ShouldBeTrue();
        var ends = new HashSet<bool>();
        for (var step = 1; step <= counted.Calls.Made.Count; step++)
        {
            var (bench, store, calls) = await PreparedAsync();
            (calls.Errno, calls.Step) = (errno == PowerLoss ? null : errno, calls.Made.Count + step);
            if (errno == PowerLoss)
            {
                await Should.ThrowAsync<PowerLossException>(() => DestroyAsync(store));
            }
            else
            {
                await DestroyAsync(store);
            }

            var next = bench.NewStore();
            var isThere = await next.ExistsAsync(Prod, Workbench.Cancellation);
            ends.Add(isThere);
            if (isThere)
            {
                (await next.LoadAsync(Prod, Workbench.Cancellation)).Value.Name.ShouldBe("1");
                (await next.CatchUpAsync(Prod, Workbench.Cancellation)).IsOk.ShouldBeTrue();
                (await new AuditTrail(next).VerifyAsync(Prod, Workbench.Cancellation)).Value.Broken.ShouldBeNull();
                File.Exists(bench.Path("prod", ".greentic/dev/.dev.secrets.env")).ShouldBeTrue();
            }

            bench.Time.Now += TimeSpan.FromSeconds(1);
            var finished = await DestroyAsync(next);
            finished.Match(_ => "ok", refusal => refusal is Refusal.Missing ? "missing" : refusal.Message).ShouldBeOneOf("ok", isThere ? "ok" : "missing");
            Directory.Exists(bench.Path("prod", "")).ShouldBeFalse($"step {step}");
            foreach (var folder in Directory.GetDirectories(bench.Layout.Destroyed))
            {
                Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).ShouldBe(["audit"], $"step {step}");
                (await AuditFile.VerifyAsync([Path.Combine(folder, "audit", "events.jsonl")], Workbench.Cancellation)).Value.Broken.ShouldBeNull();
            }
        }

        ends.ShouldBe([true, false], ignoreOrder: true);
    }

    [Fact]
    public async Task Links_in_its_folder_are_removed_and_not_followed()
    {
        var (bench, store, _) = await PreparedAsync();
        var outside = Directory.CreateDirectory(bench.Folder["outside"]).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "precious"), "x", Workbench.Cancellation);
        Directory.CreateSymbolicLink(bench.Path("prod", "link"), outside);
        (await DestroyAsync(store)).Value.Deleted.ShouldContain("link");
        File.Exists(Path.Combine(outside, "precious")).ShouldBeTrue();
    }

    [Fact]
    public async Task Its_id_is_free_again_at_once_for_the_same_store()
    {
        var (bench, store, _) = await PreparedAsync();
        (await DestroyAsync(store)).IsOk.ShouldBeTrue();
        (await bench.CreateAsync("prod", store)).IsOk.ShouldBeTrue();
        (await store.HistoryAsync(Prod, 10, null, Workbench.Cancellation)).Value.Length.ShouldBe(1);
        (await DestroyAsync(store)).IsOk.ShouldBeTrue("two of one instant have two names");
        Directory.GetDirectories(bench.Layout.Destroyed).Length.ShouldBe(2);
    }

    [Fact]
    public async Task One_that_was_changed_since_it_was_looked_at_stays()
    {
        var (bench, store, _) = await PreparedAsync();
        var seen = (await store.LoadAsync(Prod, Workbench.Cancellation)).Value;
        (await store.MutateAsync<string>(Workbench.Intent("prod"), context => new Mutation<string>("") { Document = context.Current! with { Name = "Ada" } }, Workbench.Cancellation)).IsOk.ShouldBeTrue();
        var refused = (await EndAsync(seen)).Refusal.ShouldBeOfType<Refusal.Conflict>();
        refused.Message.ShouldBe("environment `prod` was changed by somebody else meanwhile; nothing was done");
        var now = (await store.LoadAsync(Prod, Workbench.Cancellation)).Value;
        now.Name.ShouldBe("Ada");
        (await EndAsync(now)).IsOk.ShouldBeTrue();

        Task<Outcome<DestroyedEnvironment>> EndAsync(EnvironmentDocument reviewed) =>
            store.DestroyAsync(Prod, force: false, Workbench.Intent("prod", "env", "destroy"), reviewed, Workbench.Cancellation);
    }

    [Fact]
    public async Task What_another_environment_left_is_not_touched()
    {
        var (bench, store, _) = await PreparedAsync();
        var other = Directory.CreateDirectory(Path.Combine(bench.Layout.Destroyed, "prod-eu-20261120T1402030000000Z")).FullName;
        await File.WriteAllTextAsync(Path.Combine(other, "environment.json"), "{}", Workbench.Cancellation);
        (await DestroyAsync(store)).IsOk.ShouldBeTrue();
        File.Exists(Path.Combine(other, "environment.json")).ShouldBeTrue();
    }

    [Fact]
    public async Task Writers_that_wait_for_it_find_it_gone_and_leave_nothing_behind()
    {
        var (bench, store, _) = await PreparedAsync();
        var others = Enumerable.Range(0, 4).Select(_ => bench.NewStore()).ToList();
        var renames = Enumerable.Range(0, 40).Select(number => Task.Run(() => others[number % 4].MutateAsync<string>(
            Workbench.Intent("prod"),
            context => context.Current is { } document ? new Mutation<string>("") { Document = document with { Name = $"{number}" } } : new Refusal.Missing("gone"),
            Workbench.Cancellation))).ToList();
        (await DestroyAsync(store)).IsOk.ShouldBeTrue();
        foreach (var outcome in await Task.WhenAll(renames))
        {
            (outcome.IsOk || outcome.Refusal is Refusal.Missing).ShouldBeTrue(outcome.Refusal?.Message);
        }

        Directory.Exists(bench.Path("prod", "")).ShouldBeFalse();
        var archive = Directory.GetDirectories(bench.Layout.Destroyed).Single();
        (await AuditFile.VerifyAsync([Path.Combine(archive, "audit", "events.jsonl")], Workbench.Cancellation)).Value.Broken.ShouldBeNull();
        Workbench.Lines(Path.Combine(archive, "audit", "events.jsonl"))[^1].GetProperty("verb").GetString().ShouldBe("destroy");
    }

    private static Task<Outcome<DestroyedEnvironment>> DestroyAsync(FileEnvironmentStore store) =>
        store.DestroyAsync(Prod, force: false, Workbench.Intent("prod", "env", "destroy"), reviewed: null, Workbench.Cancellation);

    private async Task<(Workbench Bench, FileEnvironmentStore Store, FaultyCalls Calls)> PreparedAsync()
    {
        var (bench, calls) = (new Workbench(), new FaultyCalls());
        _benches.Add(bench);
        var store = bench.NewStore(calls);
        for (var number = 0; number < 2; number++)
        {
            (await store.MutateAsync<string>(Workbench.Intent("prod"), _ => new Mutation<string>("") { Document = Workbench.Fresh("prod") with { Name = $"{number}" } }, Workbench.Cancellation)).IsOk.ShouldBeTrue();
        }

        Directory.CreateDirectory(bench.Path("prod", ".greentic/dev"));
        await File.WriteAllTextAsync(bench.Path("prod", ".greentic/dev/.dev.secrets.env"), "secret", Workbench.Cancellation);
        return (bench, store, calls);
    }
}
