using System.Security.Cryptography;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Load;

/// <summary>An environment for a cluster: one deployment with many ready revisions.</summary>
/// <param name="Folder">Everything of it.</param>
/// <param name="Store">Its store.</param>
internal sealed record KubernetesEnvironment(string Folder, FileEnvironmentStore Store)
{
    private uint _turn = 30;

    public string StoreRoot => Store.Layout.Root;

    public static async Task<KubernetesEnvironment> CreateAsync(string ns, int revisions)
    {
        var folder = Directory.CreateTempSubdirectory("gtc-load-").FullName;
        var made = new KubernetesEnvironment(folder, new FileEnvironmentStore(new StoreLayout(Path.Combine(folder, "environments")), TimeProvider.System, RandomNumberGenerator.Fill));
        var document = Author(revisions);
        var created = await made.Store.MutateAsync<bool>(new MutationIntent(EnvId.Local, "env", "create", []), change =>
        {
            _ = change.Files.Write("env-packs/deployer/answers.json", System.Text.Encoding.UTF8.GetBytes($$"""{"namespace":"{{ns}}"}"""));
            return new Mutation<bool>(true) { Document = document, RefreshesRuntimeConfig = true };
        }, CancellationToken.None);
        _ = created.Value;
        return made;
    }

    /// <summary>One revision gets another drain time, so its Deployment and the environment's ConfigMap differ.</summary>
    public async Task ChangeOneAsync()
    {
        _turn++;
        var done = await Store.MutateAsync<bool>(new MutationIntent(EnvId.Local, "env", "update", []), change => new Mutation<bool>(true)
        {
            Document = change.Current! with { Revisions = change.Current.Revisions.SetItem(0, change.Current.Revisions[0] with { DrainSeconds = _turn }) },
        }, CancellationToken.None);
        _ = done.Value;
    }

    public static EnvironmentDocument Author(int revisions)
    {
        var now = DateTimeOffset.UnixEpoch;
        var deployment = new DeploymentId(Ulid.From(now, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
        var kind = Descriptors.Read("greentic.deployer.k8s@1.0.0").Value;
        var document = EnvironmentVerbs.Create(EnvId.Local, "local", new HostConfig { EnvId = EnvId.Local });
        document = document with { Packs = [new EnvPackBinding { Slot = CapabilitySlot.Deployer, Kind = kind, PackRef = "builtin", AnswersRef = "env-packs/deployer/answers.json" }] };
        document = DeploymentVerbs.Add(document, new AddDeployment
        {
            DeploymentId = deployment,
            BundleId = "main",
            CustomerId = DeploymentVerbs.LocalCustomer,
            RouteBinding = new RouteBinding { PathPrefixes = ["/"], TenantSelector = TenantSelector.Default },
            RevenueShare = [new RevenueShareEntry { PartyId = "greentic", BasisPoints = 10_000 }],
        }, now).Value.Document;
        for (var number = 0; number < revisions; number++)
        {
            var id = new RevisionId(Ulid.From(now, [2, 0, 0, 0, 0, 0, 0, 0, (byte)(number >> 8), (byte)number]));
            document = RevisionVerbs.Stage(document, new StageRevision
            {
                RevisionId = id,
                DeploymentId = deployment,
                BundleDigest = Sha256Digest.Prefix + new string('a', 64),
                BundleSourceUri = "https://bundles.example/main.gtbundle",
                PackListLockRef = $"revisions/{id}/pack-list.lock",
                DrainSeconds = 30,
            }, now).Value.Document;
            document = RevisionVerbs.Warm(document, id, HealthGate.Passed, now).Value.Document;
        }

        return document;
    }
}
