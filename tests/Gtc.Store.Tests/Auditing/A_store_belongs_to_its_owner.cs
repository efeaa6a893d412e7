using System.Diagnostics;
using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class A_store_belongs_to_its_owner : IDisposable
{
    private const uint Stranger = 4711;

    private static readonly EnvId Prod = Workbench.Env("prod");

    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("prod", "local-owner")]
    [InlineData("local", "local-only")]
    public async Task Another_user_is_denied_before_the_change_runs_and_the_denial_is_recorded(string id, string policy)
    {
        await _bench.CreateAsync(id);
        await _bench.Store.MutateAsync<string>(Workbench.Intent("ghost"), _ => new Refusal.Missing("no"), Workbench.Cancellation);
        var before = Directory.GetFiles(_bench.Path(id, ""), "*", SearchOption.AllDirectories).Select(file => (file, Convert.ToHexString(File.ReadAllBytes(file)))).Order().ToList();
        var hasRun = false;

        var refusal = (await StrangersStore().MutateAsync<string>(Workbench.Intent(id), context =>
        {
            hasRun = true;
            return new Mutation<string>("") { Document = context.Current };
        }, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.Unauthorized>();

        ErrorKinds.Of(refusal).ShouldBe("unauthorized");
        hasRun.ShouldBeFalse();
        Directory.GetFiles(_bench.Path(id, ""), "*", SearchOption.AllDirectories).Select(file => (file, Convert.ToHexString(File.ReadAllBytes(file)))).Order().ToList().ShouldBe(before);
        var line = Workbench.Lines(_bench.Layout.AuditLog)[^1];
        line.GetProperty("authorization").GetProperty("decision").GetString().ShouldBe("deny");
        line.GetProperty("authorization").GetProperty("policy").GetString().ShouldBe(policy);
        line.GetProperty("result").GetProperty("kind").GetString().ShouldBe("unauthorized");
        (await AuditFile.VerifyAsync([_bench.Layout.AuditLog], Workbench.Cancellation)).Value.IsSound.ShouldBeTrue();
    }

    [Fact]
    public async Task Another_user_makes_nothing_in_the_store_not_even_a_log()
    {
        await _bench.CreateAsync("prod");
        var store = StrangersStore();
        foreach (var attempt in new[] { await _bench.CreateAsync("other", store), await _bench.CreateAsync("prod", store) })
        {
            var refusal = attempt.Refusal.ShouldBeOfType<Refusal.Unauthorized>();
            refusal.Details.ShouldContain(detail => detail.Label == "audit");
            refusal.Details.ShouldContain(detail => detail.Value == $"uid {Stranger}");
        }

        (await store.DestroyAsync(Prod, force: true, Workbench.Intent("prod", "env", "destroy"), reviewed: null, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.Unauthorized>();
        (await store.RepairJournalAsync(Prod, apply: true, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.Unauthorized>();
        Directory.GetFileSystemEntries(_bench.Layout.Root).ShouldBe([_bench.Layout.Environment(Prod).Folder]);
        (await store.LoadAsync(Prod, Workbench.Cancellation)).IsOk.ShouldBeTrue("reading is the file system's to allow");
    }

    [Fact]
    public async Task A_store_that_is_not_there_yet_belongs_to_who_makes_it()
    {
        (await _bench.CreateAsync("prod", StrangersStore())).IsOk.ShouldBeTrue();
        _bench.AuditLines("prod")[0].GetProperty("authorization").GetProperty("decision").GetString().ShouldBe("allow");
    }

    [Fact]
    public async Task The_owner_of_a_file_is_read()
    {
        var path = _bench.Folder["file"];
        await File.WriteAllTextAsync(path, "", Workbench.Cancellation);
        LinuxFileCalls.Instance.Status(path, followLinks: true)!.Value.Owner.ShouldBe(LinuxFileCalls.Instance.EffectiveUser);
        if (LinuxFileCalls.Instance.EffectiveUser == 0)
        {
            using var chown = Process.Start("chown", ["4711:4712", path]);
            await chown.WaitForExitAsync(Workbench.Cancellation);
            LinuxFileCalls.Instance.Status(path, followLinks: true)!.Value.Owner.ShouldBe(Stranger);
        }
    }

    private FileEnvironmentStore StrangersStore() => _bench.NewStore(new FaultyCalls { EffectiveUser = Stranger });
}
