using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Model.Tests.Histories;

/// <summary>What one random command did to a document.</summary>
internal sealed record Attempt(string Command, EnvironmentDocument Before, EnvironmentDocument After, Refusal? Refusal);

/// <summary>Draws commands from a seed, sensible and foolish ones, over a handful of ids, so that they meet each other often.</summary>
internal sealed class RandomHistory(int seed)
{
    private static readonly string[] Packs = ["app", "core"];
    private static readonly string[] Bundles = ["main", "shop"];
    private static readonly string?[] Hosts = [null, "a.test", "b.test", "B.test"];
    private static readonly string[] Types = ["messaging.telegram.bot", "slack"];
    private readonly Random _random = new(seed);
    private byte _minted = 20;
    private DateTimeOffset _now = Sample.Now;

    public Attempt Next(EnvironmentDocument document)
    {
        _now = _now.AddSeconds(1);
        var (name, outcome) = _random.Next(27) switch
        {
            0 or 1 => ("bundles add", AddDeployment(document)),
            2 => ("bundles update", UpdateDeployment(document)),
            3 => ("bundles remove", DeploymentVerbs.Remove(document, Deployment(document), _random.Next(6) == 0).Then<EnvironmentDocument>(r => r.Document)),
            4 or 5 or 6 => ("revisions stage", Stage(document)),
            7 or 8 or 9 => ("revisions warm", Warm(document)),
            10 => ("revisions drain", RevisionVerbs.Drain(document, Revision(document)).Then<EnvironmentDocument>(r => r.Document)),
            11 => ("revisions archive", RevisionVerbs.Archive(document, Revision(document)).Then<EnvironmentDocument>(r => r.Document)),
            12 => ("revisions retry", RevisionVerbs.Retry(document, Revision(document)).Then<EnvironmentDocument>(r => r.Document)),
            13 => ("revisions complete-drain", RevisionVerbs.CompleteDrain(document, Revision(document)).Then<EnvironmentDocument>(r => r.Document)),
            14 => ("revisions gc", RevisionRetention.Prune(document, (uint)_random.Next(3)).Then<EnvironmentDocument>(r => r.Document)),
            15 or 16 or 17 => ("traffic set", TrafficVerbs.Set(document, Traffic(document), _now).Then<EnvironmentDocument>(r => r.Document)),
            18 => ("traffic rollback", TrafficUndo.Rollback(document, Deployment(document), _now).Then<EnvironmentDocument>(r => r.Document)),
            19 => ("traffic clear", TrafficUndo.Clear(document, new ClearTraffic(Deployment(document), "op", Key()), _now).Then<EnvironmentDocument>(r => r.Document)),
            20 => ("env-packs", Pack(document)),
            21 => ("extensions", Extension(document)),
            22 => ("messaging", Endpoint(document)),
            23 => ("revisions archive --force", ForcedArchive.Of(document, new ForceArchive(Revision(document), "op", Key()), _now).Then<EnvironmentDocument>(r => r.Walked.Document)),
            24 or 25 => ("traffic preview", Preview(document)),
            _ => ("env", Environment(document)),
        };
        return new Attempt(name, document, outcome.Match(after => after, _ => document), outcome.Refusal);
    }

    public SetTraffic Traffic(EnvironmentDocument document)
    {
        var deployment = Deployment(document);
        var own = document.Revisions.Where(r => r.DeploymentId == deployment && (r.Lifecycle == RevisionLifecycle.Ready || _random.Next(8) == 0)).Select(r => r.RevisionId).ToList();
        var count = Math.Min(own.Count, 1 + _random.Next(3));
        var entries = new List<TrafficShare>();
        var rest = 10_000;
        for (var index = 0; index < count; index++)
        {
            var weight = index == count - 1 ? rest : _random.Next(rest + 1);
            rest -= weight;
            entries.Add(new TrafficShare { RevisionId = own[index], WeightBps = (uint)weight + (_random.Next(30) == 0 ? 1u : 0u) });
        }

        return new SetTraffic { DeploymentId = deployment, Entries = [.. entries], UpdatedBy = "op", IdempotencyKey = Key() };
    }

    private Outcome<EnvironmentDocument> Preview(EnvironmentDocument document)
    {
        var revision = Revision(document);
        var owner = _random.Next(8) == 0 ? Deployment(document) : document.Revisions.FirstOrDefault(candidate => candidate.RevisionId == revision)?.DeploymentId ?? Sample.Deployment;
        return (_random.Next(4) == 0
            ? PreviewVerbs.Remove(document, owner, revision)
            : PreviewVerbs.Add(document, new AddPreview { DeploymentId = owner, RevisionId = revision, Host = Hosts[_random.Next(4)], TokenHash = new string('a', _random.Next(20) == 0 ? 63 : 64) }, _now))
            .Then<EnvironmentDocument>(change => change.Document);
    }

    private Outcome<EnvironmentDocument> AddDeployment(EnvironmentDocument document) => DeploymentVerbs.Add(document, Sample.AddCommand() with
    {
        DeploymentId = new DeploymentId(Mint()),
        BundleId = Bundles[_random.Next(2)],
        CustomerId = _random.Next(3) == 0 ? "acme" : "local-dev",
        ConfigOverrides = _random.Next(4) == 0 ? Overrides() : null,
    }, _now).Then<EnvironmentDocument>(r => r.Document);

    private Outcome<EnvironmentDocument> UpdateDeployment(EnvironmentDocument document) => DeploymentVerbs.Update(document, new UpdateDeployment
    {
        DeploymentId = Deployment(document),
        Status = _random.Next(2) == 0 ? DeploymentStatus.Paused : null,
        ConfigOverrides = _random.Next(2) == 0 ? Overrides() : ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>.Empty,
        RevenueShare = _random.Next(3) == 0 ? [new RevenueShareEntry { PartyId = "a", BasisPoints = (uint)(9_999 + _random.Next(2)) }] : null,
    }).Then<EnvironmentDocument>(r => r.Document);

    private Outcome<EnvironmentDocument> Stage(EnvironmentDocument document) => RevisionVerbs.Stage(document, Sample.StageCommand(new RevisionId(Mint())) with
    {
        DeploymentId = Deployment(document),
        AbortMetrics = _random.Next(3) == 0 ? ["errors"] : [],
        PackList = _random.Next(3) == 0 ? [] : [new PackListEntry { PackId = Packs[_random.Next(2)], Version = "1.0.0", Digest = "sha256:00" }],
    }, _now).Then<EnvironmentDocument>(r => r.Staged.Lifecycle == RevisionLifecycle.Staged ? r.Document : throw new InvalidOperationException("not staged"));

    private Outcome<EnvironmentDocument> Warm(EnvironmentDocument document) => RevisionVerbs
        .Warm(document, Revision(document), _random.Next(6) == 0 ? new HealthGate(["route-table"], "no") : HealthGate.Passed, _now)
        .Then<EnvironmentDocument>(r => r.Document);

    private Outcome<EnvironmentDocument> Pack(EnvironmentDocument document)
    {
        var slot = (CapabilitySlot)_random.Next(8);
        var binding = new EnvPackBinding { Slot = slot, Kind = Kind($"greentic.pack{_random.Next(3)}@1.0.0"), PackRef = "builtin" };
        return (_random.Next(4) switch
        {
            0 => PackVerbs.Add(document, binding),
            1 => PackVerbs.Update(document, binding),
            2 => PackVerbs.Remove(document, slot),
            _ => PackVerbs.Rollback(document, slot),
        }).Then<EnvironmentDocument>(r => r.Document);
    }

    private Outcome<EnvironmentDocument> Extension(EnvironmentDocument document)
    {
        var binding = new ExtensionBinding { Kind = Kind($"greentic.ext{_random.Next(2)}@1.{_random.Next(3)}.0"), PackRef = "builtin", InstanceId = _random.Next(2) == 0 ? "eu" : null };
        var key = ExtensionKey.Of(binding);
        return (_random.Next(4) switch
        {
            0 => ExtensionVerbs.Add(document, binding),
            1 => ExtensionVerbs.Update(document, key, binding),
            2 => ExtensionVerbs.Remove(document, key),
            _ => ExtensionVerbs.Rollback(document, key),
        }).Then<EnvironmentDocument>(r => r.Document);
    }

    private Outcome<EnvironmentDocument> Endpoint(EnvironmentDocument document)
    {
        var id = document.MessagingEndpoints.Select(e => e.EndpointId).Append(new MessagingEndpointId(Sample.Id(3))).ElementAt(_random.Next(document.MessagingEndpoints.Length + 1));
        var request = new EndpointRequest(id, "op", Key());
        var bundle = Bundles[_random.Next(2)];
        return (_random.Next(7) switch
        {
            0 or 1 => MessagingVerbs.Add(document, new AddEndpoint
            {
                EndpointId = new MessagingEndpointId(Mint()),
                ProviderId = $"p{_random.Next(2)}",
                ProviderType = Types[_random.Next(2)],
                DisplayName = "bot",
                SecretRefs = [$"secret://{(_random.Next(5) == 0 ? "prod" : "local")}/x"],
                Provisioned = _random.Next(4) == 0 ? (Outcome<string>?)null : Outcome("secret://local/default/_/messaging-x/webhook_secret"),
                UpdatedBy = "op",
            }, _now),
            2 => MessagingVerbs.Link(document, request, bundle, _now),
            3 => MessagingVerbs.Unlink(document, request, bundle, _now),
            4 => MessagingVerbs.SetWelcomeFlow(document, request, new WelcomeFlow { BundleId = bundle, PackId = Packs[_random.Next(2)], FlowId = _random.Next(6) == 0 ? " " : "greet" }, _now),
            5 => MessagingVerbs.RotateWebhookSecret(document, request, null, Outcome("secret://local/default/_/other/webhook_secret"), _now),
            _ => MessagingVerbs.Remove(document, id),
        }).Then<EnvironmentDocument>(r => r.Document);
    }

    private Outcome<EnvironmentDocument> Environment(EnvironmentDocument document) => EnvironmentVerbs.Update(document, new UpdateEnvironment
    {
        Name = _random.Next(3) == 0 ? "other" : null,
        Region = _random.Next(2) == 0 ? FieldUpdate.Set("eu") : FieldUpdate.Clear<string>(),
        PublicBaseUrl = _random.Next(2) == 0 ? FieldUpdate.Set(_random.Next(2) == 0 ? "https://a.test/" : "ftp://a") : default,
    });

    private static Outcome<string> Outcome(string value) => value;

    private ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>> Overrides() =>
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>.Empty.Add(
            Packs[_random.Next(2)],
            ImmutableSortedDictionary<string, JsonElement>.Empty.Add("k", JsonDocument.Parse("1").RootElement));

    private DeploymentId Deployment(EnvironmentDocument document) =>
        document.Bundles.Select(d => d.DeploymentId).Append(Sample.Deployment).ElementAt(_random.Next(document.Bundles.Length + 1));

    private RevisionId Revision(EnvironmentDocument document) =>
        document.Revisions.Select(r => r.RevisionId).Append(Sample.RevisionB).ElementAt(_random.Next(document.Revisions.Length + 1));

    private string Key() => $"k{_random.Next(12)}";

    private Ulid Mint() => Ulid.From(_now, [0, 0, 0, 0, 0, 0, 0, 0, 1, _minted++]);

    private static PackDescriptor Kind(string text) => PackDescriptor.TryParse(text, out var kind) ? kind : throw new ArgumentException(text);
}
