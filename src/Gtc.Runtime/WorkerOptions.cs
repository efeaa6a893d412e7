using System.Collections.Frozen;
using Gtc.Artifacts.Sources;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Routing;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>What a worker is told at start; everything else comes from its environment's folder.</summary>
public sealed record WorkerOptions
{
    /// <summary>The environment.</summary>
    public required EnvId Environment { get; init; }

    /// <summary>Where environments are kept.</summary>
    public required FileEnvironmentStore Store { get; init; }

    /// <summary>Reads an environment variable.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Where banners go: standard output.</summary>
    public required TextWriter Banners { get; init; }

    /// <summary>Where log lines go.</summary>
    public required ILoggerFactory Logging { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>64 random bits; they decide between the revisions of a split for callers that are not known.</summary>
    public required Func<ulong> Random { get; init; }

    /// <summary>Makes the key of the cookies that pin.</summary>
    public required RandomSource Keys { get; init; }

    /// <summary>Draws a number in [0, 1); spreads retries.</summary>
    public required Func<double> Jitter { get; init; }

    /// <summary>The most bytes that a bundle may have.</summary>
    public long MaxBundleBytes { get; init; } = PullRequest.DefaultMaxBytes;

    /// <summary>How pulls are made.</summary>
    public PullOptions Pull { get; init; } = PullOptions.Default;

    /// <summary>How long running requests get when the worker stops.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often revisions are looked at again, and those that failed are tried again.</summary>
    public TimeSpan HealthInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest time that usage is counted without being written; what a killed process loses.</summary>
    public TimeSpan UsageInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Peers whose <c>X-Greentic-Revision</c> is believed (decision 18).</summary>
    public PeerRanges TrustedProxies { get; init; } = PeerRanges.None;

    /// <summary>The request field that callers are known by (decision 17), or null.</summary>
    public string? CallerField { get; init; }

    /// <summary>Opens the place where session pins are kept, as the environment says; null keeps them in this process (dispatcher.md §3).</summary>
    public Func<EnvironmentDocument, Outcome<PinStore>>? OpenPins { get; init; }

    /// <summary>Opens the places where flows keep state and parked sessions, as the environment says; null keeps them in this process.</summary>
    public Func<EnvironmentDocument, Outcome<FlowStores>>? OpenFlowStores { get; init; }

    /// <summary>How long a chat stays a worker's that shares its inbox with others and does not answer any more.</summary>
    public TimeSpan InboxLease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Where components may send HTTP requests to, if their packs declare that they do.</summary>
    public EgressPolicy Egress { get; init; } = EgressPolicy.Public;

    /// <summary>The packs whose components may write secrets that they declare.</summary>
    public IReadOnlySet<string> SecretWriters { get; init; } = FrozenSet<string>.Empty;

    /// <summary>The program that opens a tunnel from outside (<c>cloudflared</c>), or null for none. It comes in from this machine, so no peer here is believed then.</summary>
    public string? TunnelBinary { get; init; }

    /// <summary>Where a router finds the worker of a revision: <c>host:port</c> (decision 14).</summary>
    public Func<RevisionId, string> WorkerAddress { get; init; } = static id => $"gtc-worker-{id.ToString().ToLowerInvariant()}:8080";

    /// <summary>What keeps environment.json a copy of a store server's; null where the folder is a store of its own, or a file is mounted there.</summary>
    public StoreFollower? Following { get; init; }

    /// <summary>
    /// How long a change of files waits for those that belong to it. A follower puts a document in place as a whole, and one file alone: nothing is to wait for.
    /// </summary>
    internal TimeSpan Debounce => Following is null ? TimeSpan.FromMilliseconds(250) : TimeSpan.Zero;

    /// <summary>Whether a revision that is not on disk can be had: from its source, or by its digest from the store server that is followed.</summary>
    internal bool CanPull(Revision revision) => !string.IsNullOrEmpty(revision.BundleSourceUri) || (Following is not null && Sha256Digest.TryParse(revision.BundleDigest, out _));

    /// <summary>The one revision that this process serves (GREENTIC_REVISION_ID), or null.</summary>
    public string? OwnRevision => Variable("GREENTIC_REVISION_ID") is { } own && !string.IsNullOrWhiteSpace(own) ? own : null;

    /// <summary>
    /// Whether a deployer runs several workers in this one folder (GREENTIC_SUPERVISED). Then this one keeps off what is everybody's: it neither writes
    /// runtime-config.json nor answers <c>gtc stop</c>, listens where it is told or not at all, and believes no peer just because it is on this machine,
    /// since the router is.
    /// </summary>
    public bool SharesFolder => OwnRevision is not null && !string.IsNullOrWhiteSpace(Variable("GREENTIC_SUPERVISED"));

    /// <summary>Whether a peer is believed because it is on this machine: not where a router or a tunnel is, which pass on what strangers say.</summary>
    public bool TrustsLoopback => !SharesFolder && TunnelBinary is null;

    /// <summary>Whether there is a second listener for this machine alone: while a tunnel leads strangers to the first one.</summary>
    public bool HasAdminListener => TunnelBinary is not null && !SharesFolder;

    /// <summary>Whether this process is in a pod of a cluster.</summary>
    public bool IsInCluster => Variable("KUBERNETES_SERVICE_HOST") is { Length: > 0 };

    /// <summary>The environment's folder.</summary>
    public string EnvironmentFolder => Store.Layout.Environment(Environment).Folder;
}
