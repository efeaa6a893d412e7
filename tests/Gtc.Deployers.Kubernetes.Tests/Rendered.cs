using System.Collections.Immutable;
using System.Text.Json;
using Gtc.EnvPacks;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests;

/// <summary>Builds small environments and renders them; ids are fixed, so that what is rendered is the same on every run.</summary>
internal sealed class Rendered
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 14, 2, 3, TimeSpan.Zero);
    private static readonly DeploymentId Deployment = DeploymentId.TryParse("01J9ZK3V7T5W8Q2R4N6M0P1XYA", out var id) ? id : throw new InvalidOperationException();

    public static RevisionId First { get; } = Id("01J9ZK3V7T5W8Q2R4N6M0P1XYZ");

    public static RevisionId Second { get; } = Id("01J9ZK3V7T5W8Q2R4N6M0P1XYX");

    public EnvironmentDocument Document { get; private set; } = EnvironmentVerbs.Create(EnvId.Local, "local", new HostConfig { EnvId = EnvId.Local });

    public string Answers { get; set; } = "{}";

    public SecretsBackend Secrets { get; set; } = new SecretsBackend.None();

    public PodTelemetry? Telemetry { get; init; }

    public string? SigningKey { get; init; }

    public string? ConsoleKey { get; init; }

    public ImmutableSortedDictionary<string, JsonElement> Discovered { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    public ImmutableArray<KeyValuePair<string, string>> SharedStores { get; init; } = [];

    /// <summary>With this deployer in its slot.</summary>
    public Rendered Bound()
    {
        PackDescriptor.TryParse("greentic.deployer.k8s@1.0.0", out var kind).ShouldBeTrue();
        Document = Document with { Packs = [new EnvPackBinding { Slot = CapabilitySlot.Deployer, Kind = kind, PackRef = "builtin" }] };
        return this;
    }

    public static RevisionId Id(string text) => RevisionId.TryParse(text, out var id) ? id : throw new InvalidOperationException(text);

    public static IEnvPackHandler Handler(string kind)
    {
        PackDescriptor.TryParse(kind, out var descriptor).ShouldBeTrue();
        EnvPackRegistry.WithBuiltIns().Resolve(descriptor).TryGet(out var handler, out var error).ShouldBeTrue(error?.Message);
        return handler!;
    }

    public static Outcome<PackAnswers> Read(string kind, string json)
    {
        using var document = JsonDocument.Parse(json);
        return AnswersReader.Read(Handler(kind), document.RootElement.Clone());
    }

    /// <summary>A revision in a state, routed or not.</summary>
    public Rendered With(RevisionId revision, RevisionLifecycle lifecycle, uint weight = 0, string? source = null, string bundle = "main", uint drainSeconds = 30)
    {
        if (Document.Bundles.IsEmpty)
        {
            Document = DeploymentVerbs.Add(Document, new AddDeployment
            {
                DeploymentId = Deployment,
                BundleId = bundle,
                CustomerId = DeploymentVerbs.LocalCustomer,
                RouteBinding = new RouteBinding { PathPrefixes = ["/"], TenantSelector = TenantSelector.Default },
                RevenueShare = [new RevenueShareEntry { PartyId = "greentic", BasisPoints = 10_000 }],
            }, Now).Value.Document;
        }

        Document = RevisionVerbs.Stage(Document, new StageRevision
        {
            RevisionId = revision,
            DeploymentId = Deployment,
            BundleDigest = Sha256Digest.Prefix + new string('a', 64),
            BundleSourceUri = source,
            DrainSeconds = drainSeconds,
            PackList = [],
            PackListLockRef = $"revisions/{revision}/pack-list.lock",
        }, Now).Value.Document;
        Document = Document with { Revisions = [.. Document.Revisions.Select(each => each.RevisionId == revision ? each with { Lifecycle = lifecycle } : each)] };
        if (weight > 0)
        {
            Document = TrafficVerbs.Set(Document, new SetTraffic
            {
                DeploymentId = Deployment,
                Entries = [new TrafficShare { RevisionId = revision, WeightBps = weight }],
                UpdatedBy = "operator",
                IdempotencyKey = $"key-{revision}",
            }, Now).Value.Document;
        }

        return this;
    }

    public RenderSettings Settings() => RenderSettings.Of(Document.EnvironmentId, Read("greentic.deployer.k8s@1.0.0", Answers).Value, Secrets, "localhost/gtc:0.1.0") with { Telemetry = Telemetry, SigningKey = SigningKey, ConsoleKey = ConsoleKey, Discovered = Discovered, SharedStores = SharedStores };

    public Outcome<ImmutableArray<KubeObject>> Try() => Read("greentic.deployer.k8s@1.0.0", Answers)
        .Then(answers => Renderer.Render(Document, RenderSettings.Of(Document.EnvironmentId, answers, Secrets, "localhost/gtc:0.1.0") with { Telemetry = Telemetry, SigningKey = SigningKey, ConsoleKey = ConsoleKey, Discovered = Discovered, SharedStores = SharedStores }));

    public ImmutableArray<KubeObject> Objects()
    {
        Try().TryGet(out var objects, out var refusal).ShouldBeTrue(refusal?.Message);
        return objects;
    }

    public T Find<T>(string name)
        where T : KubeObject => Objects().OfType<T>().Single(item => item.Metadata.Name == name);

    public Deployment Worker(RevisionId revision) => Find<Deployment>($"gtc-worker-{revision.ToString().ToLowerInvariant()}");
}
