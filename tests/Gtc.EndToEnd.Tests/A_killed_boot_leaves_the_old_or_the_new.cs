using System.Security.Cryptography;
using System.Text.Json;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Distributor;
using Gtc.Artifacts.SquashFs;
using Gtc.Model;

namespace Gtc.EndToEnd.Tests;

/// <summary>kill -9 at random moments of pull and materialise, with the published executable.</summary>
public sealed class A_killed_boot_leaves_the_old_or_the_new : IAsyncDisposable
{
    private const int Kills = 200;
    private readonly FreshHome _home = new();
    private readonly List<RevisionId> _revisions = [];
    private DistributorServer? _distributor;
    private EnvironmentDocument _document = EnvironmentVerbs.CreateLocal();
    private DeploymentId _deployment;

    public async ValueTask DisposeAsync()
    {
        if (_distributor is not null)
        {
            await _distributor.DisposeAsync();
        }

        _home.Dispose();
    }

    [Fact]
    public async Task At_two_hundred_moments_and_the_next_boot_serves_what_is_routed()
    {
        await PrepareAsync();
        Route(_revisions[0]);
        var longest = TimeSpan.Zero;
        await using (var first = await _home.Gtc.StartWorkerAsync())
        {
        }

        var random = new Random(20_261_120);
        var settled = TimeSpan.FromMilliseconds(150);
        for (var turn = 0; turn < Kills; turn++)
        {
            var (older, newer) = (_revisions[turn % 2], _revisions[(turn + 1) % 2]);
            Delete(newer);
            Route(newer);
            await KillAsync(settled * random.NextDouble() * 1.3);
            await ShouldBeOldOrNewAsync(older, newer, turn);
            var began = System.Diagnostics.Stopwatch.GetTimestamp();
            await using var worker = await _home.Gtc.StartWorkerAsync();
            longest = Max(longest, System.Diagnostics.Stopwatch.GetElapsedTime(began));
            settled = longest < settled ? settled : TimeSpan.FromMilliseconds(Math.Min(600, longest.TotalMilliseconds));
            (await worker.PostAsync("""{"text":"x"}""")).Body.ShouldContain(newer.ToString(), customMessage: $"after kill {turn}");
            Directory.GetFileSystemEntries(Revisions).Select(Path.GetFileName).Where(name => name!.EndsWith(".new", StringComparison.Ordinal) || name.EndsWith(".bak", StringComparison.Ordinal))
                .ShouldBeEmpty($"after kill {turn}");
        }

        // Two revisions, their lock, a bounded number of backups and a log: nothing that grows with every kill.
        Directory.GetFiles(_home.Gtc.Local, "*.tmp*", SearchOption.AllDirectories).Length.ShouldBeLessThanOrEqualTo(1);
        Directory.GetDirectories(Revisions).Length.ShouldBe(2);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Revisions => Path.Combine(_home.Gtc.Local, "revisions");

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private async Task KillAsync(TimeSpan after)
    {
        using var process = _home.Gtc.Start(["start"], start => start.Environment["PORT"] = "0");
        using var timer = new PeriodicTimer(after < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : after);
        await timer.WaitForNextTickAsync(Token);
        process.Kill();
        await process.WaitForExitAsync(Token);
    }

    private async Task ShouldBeOldOrNewAsync(RevisionId older, RevisionId newer, int turn)
    {
        var config = Documents.RuntimeConfig.Parse(await File.ReadAllBytesAsync(Path.Combine(_home.Gtc.Local, "runtime-config.json"), Token)).Value;
        config.Revisions.Single().RevisionId.ShouldBeOneOf([older, newer], $"after kill {turn}");
        await ShouldBeWholeAsync(older, turn);
        if (Directory.Exists(Path.Combine(Revisions, newer.ToString())))
        {
            await ShouldBeWholeAsync(newer, turn);
        }
        else
        {
            config.Revisions.Single().RevisionId.ShouldBe(older, $"after kill {turn}: a configuration must not name what is not there");
        }
    }

    private async Task ShouldBeWholeAsync(RevisionId revision, int turn)
    {
        var pins = PackListLock.Read(await File.ReadAllBytesAsync(Path.Combine(Revisions, revision.ToString(), PackListLock.FileName), Token)).Value;
        pins.Packs.ShouldNotBeEmpty();
        foreach (var pack in pins.Packs)
        {
            var bytes = await File.ReadAllBytesAsync(Path.Combine(_home.Gtc.Local, pack.Path), Token);
            Sha256Digest.FromBytes(SHA256.HashData(bytes)).ShouldBe(pack.Digest, $"after kill {turn}");
        }
    }

    /// <summary>Two revisions of a bundle that is large enough to be caught in the act: 3 MiB of assets that do not shrink.</summary>
    private async Task PrepareAsync()
    {
        var source = _home.PathTo("source");
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "samples", "hello-worker"), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(source, Path.GetRelativePath(Path.Combine(Repository.Root, "samples", "hello-worker"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        var random = new Random(1);
        Directory.CreateDirectory(Path.Combine(source, "assets"));
        for (var file = 0; file < 24; file++)
        {
            var bytes = new byte[128 << 10];
            random.NextBytes(bytes);
            await File.WriteAllBytesAsync(Path.Combine(source, "assets", $"{file}.bin"), bytes, Token);
        }

        var built = await _home.Gtc.RunAsync("bundle", "build", source, "--output", "bundle.gtbundle");
        built.ExitCode.ShouldBe(0, built.Errors);
        var digest = JsonElement.Parse(built.Output).GetProperty("result").GetProperty("digest").GetString()!;
        _distributor = (await DistributorServer.StartAsync(new DistributorOptions { Folder = _home.Folder }, Token)).Value;
        _deployment = new DeploymentId(Ulid.From(Now, new byte[10]));
        _document = DeploymentVerbs.Add(_document, new AddDeployment
        {
            DeploymentId = _deployment,
            BundleId = "main",
            CustomerId = DeploymentVerbs.LocalCustomer,
            RouteBinding = new RouteBinding { PathPrefixes = ["/"], TenantSelector = TenantSelector.Default },
            RevenueShare = [new RevenueShareEntry { PartyId = "greentic", BasisPoints = 10_000 }],
        }, Now).Value.Document;
        for (byte number = 1; number <= 2; number++)
        {
            var id = new RevisionId(Ulid.From(Now, [0, 0, 0, 0, 0, 0, 0, 0, 0, number]));
            _revisions.Add(id);
            _document = RevisionVerbs.Stage(_document, new StageRevision
            {
                RevisionId = id,
                DeploymentId = _deployment,
                BundleDigest = digest,
                BundleSourceUri = new Uri(_distributor.Address, "bundle.gtbundle").ToString(),
                PackListLockRef = $"revisions/{id}/pack-list.lock",
            }, Now).Value.Document;
            _document = RevisionVerbs.Warm(_document, id, HealthGate.Passed, Now).Value.Document;
        }
    }

    private static DateTimeOffset Now => DateTimeOffset.UnixEpoch.AddYears(56);

    /// <summary>Writes environment.json as a ConfigMap does: at once.</summary>
    private void Route(RevisionId revision)
    {
        _document = TrafficVerbs.Set(_document, new SetTraffic
        {
            DeploymentId = _deployment,
            Entries = [new TrafficShare { RevisionId = revision, WeightBps = 10_000 }],
            UpdatedBy = "test",
            IdempotencyKey = Guid.NewGuid().ToString(),
        }, Now).Value.Document;
        Directory.CreateDirectory(_home.Gtc.Local);
        var path = Path.Combine(_home.Gtc.Local, "environment.json");
        File.WriteAllBytes(path + ".next", Documents.Environment.ToFile(_document));
        File.Move(path + ".next", path, overwrite: true);
    }

    private void Delete(RevisionId revision)
    {
        var folder = Path.Combine(Revisions, revision.ToString());
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
