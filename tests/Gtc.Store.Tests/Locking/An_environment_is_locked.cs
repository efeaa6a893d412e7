using System.Diagnostics;
using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class An_environment_is_locked : IDisposable
{
    private readonly Workbench _bench = new();

    private EnvironmentLayout Prod => _bench.Layout.Environment(Workbench.Env("prod"));

    [Fact]
    public async Task A_network_file_system_is_warned_of_once()
    {
        var warnings = new List<StoreWarning>();
        var store = new FileEnvironmentStore(_bench.Layout, _bench.Time, _bench.Count, new FaultyCalls { IsFarAway = true }) { Warned = warnings.Add };
        await _bench.CreateAsync("prod", store);
        await _bench.CreateAsync("prod", store);
        warnings.Single().Message.ShouldContain("network file system");
        LinuxFileCalls.Instance.IsRemote("/proc").ShouldBeFalse();
        LinuxFileCalls.Instance.IsRemote("/nowhere").ShouldBeFalse();
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    [Trait("fact", "store:9.6")]
    public void A_lock_that_is_held_is_not_given_twice()
    {
        using (var first = EnvironmentLock.TryTake(Prod, _bench.Count).Value)
        {
            first.ShouldNotBeNull();
            EnvironmentLock.TryTake(Prod, _bench.Count).Value.ShouldBeNull();
        }

        using var again = EnvironmentLock.TryTake(Prod, _bench.Count).Value;
        again.ShouldNotBeNull();
    }

    [Fact]
    [Trait("fact", "store:9.6")]
    public async Task A_change_waits_for_the_lock_and_then_sees_what_the_holder_did()
    {
        await _bench.CreateAsync("prod");
        var held = EnvironmentLock.TryTake(Prod, _bench.Count).Value!;
        var waiting = _bench.Store.MutateAsync<string>(
            Workbench.Intent("prod"), context => new Mutation<string>(context.Current!.Name), Workbench.Cancellation);
        waiting.IsCompleted.ShouldBeFalse();

        File.WriteAllBytes(Prod.Document, Documents.Environment.ToFile(Workbench.Fresh("prod") with { Name = "renamed" }));
        held.Dispose();

        (await waiting).Value.ShouldBe("renamed");
    }

    [Fact]
    public async Task Waiting_can_be_cancelled_and_leaves_the_lock_free()
    {
        await _bench.CreateAsync("prod");
        var held = EnvironmentLock.TryTake(Prod, _bench.Count).Value!;
        using var source = new CancellationTokenSource();
        var waiting = _bench.Store.MutateAsync<string>(Workbench.Intent("prod"), _ => throw new InvalidOperationException("it must not run"), source.Token);
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);

        held.Dispose();

        // The thread that waited may get the lock first; it gives it up at once, so a change gets through.
        (await _bench.SaveAsync(Workbench.Fresh("prod"))).Name.ShouldBe("prod");
    }

    [Fact]
    public async Task A_killed_holder_leaves_the_lock_free()
    {
        await _bench.CreateAsync("prod");
        using var holder = Hold(Prod.Lock);
        (await holder.StandardOutput.ReadLineAsync(Workbench.Cancellation)).ShouldBe("held");
        EnvironmentLock.TryTake(Prod, _bench.Count).Value.ShouldBeNull();

        holder.Kill(entireProcessTree: true);
        await holder.WaitForExitAsync(Workbench.Cancellation);

        (await _bench.SaveAsync(Workbench.Fresh("prod"))).Name.ShouldBe("prod");
    }

    [Fact]
    public async Task A_lock_file_that_was_removed_meanwhile_is_not_mistaken_for_the_present_one()
    {
        var atomic = new AtomicFile(_bench.Count);
        var first = await EnvironmentLock.TakeAsync(Prod, atomic, Workbench.Cancellation);
        var second = EnvironmentLock.TakeAsync(Prod, atomic, Workbench.Cancellation);
        first.RemoveStrayFolder();
        Directory.Exists(Prod.Folder).ShouldBeFalse();
        first.Dispose();

        using var taken = await second;

        EnvironmentLock.TryTake(Prod, _bench.Count).Value.ShouldBeNull("the second holds the lock of the file that is there now");
    }

    [Fact]
    public async Task Changes_from_many_places_at_once_lose_nothing()
    {
        const int Writers = 4;
        const int Each = 10;
        await _bench.CreateAsync("prod");
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                // Every second writer has a store of its own, as another process would.
                var store = writer % 2 == 0 ? _bench.Store : _bench.NewStore();
                for (var round = 0; round < Each; round++)
                {
                    (await store.MutateAsync<string>(Workbench.Intent("prod"), Append, Workbench.Cancellation)).IsOk.ShouldBeTrue();
                }
            },
            Workbench.Cancellation)));

        var document = (await _bench.Store.LoadAsync(Workbench.Env("prod"), Workbench.Cancellation)).Value;
        document.Name.ShouldBe("prod" + new string('+', Writers * Each));
        _bench.AuditLines("prod").Length.ShouldBe(1 + (Writers * Each));
        _bench.Backups("prod", "environment.json").Length.ShouldBe(Writers * Each);
    }

    [Fact]
    public async Task Rejected_attempts_beside_a_creation_do_not_disturb_it()
    {
        for (var round = 0; round < 20; round++)
        {
            var id = $"env{round}";
            var rejected = Enumerable.Range(0, 3).Select(_ => Task.Run(
                () => _bench.NewStore().MutateAsync<string>(Workbench.Intent(id), _ => new Refusal.Conflict("no"), Workbench.Cancellation),
                Workbench.Cancellation));
            var created = Task.Run(() => _bench.CreateAsync(id, _bench.NewStore()), Workbench.Cancellation);
            await Task.WhenAll(rejected);

            (await created).IsOk.ShouldBeTrue();
            (await _bench.Store.LoadAsync(Workbench.Env(id), Workbench.Cancellation)).IsOk.ShouldBeTrue();
        }
    }

    private static Outcome<Mutation<string>> Append(MutationContext context) =>
        new Mutation<string>("done") { Document = context.Current! with { Name = context.Current.Name + "+" } };

    private static Process Hold(string path) =>
        Process.Start(new ProcessStartInfo("flock", ["-x", path, "sh", "-c", "echo held; exec sleep 600"]) { RedirectStandardOutput = true })!;
}
