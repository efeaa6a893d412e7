using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Load;

/// <summary>An environment as a small team has it: ten deployments with three revisions each, one of them dialled by the benchmark.</summary>
internal sealed class ControlPlaneEnvironment : IAsyncDisposable
{
    private const int Deployments = 10;
    private const int RevisionsEach = 3;

    private int _turn;

    private ControlPlaneEnvironment(string folder)
    {
        Folder = folder;
        Store = new FileEnvironmentStore(new StoreLayout(Path.Combine(folder, "environments")), TimeProvider.System, RandomNumberGenerator.Fill)
        {
            ViewsFollow = TimeSpan.FromMilliseconds(50),
        };
    }

    public static EnvId Local => EnvId.Local;

    public string Folder { get; }

    public FileEnvironmentStore Store { get; }

    public string StoreRoot => Store.Layout.Root;

    public string Document => Store.Layout.Environment(Local).Document;

    public static async Task<ControlPlaneEnvironment> CreateAsync()
    {
        var made = new ControlPlaneEnvironment(Directory.CreateTempSubdirectory("gtc-load-").FullName);
        var document = Author();
        var created = await made.Store.MutateAsync<bool>(
            new MutationIntent(Local, "env", "create", []), _ => new Mutation<bool>(true) { Document = document, RefreshesRuntimeConfig = true }, CancellationToken.None);
        _ = created.Value;
        return made;
    }

    /// <summary>One acknowledged change: the dial of the first deployment moves by a basis point.</summary>
    public async Task MutateAsync()
    {
        var key = $"k{++_turn}";
        var intent = new MutationIntent(Local, "traffic", "set", new JsonObject { ["environment_id"] = Local.ToString() }) { IdempotencyKey = key };
        var done = await Store.MutateAsync(intent, context => Turn(context, key), CancellationToken.None);
        _ = done.Value;
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static Outcome<Mutation<ulong>> Turn(MutationContext context, string key)
    {
        var split = context.Current!.TrafficSplits[0];
        var first = (split.Entries[0].WeightBps % (TrafficSplit.Whole - 1)) + 1;
        return TrafficVerbs.Set(context.Current, Set(split.DeploymentId, split.Entries[0].RevisionId, split.Entries[1].RevisionId, first, key), context.Now)
            .Then(change => (Outcome<Mutation<ulong>>)new Mutation<ulong>(context.NextGeneration)
            {
                Document = change.Document,
                PreviousGeneration = change.PreviousGeneration,
                NewGeneration = change.NewGeneration,
                RefreshesRuntimeConfig = true,
            });
    }

    private static SetTraffic Set(DeploymentId deployment, RevisionId first, RevisionId second, uint weight, string key) => new()
    {
        DeploymentId = deployment,
        Entries = [new TrafficShare { RevisionId = first, WeightBps = weight }, new TrafficShare { RevisionId = second, WeightBps = TrafficSplit.Whole - weight }],
        UpdatedBy = "bench",
        IdempotencyKey = key,
    };

    private static EnvironmentDocument Author()
    {
        var now = DateTimeOffset.UnixEpoch;
        var document = EnvironmentVerbs.CreateLocal();
        for (byte number = 0; number < Deployments; number++)
        {
            var deployment = new DeploymentId(Ulid.From(now, [1, 0, 0, 0, 0, 0, 0, 0, 0, number]));
            document = DeploymentVerbs.Add(document, new AddDeployment
            {
                DeploymentId = deployment,
                BundleId = $"bundle-{number}",
                CustomerId = DeploymentVerbs.LocalCustomer,
                RouteBinding = new RouteBinding { Hosts = [$"app{number}.example.org"], PathPrefixes = ["/"], TenantSelector = TenantSelector.Default },
                RevenueShare = [new RevenueShareEntry { PartyId = "greentic", BasisPoints = 10_000 }],
            }, now).Value.Document;
            var revisions = new List<RevisionId>();
            for (byte revision = 0; revision < RevisionsEach; revision++)
            {
                var id = new RevisionId(Ulid.From(now, [2, 0, 0, 0, 0, 0, 0, 0, number, revision]));
                revisions.Add(id);
                document = RevisionVerbs.Stage(document, new StageRevision
                {
                    RevisionId = id,
                    DeploymentId = deployment,
                    BundleDigest = Sha256Digest.Prefix + new string('a', 64),
                    BundleSourceUri = $"https://bundles.example/bundle-{number}.gtbundle",
                    PackListLockRef = $"revisions/{id}/pack-list.lock",
                }, now).Value.Document;
                document = RevisionVerbs.Warm(document, id, HealthGate.Passed, now).Value.Document;
            }

            document = TrafficVerbs.Set(document, Set(deployment, revisions[0], revisions[1], 1, "bench"), now).Value.Document;
        }

        return document;
    }
}
