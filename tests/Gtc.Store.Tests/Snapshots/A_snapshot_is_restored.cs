using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class A_snapshot_is_restored : IDisposable
{
    private static readonly EnvId Prod = Workbench.Env("prod");

    private readonly Workbench _bench = new();

    private EnvironmentSnapshots Snapshots => new(_bench.NewStore(), Unchecked);

    private static Outcome<EnvironmentDocument> Unchecked(EnvironmentDocument present, EnvironmentDocument restored, MutationContext change) => restored;

    public void Dispose() => _bench.Dispose();

    [Fact, Trait("fact", "store:9.15")]
    public async Task Document_secrets_answers_and_messaging_come_back_and_trusted_keys_do_not()
    {
        var routed = The_runtime_config_follows.Routed();
        await _bench.SaveAsync(routed, refreshes: true);
        Put(".greentic/dev/.dev.secrets.env", "SECRETS_BACKEND_STATE=before\n");
        Put("env-packs/deployer/answers.json", """{"a":1}""");
        Put("messaging/01J00000000000000000000001.json", "{\"one\":1}");
        Put("trust-root.json", "before");
        var config = Read("runtime-config.json");
        var made = (await Snapshots.CreateAsync(Prod, Workbench.Cancellation)).Value;
        (made.Generation, made.CreatedAt).ShouldBe((1ul, _bench.Time.Now));

        await _bench.SaveAsync(routed with { Name = "later", TrafficSplits = [] }, refreshes: true);
        Put(".greentic/dev/.dev.secrets.env", "SECRETS_BACKEND_STATE=after\n");
        Put("env-packs/deployer/answers.json", """{"a":2}""");
        Put("env-packs/state/answers.json", "{}");
        Put("messaging/01J00000000000000000000001.json", "{\"one\":2}");
        Put("messaging/01J00000000000000000000002.json", "{}");
        Put("messaging/index.json", "[]");
        Put("trust-root.json", "after");

        var done = (await Snapshots.RestoreAsync(Prod, made.Id, "k", Workbench.Cancellation)).Value;
        done.Generation.ShouldBe(3ul);
        done.Removed.ShouldBe(["env-packs/state/answers.json", "messaging/01J00000000000000000000002.json", "messaging/index.json"]);
        var restored = Documents.Environment.Parse(File.ReadAllBytes(_bench.Path("prod", "environment.json"))).Value;
        Documents.Environment.ToLine(restored with { EnvGeneration = null }).ShouldBe(Documents.Environment.ToLine(routed));
        Read("runtime-config.json").ShouldBe(config);
        Read(".greentic/dev/.dev.secrets.env").ShouldBe("SECRETS_BACKEND_STATE=before\n");
        Read("env-packs/deployer/answers.json").ShouldBe("""{"a":1}""");
        Read("messaging/01J00000000000000000000001.json").ShouldBe("{\"one\":1}");
        foreach (var gone in done.Removed)
        {
            File.Exists(_bench.Path("prod", gone)).ShouldBeFalse(gone);
        }

        Read("trust-root.json").ShouldBe("after");
        Directory.GetFiles(_bench.Path("prod", "backups/.greentic/dev")).Length.ShouldBe(1, "what a restore replaces is kept");
        _bench.AuditLines("prod").Select(line => $"{line.GetProperty("noun").GetString()} {line.GetProperty("verb").GetString()}").TakeLast(3)
            .ShouldBe(["env.snapshot create", "env update", "env.snapshot restore"]);
        _bench.AuditLines("prod")[1].GetProperty("target").GetProperty("snapshot_id").GetString().ShouldBe(made.Id.ToString());
    }

    [Theory, Trait("fact", "store:9.16")]
    [InlineData("../x")]
    [InlineData("/etc/x")]
    [InlineData("messaging/../../x.json")]
    [InlineData("trust-root.json")]
    [InlineData("journal/0000000000000001.log")]
    public async Task A_manifest_that_names_what_is_not_its_own_is_refused_and_nothing_is_written(string stranger)
    {
        await _bench.CreateAsync("prod");
        var made = (await Snapshots.CreateAsync(Prod, Workbench.Cancellation)).Value;
        var path = _bench.Path("prod", $"snapshots/{made.Id}/manifest.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        manifest["files"]![stranger] = true;
        File.WriteAllText(path, manifest.ToJsonString());
        Put(".greentic/dev/.dev.secrets.env", "unchanged");

        (await Snapshots.RestoreAsync(Prod, made.Id, null, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.InvalidArgument>().Message.ShouldContain(stranger);
        Read(".greentic/dev/.dev.secrets.env").ShouldBe("unchanged");
        (await _bench.Store.LoadAsync(Prod, Workbench.Cancellation)).Value.EnvGeneration.ShouldBe(1ul);
    }

    [Fact]
    public async Task A_damaged_one_is_refused_before_anything_is_written()
    {
        await _bench.CreateAsync("prod");
        Put("env-packs/deployer/answers.json", "{}");
        var made = (await Snapshots.CreateAsync(Prod, Workbench.Cancellation)).Value;
        Put("env-packs/deployer/answers.json", """{"a":2}""");
        File.WriteAllText(_bench.Path("prod", $"snapshots/{made.Id}/env-packs/deployer/answers.json"), """{"a":"forged"}""");
        (await Snapshots.RestoreAsync(Prod, made.Id, null, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.StoreFailed>().Message.ShouldContain("not what was captured");
        File.Delete(_bench.Path("prod", $"snapshots/{made.Id}/env-packs/deployer/answers.json"));
        (await Snapshots.RestoreAsync(Prod, made.Id, null, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.StoreFailed>().Message.ShouldContain("missing");
        Read("env-packs/deployer/answers.json").ShouldBe("""{"a":2}""");
    }

    [Fact]
    public async Task They_are_listed_oldest_first_and_one_that_was_cut_short_is_none()
    {
        await _bench.CreateAsync("prod");
        var first = (await Snapshots.CreateAsync(Prod, Workbench.Cancellation)).Value;
        _bench.Time.Now += TimeSpan.FromSeconds(1);
        Directory.CreateDirectory(_bench.Path("prod", $"snapshots/{first.Id}x.new"));
        var second = (await Snapshots.CreateAsync(Prod, Workbench.Cancellation)).Value;
        (await Snapshots.ListAsync(Prod, Workbench.Cancellation)).Value.ShouldBe([first, second]);
        Directory.GetDirectories(_bench.Path("prod", "snapshots")).Length.ShouldBe(2, "leftovers are swept");
        (await Snapshots.RestoreAsync(Prod, Ulid.From(_bench.Time.Now, new byte[10]), null, Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.Missing>();
        (await Snapshots.CreateAsync(Workbench.Env("nowhere"), Workbench.Cancellation)).Refusal.ShouldBeOfType<Refusal.Missing>();
    }

    [Fact]
    public async Task A_restore_that_lost_power_anywhere_is_finished_by_doing_it_again()
    {
        for (var step = 1; ; step++)
        {
            using var bench = new Workbench();
            var calls = new FaultyCalls();
            var store = bench.NewStore(calls);
            await bench.CreateAsync("prod", store);
            Directory.CreateDirectory(bench.Path("prod", "env-packs/deployer"));
            File.WriteAllText(bench.Path("prod", "env-packs/deployer/answers.json"), "1");
            var made = (await new EnvironmentSnapshots(store, Unchecked).CreateAsync(Prod, Workbench.Cancellation)).Value;
            File.WriteAllText(bench.Path("prod", "env-packs/deployer/answers.json"), "2");
            calls.Step = calls.Made.Count + step;
            try
            {
                (await new EnvironmentSnapshots(store, Unchecked).RestoreAsync(Prod, made.Id, null, Workbench.Cancellation)).IsOk.ShouldBeTrue();
                step.ShouldBeGreaterThan(10);
                return;
            }
            catch (PowerLossException)
            {
                File.ReadAllText(bench.Path("prod", "env-packs/deployer/answers.json")).ShouldBeOneOf("1", "2");
                (await new EnvironmentSnapshots(bench.NewStore(), Unchecked).RestoreAsync(Prod, made.Id, null, Workbench.Cancellation)).IsOk.ShouldBeTrue();
                File.ReadAllText(bench.Path("prod", "env-packs/deployer/answers.json")).ShouldBe("1");
            }
        }
    }

    private void Put(string reference, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_bench.Path("prod", reference))!);
        File.WriteAllText(_bench.Path("prod", reference), text);
    }

    private string Read(string reference) => File.ReadAllText(_bench.Path("prod", reference));
}
