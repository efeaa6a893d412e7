using System.Collections.Immutable;

namespace Gtc.Model.Tests;

/// <summary>Builds small valid environments; ids are fixed, so failures read the same on every run.</summary>
internal static class Sample
{
    public static DateTimeOffset Now { get; } = new(2026, 11, 20, 14, 2, 3, TimeSpan.Zero);

    public static DeploymentId Deployment { get; } = new(Id(1));

    public static RevisionId RevisionA { get; } = new(Id(10));

    public static RevisionId RevisionB { get; } = new(Id(11));

    public static Ulid Id(byte number) => Ulid.From(Now, [0, 0, 0, 0, 0, 0, 0, 0, 0, number]);

    public static EnvId Env(string text) => EnvId.TryParse(text, out var id) ? id : throw new ArgumentException(text);

    public static EnvironmentDocument Empty(string id = "local") =>
        EnvironmentVerbs.Create(Env(id), id, new HostConfig { EnvId = Env(id) });

    public static EnvironmentDocument WithDeployment() =>
        DeploymentVerbs.Add(Empty(), AddCommand(), Now).Value.Document;

    /// <summary>Two revisions A and B, both ready.</summary>
    public static EnvironmentDocument WithReadyRevisions()
    {
        var document = WithDeployment();
        foreach (var id in new[] { RevisionA, RevisionB })
        {
            document = RevisionVerbs.Stage(document, StageCommand(id), Now).Value.Document;
            document = RevisionVerbs.Warm(document, id, HealthGate.Passed, Now).Value.Document;
        }

        return document;
    }

    public static AddDeployment AddCommand() => new()
    {
        DeploymentId = Deployment,
        BundleId = "main",
        CustomerId = DeploymentVerbs.LocalCustomer,
        RouteBinding = new RouteBinding { PathPrefixes = ["/"], TenantSelector = TenantSelector.Default },
        RevenueShare = [new RevenueShareEntry { PartyId = "greentic", BasisPoints = 10_000 }],
    };

    public static StageRevision StageCommand(RevisionId id) => new()
    {
        RevisionId = id,
        DeploymentId = Deployment,
        BundleDigest = Sha256Digest.Prefix + new string('a', 64),
        BundleSourceUri = "http://127.0.0.1:8090/bundle.gtbundle",
        PackList = [new PackListEntry { PackId = "app", Version = PackListEntry.UnknownVersion, Digest = Sha256Digest.Prefix + new string('b', 64) }],
        PackListLockRef = $"revisions/{id}/pack-list.lock",
    };

    public static SetTraffic Traffic(string key, params (RevisionId Revision, uint Weight)[] entries) => new()
    {
        DeploymentId = Deployment,
        Entries = [.. entries.Select(e => new TrafficShare { RevisionId = e.Revision, WeightBps = e.Weight })],
        UpdatedBy = "operator",
        IdempotencyKey = key,
    };

    public static string? Code(Refusal? refusal) => (refusal as Refusal.InvalidDocument)?.Code;
}
