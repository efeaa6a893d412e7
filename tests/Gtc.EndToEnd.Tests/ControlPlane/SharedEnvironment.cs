using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.EndToEnd.Tests.ControlPlane;

/// <summary>
/// The environment `local` of a fresh home, with a dial of two ready revisions, for many processes to change. Every change raises
/// the split's generation by one, read and written in the document, so that a lost update shows as a number that is too small.
/// </summary>
internal sealed class SharedEnvironment : IDisposable
{
    private static readonly DateTimeOffset Began = DateTimeOffset.UnixEpoch.AddYears(56);
    private readonly FreshHome _home = new();

    private SharedEnvironment()
    {
        Store = new FileEnvironmentStore(new StoreLayout(_home.Gtc.StoreRoot), TimeProvider.System, RandomNumberGenerator.Fill) { Warned = Warnings.Add };
        var document = Author(out var deployment, out var revisions);
        (Deployment, Revisions) = (deployment, revisions);
        Document = document;
    }

    public static EnvId Local => EnvId.Local;

    public List<StoreWarning> Warnings { get; } = [];

    public FileEnvironmentStore Store { get; }

    public GtcExecutable Gtc => _home.Gtc;

    public DeploymentId Deployment { get; }

    public RevisionId[] Revisions { get; }

    private EnvironmentDocument Document { get; }

    public static async Task<SharedEnvironment> CreateAsync()
    {
        var made = new SharedEnvironment();
        var intent = new MutationIntent(Local, "env", "create", []);
        var created = await made.Store.MutateAsync<bool>(intent, _ => new Mutation<bool>(true) { Document = made.Document, RefreshesRuntimeConfig = true }, Token);
        created.IsOk.ShouldBeTrue();
        return made;
    }

    /// <summary>Starts a worker that makes changes; see tests/Gtc.Store.Worker.</summary>
    public Process StartWorker(string mode, params string[] rest) =>
        Process.Start(new ProcessStartInfo(WorkerProgram, [mode, _home.Gtc.StoreRoot, Local.ToString(), .. rest]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>Sets the dial with the published executable; the weights are chosen so that each call differs from the one before it.</summary>
    public Process StartGtc(string key, int firstBps) => Gtc.Start(
        ["op", "traffic", "set", "--deployment", $"{Deployment}", $"{Revisions[0]}={firstBps}bps", $"{Revisions[1]}={10_000 - firstBps}bps", "--idempotency-key", key, "--format", "json"]);

    /// <summary>Reads one line of acknowledgement.</summary>
    public static (string Key, ulong Generation) Acknowledged(string line)
    {
        var words = line.Split(' ');
        return (words[0], ulong.Parse(words[1], CultureInfo.InvariantCulture));
    }

    /// <summary>What must hold after every kill: it opens, every view follows, and the newest generations stand in history without a gap.</summary>
    /// <param name="before">The newest generation of the check before.</param>
    /// <param name="when">For the message of a failure.</param>
    /// <returns>The newest generation.</returns>
    public async Task<ulong> ShouldOpenAsync(ulong before, string when)
    {
        var seen = await Store.LoadAsync(Local, Token);
        seen.IsOk.ShouldBeTrue($"{when}: {seen.Refusal}");
        var generation = (await Store.CatchUpAsync(Local, Token)).Value;
        seen.Value.EnvGeneration.ShouldBe(generation, when);
        generation.ShouldBeGreaterThanOrEqualTo(before, when);
        seen.Value.TrafficSplits.Single().Generation.ShouldBe(generation - 1, when);

        var newest = (await Store.HistoryAsync(Local, (int)(generation - before) + 1, null, Token)).Value;
        newest.Select(entry => entry.Generation).ShouldBe(Enumerable.Range((int)before, (int)(generation - before) + 1).Reverse().Select(number => (ulong)number), when);
        return generation;
    }

    /// <summary>What must hold in all: besides that, the audit chain, the whole history, no lost update, and every acknowledged key.</summary>
    /// <returns>The newest generation.</returns>
    public async Task<ulong> ShouldBeWholeAsync(IReadOnlyCollection<string> acknowledged, string when)
    {
        var generation = await ShouldOpenAsync(1, when);
        var verdict = (await new AuditTrail(Store).VerifyAsync(Local, Token)).Value;
        verdict.Broken.ShouldBeNull(when);

        var history = (await Store.HistoryAsync(Local, int.MaxValue, null, Token)).Value;
        var keys = history.Where(entry => entry.Verb == "set").Select(entry => entry.IdempotencyKey!).ToHashSet(StringComparer.Ordinal);
        ((ulong)keys.Count).ShouldBe(generation - 1, $"{when}: a key of its own for every change");
        acknowledged.Where(key => !keys.Contains(key)).ShouldBeEmpty($"{when}: acknowledged and lost");

        foreach (var number in new ulong[] { 1, (generation / 2) + 1, generation })
        {
            var past = (await Store.LoadAtAsync(Local, number, Token)).Value;
            past.TrafficSplits.Single().Generation.ShouldBe(number - 1, $"{when}: generation {number}");
        }

        return generation;
    }

    public void Dispose() => _home.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string WorkerProgram { get; } = Path.Combine(
        Repository.Root, "tests", "Gtc.Store.Worker", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, new DirectoryInfo(AppContext.BaseDirectory).Name, "Gtc.Store.Worker");

    private static EnvironmentDocument Author(out DeploymentId deployment, out RevisionId[] revisions)
    {
        deployment = new DeploymentId(Ulid.From(Began, new byte[10]));
        var document = DeploymentVerbs.Add(EnvironmentVerbs.CreateLocal(), new AddDeployment
        {
            DeploymentId = deployment,
            BundleId = "main",
            CustomerId = DeploymentVerbs.LocalCustomer,
            RouteBinding = new RouteBinding { PathPrefixes = ["/"], TenantSelector = TenantSelector.Default },
            RevenueShare = [new RevenueShareEntry { PartyId = "greentic", BasisPoints = 10_000 }],
        }, Began).Value.Document;
        revisions = [.. Enumerable.Range(1, 2).Select(number => new RevisionId(Ulid.From(Began, [0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)number])))];
        foreach (var id in revisions)
        {
            document = RevisionVerbs.Stage(document, new StageRevision
            {
                RevisionId = id,
                DeploymentId = deployment,
                BundleDigest = Sha256Digest.Prefix + new string('a', 64),
                BundleSourceUri = "https://bundles.example/main.gtbundle",
                PackListLockRef = $"revisions/{id}/pack-list.lock",
            }, Began).Value.Document;
            document = RevisionVerbs.Warm(document, id, HealthGate.Passed, Began).Value.Document;
        }

        return TrafficVerbs.Set(document, new SetTraffic
        {
            DeploymentId = deployment,
            Entries = [new TrafficShare { RevisionId = revisions[0], WeightBps = 1 }, new TrafficShare { RevisionId = revisions[1], WeightBps = 9_999 }],
            UpdatedBy = "test",
            IdempotencyKey = "first",
        }, Began).Value.Document;
    }
}
