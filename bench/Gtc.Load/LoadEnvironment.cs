using Gtc.Artifacts.Building;
using Gtc.Artifacts.Digests;
using Gtc.Artifacts.Distributor;
using Gtc.Model;

namespace Gtc.Load;

/// <summary>One environment as a fresh pod has it (environment.json alone), with its bundle on a loopback distributor.</summary>
internal sealed class LoadEnvironment : IAsyncDisposable
{
    private readonly DistributorServer _distributor;

    private LoadEnvironment(string root, string bundle, DistributorServer distributor, EnvironmentDocument document)
    {
        Root = root;
        Bundle = bundle;
        _distributor = distributor;
        Document = document;
    }

    public string Root { get; }

    public string Bundle { get; }

    public Uri Source => new(_distributor.Address, Path.GetFileName(Bundle));

    public string StoreRoot => Path.Combine(Root, "environments");

    private EnvironmentDocument Document { get; }

    /// <param name="mebibytes">The size of the image, 0 for hello-worker alone.</param>
    public static async Task<LoadEnvironment> CreateAsync(int mebibytes)
    {
        var root = Directory.CreateTempSubdirectory("gtc-load-").FullName;
        var bundles = Directory.CreateDirectory(Path.Combine(root, "bundles")).FullName;
        var bundle = Path.Combine(bundles, "bundle.gtbundle");
        var source = Path.Combine(root, "source");
        SourceTree.Write(source, mebibytes);
        var built = await BundleBuilder.BuildAsync(source, bundle, "bench", CancellationToken.None);
        Directory.Delete(source, recursive: true);
        _ = built.Value;
        var distributor = (await DistributorServer.StartAsync(new DistributorOptions { Folder = bundles }, CancellationToken.None)).Value;
        var digest = ContentDigest.OfFile(bundle, CancellationToken.None).Value;
        var document = Author(new Uri(distributor.Address, "bundle.gtbundle").ToString(), digest.ToString());

        // The distributor hashes a file once for its ETag; that is not part of any run.
        using var client = new HttpClient();
        using var warm = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, new Uri(distributor.Address, "bundle.gtbundle")));
        return new(root, bundle, distributor, document);
    }

    /// <summary>Leaves environment.json and nothing else.</summary>
    public void Strip()
    {
        var folder = Path.Combine(StoreRoot, "local");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "environment.json"), Documents.Environment.ToFile(Document));
    }

    public async ValueTask DisposeAsync()
    {
        await _distributor.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }

    private static EnvironmentDocument Author(string source, string digest)
    {
        var now = DateTimeOffset.UnixEpoch;
        var deployment = new DeploymentId(Ulid.From(now, new byte[10]));
        var revision = new RevisionId(Ulid.From(now, new byte[10]));
        var document = DeploymentVerbs.Add(EnvironmentVerbs.CreateLocal(), new AddDeployment
        {
            DeploymentId = deployment,
            BundleId = "main",
            CustomerId = DeploymentVerbs.LocalCustomer,
            RouteBinding = new RouteBinding { PathPrefixes = ["/"], TenantSelector = TenantSelector.Default },
            RevenueShare = [new RevenueShareEntry { PartyId = "greentic", BasisPoints = 10_000 }],
        }, now).Value.Document;
        document = RevisionVerbs.Stage(document, new StageRevision
        {
            RevisionId = revision,
            DeploymentId = deployment,
            BundleDigest = digest,
            BundleSourceUri = source,
            PackListLockRef = $"revisions/{revision}/pack-list.lock",
        }, now).Value.Document;
        document = RevisionVerbs.Warm(document, revision, HealthGate.Passed, now).Value.Document;
        return TrafficVerbs.Set(document, new SetTraffic
        {
            DeploymentId = deployment,
            Entries = [new TrafficShare { RevisionId = revision, WeightBps = 10_000 }],
            UpdatedBy = "bench",
            IdempotencyKey = "bench",
        }, now).Value.Document;
    }
}
