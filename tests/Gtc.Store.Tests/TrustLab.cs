using System.Security.Cryptography;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Tests;

/// <summary>An environment `prod` with a trusted operator key, one deployment with signed policies, and revisions staged by the real verbs.</summary>
public sealed class TrustLab : IDisposable
{
    private byte _ids;

    public Workbench Bench { get; } = new();

    public static EnvId Prod => Workbench.Env("prod");

    public OperatorKeyFile Key => new(Bench.Folder["operator/key.pem"], RandomNumberGenerator.Fill);

    public LocalTrustRoots Roots => new(Bench.Store, Key);

    public OperatorKeyRotation Rotation => new(Bench.Store, Key);

    public EnvironmentFiles Files => Bench.Store.Files(Prod);

    public EnvironmentDocument Document => Documents.Environment.Parse(File.ReadAllBytes(Bench.Path("prod", "environment.json"))).Value;

    public TrustRoot Root => new TrustRootFile(Files).Load().Value ?? TrustRoot.Empty;

    public string KeyId
    {
        get
        {
            using var key = Key.LoadExisting().Value;
            return key.KeyId;
        }
    }

    public async Task<TrustLab> PrepareAsync()
    {
        await Bench.CreateAsync("prod");
        await Roots.BootstrapAsync(Prod, Workbench.Cancellation);
        (await Bench.Store.MutateAsync<bool>(Workbench.Intent("prod", "bundles", "add"), context =>
        {
            var added = DeploymentVerbs.Add(context.Current!, new AddDeployment
            {
                DeploymentId = new(Id()),
                BundleId = "main",
                CustomerId = "acme",
                RouteBinding = new RouteBinding { PathPrefixes = ["/"], TenantSelector = TenantSelector.Default },
                RevenueShare = [new RevenueShareEntry { PartyId = "greentic", BasisPoints = 10_000 }],
            }, context.Now).Value;
            var issued = new RevenuePolicies(Key).Issue(context, added.Added).Value;
            return new Mutation<bool>(true) { Document = added.Document with { Bundles = [issued] } };
        }, Workbench.Cancellation)).Value.ShouldBeTrue();
        return this;
    }

    public async Task ReissueAsync() => (await Bench.Store.MutateAsync<bool>(Workbench.Intent("prod", "bundles", "update"), context =>
    {
        var issued = new RevenuePolicies(Key).Issue(context, context.Current!.Bundles.Single()).Value;
        return new Mutation<bool>(true) { Document = context.Current with { Bundles = [issued] } };
    }, Workbench.Cancellation)).Value.ShouldBeTrue();

    public Task<Outcome<SignedStage>> StageAsync(FileEnvironmentStore? store = null) => (store ?? Bench.Store).MutateAsync<SignedStage>(Workbench.Intent("prod", "revisions", "stage"), context =>
    {
        var id = new RevisionId(Id());
        var staged = RevisionVerbs.Stage(context.Current!, new StageRevision
        {
            RevisionId = id,
            DeploymentId = context.Current!.Bundles.Single().DeploymentId,
            BundleDigest = Digest('a'),
            BundleSourceUri = "https://bundles.example/main.gtbundle",
            PackList = [new PackListEntry { PackId = "p", Version = "0.0.0", Digest = Digest('b') }, new PackListEntry { PackId = "q", Version = "0.0.0", Digest = Digest('c') }],
            PackListLockRef = $"revisions/{id}/pack-list.lock",
            ConfigDigest = Digest('d'),
        }, context.Now).Value;
        return new RevisionSigner(Key).Sign(context, staged.Document, staged.Staged).Then<Mutation<SignedStage>>(signed => new Mutation<SignedStage>(signed) { Document = signed.Document });
    }, Workbench.Cancellation);

    /// <summary>The verdict of this host, with its trust-root.json.</summary>
    public SignatureVerdict VerdictOf(Revision revision, EnvironmentDocument? document = null) =>
        RevisionSigner.Verify(Files, document ?? Document, revision, new RevisionTrust(Root, []), Bench.Time.Now).Value;

    /// <summary>The verdict of a pod that has nothing but the document.</summary>
    public SignatureVerdict VerdictOfPod(EnvironmentDocument document, RevisionTrust? trust = null) =>
        RevisionSignatures.Verify(document, document.Revisions[0], null, trust ?? RevisionTrust.EmbeddedOnly, Bench.Time.Now);

    public static string Digest(char fill) => "sha256:" + new string(fill, 64);

    public void Dispose() => Bench.Dispose();

    private Ulid Id() => Ulid.From(Bench.Time.Now, [0, 0, 0, 0, 0, 0, 0, 0, 1, ++_ids]);
}
