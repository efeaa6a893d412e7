using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class The_runtime_config_follows : IDisposable
{
    private static readonly DeploymentId Deployment = new(Ulid.From(DateTimeOffset.UnixEpoch, new byte[10]));

    private static readonly RevisionId Revision = new(Ulid.From(DateTimeOffset.UnixEpoch, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));

    private readonly Workbench _bench = new();

    private string File => _bench.Path("prod", "runtime-config.json");

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_split_is_projected_and_read_back()
    {
        await _bench.SaveAsync(Routed(), refreshes: true);
        var config = Load().Value;
        var block = config.Revisions.Single();
        block.RevisionId.ShouldBe(Revision);
        block.WeightBps.ShouldBe(10_000u);
        block.PackListRefs.ShouldBe([$"revisions/{Revision}/pack-list.lock"]);
    }

    [Fact]
    public async Task A_config_that_says_the_same_already_is_left_alone()
    {
        await _bench.SaveAsync(Routed(), refreshes: true);
        System.IO.File.WriteAllText(File, System.IO.File.ReadAllText(File).Replace("  ", "    ", StringComparison.Ordinal));
        var before = System.IO.File.ReadAllText(File);

        await _bench.SaveAsync(Routed(), refreshes: true);

        System.IO.File.ReadAllText(File).ShouldBe(before);
        _bench.Backups("prod", "runtime-config.json").ShouldBeEmpty();
    }

    [Fact]
    [Trait("fact", "store:9.17")]
    public async Task Without_a_split_the_file_goes_and_a_replay_brings_a_deleted_one_back()
    {
        await _bench.SaveAsync(Routed(), refreshes: true);
        System.IO.File.Delete(File);
        var replay = await _bench.Store.MutateAsync<string>(Workbench.Intent("prod"), _ => new Mutation<string>("") { RefreshesRuntimeConfig = true }, Workbench.Cancellation);
        replay.IsOk.ShouldBeTrue();
        System.IO.File.Exists(File).ShouldBeTrue();

        await _bench.SaveAsync(Routed() with { TrafficSplits = [] }, refreshes: true);

        System.IO.File.Exists(File).ShouldBeFalse();
        _bench.Backups("prod", "runtime-config.json").Length.ShouldBe(1);
        Load().Value.Revisions.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_projection_that_fails_after_the_save_is_reported_and_the_change_stands()
    {
        await _bench.CreateAsync("prod");
        Directory.CreateDirectory(System.IO.Path.Combine(File, "in the way"));

        var outcome = await _bench.Store.MutateAsync<string>(
            Workbench.Intent("prod"), _ => new Mutation<string>("") { Document = Routed(), RefreshesRuntimeConfig = true }, Workbench.Cancellation);

        outcome.Refusal.ShouldBeOfType<Refusal.StoreFailed>().Message.ShouldContain("runtime-config.json");
        (await _bench.Store.LoadAsync(Workbench.Env("prod"), Workbench.Cancellation)).Value.TrafficSplits.Length.ShouldBe(1);
        _bench.AuditLines("prod")[^1].GetProperty("result").GetProperty("outcome").GetString().ShouldBe("error");
    }

    [Fact]
    public async Task A_config_that_cannot_be_served_is_a_refusal_with_its_file()
    {
        await _bench.SaveAsync(Routed(), refreshes: true);
        System.IO.File.WriteAllText(File, System.IO.File.ReadAllText(File).Replace("10000", "9999", StringComparison.Ordinal));
        Load().Refusal.ShouldBeOfType<Refusal.StoreFailed>().Details.ShouldContain(new RefusalDetail("file", File));
        System.IO.File.WriteAllText(File, "{");
        Load().Refusal.ShouldBeOfType<Refusal.StoreFailed>().Details.ShouldContain(new RefusalDetail("file", File));
        await _bench.SaveAsync(Routed(), refreshes: true);
        Load().IsOk.ShouldBeTrue("a broken file is replaced");
    }

    private Outcome<RuntimeConfig> Load() => new RuntimeConfigFile(_bench.Store.Files(Workbench.Env("prod"))).Load();

    internal static EnvironmentDocument Routed()
    {
        var document = DeploymentVerbs.Add(Workbench.Fresh("prod"), new AddDeployment
        {
            DeploymentId = Deployment,
            BundleId = "main",
            CustomerId = "acme",
            RouteBinding = new RouteBinding { PathPrefixes = ["/"], TenantSelector = TenantSelector.Default },
            RevenueShare = [new RevenueShareEntry { PartyId = "greentic", BasisPoints = 10_000 }],
        }, DateTimeOffset.UnixEpoch).Value.Document;
        document = RevisionVerbs.Stage(document, new StageRevision
        {
            RevisionId = Revision,
            DeploymentId = Deployment,
            BundleDigest = Sha256Digest.Prefix + new string('a', 64),
            BundleSourceUri = "http://127.0.0.1:8090/bundle.gtbundle",
            PackList = ImmutableArray<PackListEntry>.Empty,
            PackListLockRef = $"revisions/{Revision}/pack-list.lock",
        }, DateTimeOffset.UnixEpoch).Value.Document;
        document = RevisionVerbs.Warm(document, Revision, HealthGate.Passed, DateTimeOffset.UnixEpoch).Value.Document;
        return TrafficVerbs.Set(document, new SetTraffic
        {
            DeploymentId = Deployment,
            Entries = [new TrafficShare { RevisionId = Revision, WeightBps = 10_000 }],
            UpdatedBy = "operator",
            IdempotencyKey = "k1",
        }, DateTimeOffset.UnixEpoch).Value.Document;
    }
}
