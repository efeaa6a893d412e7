using System.Buffers.Binary;
using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Conformance;

/// <summary>The environment that every deployer is tested with (deployers-and-conformance.md §12.1): two deployments, three revisions, two splits.</summary>
public static class ConformanceFixture
{
    private static readonly DateTimeOffset Created = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The deployment of <see cref="RevisionA1"/> and <see cref="RevisionA2"/>.</summary>
    public static DeploymentId DeploymentA { get; } = new(UlidOf(0x01));

    /// <summary>The deployment of <see cref="RevisionB"/>.</summary>
    public static DeploymentId DeploymentB { get; } = new(UlidOf(0x02));

    /// <summary>Ready, half of deployment A.</summary>
    public static RevisionId RevisionA1 { get; } = new(UlidOf(0x10));

    /// <summary>Ready, the other half of deployment A.</summary>
    public static RevisionId RevisionA2 { get; } = new(UlidOf(0x20));

    /// <summary>Inactive, all of deployment B.</summary>
    public static RevisionId RevisionB { get; } = new(UlidOf(0x30));

    /// <summary>A revision that no environment has.</summary>
    public static RevisionId UnknownRevision { get; } = new(UlidOf(0xFFFF));

    /// <summary>The id of the environment.</summary>
    public static EnvId EnvironmentId { get; } = Id("conformance");

    /// <summary>The ULID that an integer is.</summary>
    public static Ulid UlidOf(ulong number)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], number);
        return Ulid.FromBytes(bytes);
    }

    /// <summary>The environment.</summary>
    public static EnvironmentDocument Environment() => Environment(EnvironmentId, "bundle.a", "bundle.b");

    /// <summary>The environment under another id and with other bundles.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="bundleA">The bundle of deployment A.</param>
    /// <param name="bundleB">The bundle of deployment B.</param>
    public static EnvironmentDocument Environment(EnvId id, string bundleA, string bundleB) => new()
    {
        Schema = Schemas.Environment,
        EnvironmentId = id,
        Name = id.ToString(),
        HostConfig = new HostConfig { EnvId = id },
        Bundles = [Deployment(id, DeploymentA, bundleA, [RevisionA1, RevisionA2]), Deployment(id, DeploymentB, bundleB, [RevisionB])],
        Revisions =
        [
            Revision(id, RevisionA1, DeploymentA, bundleA, RevisionLifecycle.Ready),
            Revision(id, RevisionA2, DeploymentA, bundleA, RevisionLifecycle.Ready),
            Revision(id, RevisionB, DeploymentB, bundleB, RevisionLifecycle.Inactive),
        ],
        TrafficSplits = [Split(id, DeploymentA, bundleA, (RevisionA1, 5000u), (RevisionA2, 5000u)), Split(id, DeploymentB, bundleB, (RevisionB, TrafficSplit.Whole))],
    };

    /// <summary>The environment with other shares of deployment A.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="first">The share of <see cref="RevisionA1"/> in basis points.</param>
    /// <param name="second">The share of <see cref="RevisionA2"/> in basis points.</param>
    public static EnvironmentDocument WithShares(EnvironmentDocument environment, uint first, uint second)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return environment with
        {
            TrafficSplits =
            [
                .. environment.TrafficSplits.Select(split => split.DeploymentId != DeploymentA ? split : split with
                {
                    Generation = split.Generation + 1,
                    Entries = [Share(RevisionA1, first), Share(RevisionA2, second)],
                }),
            ],
        };
    }

    /// <summary>The environment without the split of deployment A.</summary>
    /// <param name="environment">The environment.</param>
    public static EnvironmentDocument WithoutSplit(EnvironmentDocument environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return environment with { TrafficSplits = environment.TrafficSplits.RemoveAll(split => split.DeploymentId == DeploymentA) };
    }

    internal static EnvId Id(string text) => EnvId.TryParse(text, out var id) ? id : throw new ArgumentException($"`{text}` is no environment id.", nameof(text));

    private static BundleDeployment Deployment(EnvId environment, DeploymentId id, string bundle, ImmutableArray<RevisionId> revisions) => new()
    {
        Schema = Schemas.BundleDeployment,
        DeploymentId = id,
        EnvId = environment,
        BundleId = bundle,
        CustomerId = "conformance-customer",
        Status = DeploymentStatus.Active,
        CurrentRevisions = revisions,
        RouteBinding = new RouteBinding { Hosts = [$"{bundle}.conformance.local"], TenantSelector = TenantSelector.Default },
        RevenueShare = [new RevenueShareEntry { PartyId = "greentic", BasisPoints = TrafficSplit.Whole }],
        RevenuePolicyRef = "",
        CreatedAt = Created,
        AuthorizationRef = "auth.json",
    };

    private static Revision Revision(EnvId environment, RevisionId id, DeploymentId deployment, string bundle, RevisionLifecycle lifecycle) => new()
    {
        Schema = Schemas.Revision,
        RevisionId = id,
        EnvId = environment,
        BundleId = bundle,
        DeploymentId = deployment,
        Sequence = 1,
        CreatedAt = Created,
        BundleDigest = $"sha256:{new string('0', 64)}",
        PackList = [new PackListEntry { PackId = "greentic.fixture.pack", Version = PackListEntry.UnknownVersion, Digest = $"sha256:{new string('0', 64)}" }],
        PackListLockRef = "pack-list.lock",
        ConfigDigest = "sha256:0000",
        SignatureSidecarRef = "rev.sig",
        Lifecycle = lifecycle,
        DrainSeconds = 30,
    };

    private static TrafficSplit Split(EnvId environment, DeploymentId deployment, string bundle, params ReadOnlySpan<(RevisionId Revision, uint Weight)> shares)
    {
        var entries = ImmutableArray.CreateBuilder<TrafficShare>();
        foreach (var (revision, weight) in shares)
        {
            entries.Add(Share(revision, weight));
        }

        return new TrafficSplit
        {
            Schema = Schemas.TrafficSplit,
            EnvId = environment,
            DeploymentId = deployment,
            BundleId = bundle,
            Generation = 0,
            Entries = entries.ToImmutable(),
            UpdatedAt = Created,
            UpdatedBy = "conformance",
            IdempotencyKey = "conformance",
            AuthorizationRef = "auth.json",
        };
    }

    private static TrafficShare Share(RevisionId revision, uint weight) => new() { RevisionId = revision, WeightBps = weight };
}
