using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Artifacts.Digests;
using Gtc.Cli.Op.Deployments;
using Gtc.Cli.Payloads;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Deploy;

/// <summary>A checked <see cref="DeployPayload"/> on the environment that it is for.</summary>
internal sealed record DeployRequest
{
    private static readonly string[] Schemes = ["http", "https", "oci", "repo", "store", "file"];

    /// <summary>The environment as it was read.</summary>
    public required EnvironmentDocument Document { get; init; }

    /// <summary>What is to be done.</summary>
    public required DeployWork Work { get; init; }

    /// <summary>What the audit log is told, and what makes a retry one.</summary>
    public required MutationIntent Intent { get; init; }

    /// <summary>Checks a payload, and hashes its file.</summary>
    public static async Task<Outcome<DeployRequest>> ReadAsync(DeployPayload payload, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (Check(payload) is { } complaint)
        {
            return complaint;
        }

        var path = payload.BundlePath is null ? null : call.Context.PathOf(payload.BundlePath);
        if (!(await at.LoadAsync(cancellationToken)).TryGet(out var document, out var refusal)
            || !Digest(payload, path, cancellationToken).TryGet(out var digest, out refusal)
            || !(await DeployOverrides.ReadAsync(payload, call, cancellationToken)).TryGet(out var overrides, out refusal)
            || !call.IdempotencyKey(payload.IdempotencyKey).TryGet(out var key, out refusal)
            || !Customer(payload, document).TryGet(out var customer, out refusal))
        {
            return refusal;
        }

        var bundle = payload.BundleId ?? Path.GetFileNameWithoutExtension(path ?? payload.BundleSourceUri!);
        var existing = document.Bundles.FirstOrDefault(deployment => deployment.BundleId == bundle && deployment.CustomerId == customer);
        if (existing is not null && payload.RouteBinding is not null && Differs(RoutePayload.ToBinding(payload.RouteBinding), existing.RouteBinding))
        {
            return new Refusal.Conflict($"bundle `{bundle}` of `{customer}` is deployed with another route_binding; a deploy does not change it")
            {
                Details = [new("expected", Text(existing.RouteBinding)), new("found", Text(RoutePayload.ToBinding(payload.RouteBinding)))],
                Next = $"gtc op bundles update {at.Environment} --deployment {bundle} --host NAME",
            };
        }

        var deployment = existing?.DeploymentId ?? new DeploymentId(call.NewUlid());
        var revision = new RevisionId(call.NewUlid());
        return new DeployRequest
        {
            Document = document,
            Work = new DeployWork
            {
                DeploymentId = deployment,
                Add = existing is null ? Added(payload, deployment, bundle, customer) : null,
                Stages = [Stage(payload, revision, deployment, digest)],
                Paths = path is null ? ImmutableDictionary<RevisionId, string>.Empty : ImmutableDictionary<RevisionId, string>.Empty.Add(revision, path),
                Overrides = overrides is null ? null : new UpdateDeployment { DeploymentId = deployment, ConfigOverrides = overrides },
                Traffic = new SetTraffic
                {
                    DeploymentId = deployment,
                    Entries = [new TrafficShare { RevisionId = revision, WeightBps = TrafficSplit.Whole }],
                    UpdatedBy = "operator",
                    IdempotencyKey = payload.IdempotencyKey is null ? $"deploy:{deployment}:{revision}" : key,
                },
            },
            Intent = OpStore.Intent(at.Environment, "deploy", "run", ("bundle_id", bundle), ("customer_id", customer)) with { IdempotencyKey = key, Request = Request(payload with { ConfigOverrides = overrides }, digest) },
        };
    }

    private static Refusal.InvalidArgument? Check(DeployPayload payload)
    {
        if (payload.BundlePath is null && payload.BundleSourceUri is null)
        {
            return new("no bundle is named")
            {
                Details = [new("expected", "--bundle PATH, or --source URI together with --digest sha256:…")],
                Next = "gtc op deploy --bundle BUNDLE.gtbundle",
            };
        }

        if (payload.BundleSourceUri is { } source && (!Uri.TryCreate(source, UriKind.Absolute, out var uri) || !Schemes.Contains(uri.Scheme) || uri.UserInfo.Length > 0))
        {
            return new($"bundle_source_uri must be a URI without credentials and with one of the schemes {string.Join(", ", Schemes)}");
        }

        if (payload.BundlePath is null && payload.BundleId is null)
        {
            return new("bundle_id is required for a bundle that is only declared");
        }

        return payload.RouteBinding?.TenantSelector is { Team: not null, Tenant: null } ? new("route_binding.tenant_selector.team needs a tenant: --tenant TENANT") : null;
    }

    /// <summary>The file's own digest, which must be the pinned one; without a file the pinned one.</summary>
    private static Outcome<Sha256Digest> Digest(DeployPayload payload, string? path, CancellationToken cancellationToken)
    {
        var pin = payload.RemotePins?.BundleDigest;
        var isPinned = Sha256Digest.TryParse(pin, out var pinned);
        if (!isPinned && (pin is not null || path is null))
        {
            return new Refusal.InvalidArgument(pin is null
                ? "a bundle that is declared by its source needs remote_pins.bundle_digest: a worker that pulls it has nothing else to trust"
                : $"remote_pins.bundle_digest `{pin}` must be {Sha256Digest.Expectation}");
        }

        if (path is null)
        {
            return pinned;
        }

        if (!File.Exists(path))
        {
            return new Refusal.Missing($"there is no bundle at {path}");
        }

        return ContentDigest.OfFile(path, cancellationToken).Then(found => !isPinned || found == pinned ? found : (Outcome<Sha256Digest>)new Refusal.DigestMismatch("the bundle is not the one that is pinned")
        {
            Details = [new("expected", pinned.ToString()), new("found", found.ToString())],
        });
    }

    private static Outcome<string> Customer(DeployPayload payload, EnvironmentDocument document) =>
        (payload.CustomerId ?? (document.EnvironmentId == EnvId.Local ? DeploymentVerbs.LocalCustomer : null)) is { } customer
            ? customer
            : new Refusal.InvalidArgument($"customer_id is required in environment `{document.EnvironmentId}`: it says who is billed");

    private static AddDeployment Added(DeployPayload payload, DeploymentId id, string bundle, string customer) => new()
    {
        DeploymentId = id,
        BundleId = bundle,
        CustomerId = customer,
        RouteBinding = RoutePayload.ToBinding(payload.RouteBinding),
        RevenueShare = payload.RevenueShare.IsEmpty
            ? [new RevenueShareEntry { PartyId = "greentic", BasisPoints = TrafficSplit.Whole }]
            : [.. payload.RevenueShare.Select(share => new RevenueShareEntry { PartyId = share.PartyId, BasisPoints = share.BasisPoints })],
    };

    private static StageRevision Stage(DeployPayload payload, RevisionId id, DeploymentId deployment, Sha256Digest digest) => new()
    {
        RevisionId = id,
        DeploymentId = deployment,
        BundleDigest = digest.ToString(),
        BundleSourceUri = payload.BundleSourceUri,
        PackListLockRef = $"revisions/{id}/pack-list.lock",
        SignatureSidecarRef = RevisionSignatures.SidecarRef(id),
        DrainSeconds = payload.RemotePins?.DrainSeconds ?? Revisions.StagePayload.DefaultDrainSeconds,
    };

    private static bool Differs(RouteBinding left, RouteBinding right) =>
        !left.Hosts.SequenceEqual(right.Hosts) || !left.PathPrefixes.SequenceEqual(right.PathPrefixes)
        || left.TenantSelector.Tenant != right.TenantSelector.Tenant || left.TenantSelector.Team != right.TenantSelector.Team;

    private static string Text(RouteBinding route) =>
        $"hosts [{string.Join(", ", route.Hosts)}], path_prefixes [{string.Join(", ", route.PathPrefixes)}], tenant {route.TenantSelector.Tenant}/{route.TenantSelector.Team}";

    /// <summary>What is asked: the payload, with bundle and overrides by their content and not by their place.</summary>
    private static JsonElement Request(DeployPayload payload, Sha256Digest digest)
    {
        var asked = JsonSerializer.SerializeToNode(
            payload with { BundlePath = null, ConfigOverride = [], ConfigOverrideJson = [], ConfigOverridesFrom = null, RetireSuperseded = false },
            Apply.ApplyJson.Default.DeployPayload)!;
        asked["bundle_digest"] = digest.ToString();
        return JsonElement.Parse(asked.ToJsonString(), new JsonDocumentOptions { MaxDepth = PayloadBounds.MaxSegments + 64 });
    }
}
