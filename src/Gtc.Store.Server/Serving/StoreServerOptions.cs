using System.Net;
using Gtc.Store;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Store.Server;

/// <summary>How a server serves.</summary>
public sealed record StoreServerOptions
{
    /// <summary>The port when none is given.</summary>
    public const int DefaultPort = 8787;

    /// <summary>The most bytes of an artifact when nothing is said: 2 GiB, as of a bundle that is pulled.</summary>
    public const long DefaultMaxArtifactBytes = 2L << 30;

    /// <summary>The most bytes of an imported environment when nothing is said.</summary>
    public const int DefaultMaxImportBytes = 256 << 20;

    /// <summary>Where it listens; port 0 takes any free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, DefaultPort);

    /// <summary>Where environments are kept. The server disposes it.</summary>
    public required IEnvironmentStorage Storage { get; init; }

    /// <summary>The server's own key.</summary>
    public required OperatorKeyFile OperatorKey { get; init; }

    /// <summary>The access file, absolute: who may do what; null to let everybody in.</summary>
    public string? Tokens { get; init; }

    /// <summary>The files of TLS; null to speak plain HTTP.</summary>
    public StoreTlsFiles? Tls { get; init; }

    /// <summary>Whether everybody may be let in who reaches an address that is not loopback.</summary>
    public bool AllowsOpenNetwork { get; init; }

    /// <summary>What each known caller may ask.</summary>
    public RateLimit CallerLimit { get; init; } = new(10_000, 5_000);

    /// <summary>What strangers of one address may ask.</summary>
    public RateLimit StrangerLimit { get; init; } = new(20, 1);

    /// <summary>The most bytes of a body.</summary>
    public int MaxBodyBytes { get; init; } = 1 << 20;

    /// <summary>The most bytes of an artifact.</summary>
    public long MaxArtifactBytes { get; init; } = DefaultMaxArtifactBytes;

    /// <summary>How long an upload is kept to which nothing is added.</summary>
    public TimeSpan UploadAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The most bytes of a body that brings a whole environment.</summary>
    public int MaxImportBytes { get; init; } = DefaultMaxImportBytes;

    /// <summary>How many audit lines an environment keeps at least; a few more until it is pruned again. Null for all.</summary>
    public int? AuditMaxRows { get; init; }

    /// <summary>How many generations an environment keeps at least; a few more until they go. Null for all.</summary>
    public ulong? HistoryMaxGenerations { get; init; }

    /// <summary>How long after a pass over everything that is kept the next one begins; null to make none.</summary>
    public TimeSpan? ScrubEvery { get; init; }

    /// <summary>Which share of the time such a pass may take, over 0 and at most 1.</summary>
    public double ScrubShare { get; init; } = 0.05;

    /// <summary>The most bytes of all artifacts, with those that are on their way; null for no bound.</summary>
    public long? MaxArtifactsTotalBytes { get; init; }

    /// <summary>How long an artifact stays that no revision names; null for ever.</summary>
    public TimeSpan? ArtifactsKept { get; init; }

    /// <summary>What is told in <c>GET /healthz</c>.</summary>
    public string Version { get; init; } = "unknown";

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where it logs.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
