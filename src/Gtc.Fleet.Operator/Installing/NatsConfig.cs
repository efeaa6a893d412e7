using System.Collections.Immutable;

namespace Gtc.Fleet.Operator.Installing;

/// <summary>The configuration of a nats-server, as typed values; <see cref="NatsConfigText"/> writes it. Members that are null are not written.</summary>
public sealed record NatsConfig
{
    /// <summary>The server's name, unique in a cluster; <c>$HOSTNAME</c> is its pod's.</summary>
    public string ServerName { get; init; } = "$HOSTNAME";

    /// <summary>Where clients connect.</summary>
    public string Listen { get; init; } = "0.0.0.0:4222";

    /// <summary>Where health and metrics are answered; null when they are not.</summary>
    public string? Http { get; init; } = "0.0.0.0:8222";

    /// <summary>Streams and buckets; null without.</summary>
    public NatsStreams? JetStream { get; init; }

    /// <summary>Servers that are one, in one place; null for a single server.</summary>
    public NatsCluster? Cluster { get; init; }

    /// <summary>Clusters in several places; null without.</summary>
    public NatsGateway? Gateway { get; init; }

    /// <summary>Servers that hang below this one, or that this one hangs below; null without.</summary>
    public NatsLeafNodes? LeafNodes { get; init; }

    /// <summary>Where browsers connect; null without.</summary>
    public NatsWebSocket? WebSocket { get; init; }

    /// <summary>The certificate that clients are shown; null for plain connections.</summary>
    public NatsTls? Tls { get; init; }

    /// <summary>Who may connect by decentralised JWTs; null without.</summary>
    public NatsOperatorMode? OperatorMode { get; init; }

    /// <summary>Who may connect otherwise; null for everybody.</summary>
    public NatsAuthorization? Authorization { get; init; }

    /// <summary>Limits; null for the server's own.</summary>
    public NatsLimits? Limits { get; init; }

    /// <summary>Whether it holds what nobody but the server may read, so that it belongs into a Secret.</summary>
    public bool HoldsSecrets => OperatorMode is not null || Authorization is not null || LeafNodes?.Remotes.Any(remote => remote.Url.Contains('@', StringComparison.Ordinal)) == true;
}

/// <summary>Streams and buckets.</summary>
public sealed record NatsStreams
{
    /// <summary>Where they are kept.</summary>
    public string StoreFolder { get; init; } = "/data";

    /// <summary>Bytes in memory; null for the server's own choice.</summary>
    public long? MaxMemory { get; init; }

    /// <summary>Bytes on disk; null for the server's own choice.</summary>
    public long? MaxFile { get; init; }

    /// <summary>The domain, by which leaf nodes and sites tell their streams apart; null for none.</summary>
    public string? Domain { get; init; }
}

/// <summary>Servers that are one.</summary>
public sealed record NatsCluster
{
    /// <summary>The cluster's name.</summary>
    public required string Name { get; init; }

    /// <summary>Where the others connect.</summary>
    public string Listen { get; init; } = "0.0.0.0:6222";

    /// <summary>The others, as <c>nats://host:6222</c>.</summary>
    public ImmutableArray<string> Routes { get; init; } = [];
}

/// <summary>Clusters in several places.</summary>
public sealed record NatsGateway
{
    /// <summary>This one's name; that of its cluster.</summary>
    public required string Name { get; init; }

    /// <summary>Where the others connect.</summary>
    public string Listen { get; init; } = "0.0.0.0:7222";

    /// <summary>The others.</summary>
    public ImmutableArray<NatsRemoteGateway> Gateways { get; init; } = [];

    /// <summary>The certificate between them; null for plain connections.</summary>
    public NatsTls? Tls { get; init; }
}

/// <summary>Another cluster.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Urls">Its servers, as <c>nats://host:7222</c>.</param>
public sealed record NatsRemoteGateway(string Name, ImmutableArray<string> Urls);

/// <summary>Leaf nodes.</summary>
public sealed record NatsLeafNodes
{
    /// <summary>Where servers below this one connect; null when none may.</summary>
    public string? Listen { get; init; }

    /// <summary>Servers that this one hangs below.</summary>
    public ImmutableArray<NatsLeafRemote> Remotes { get; init; } = [];
}

/// <summary>A server that this one hangs below.</summary>
/// <param name="Url">As <c>nats-leaf://host:7422</c>, or <c>tls://host:7422</c>.</param>
/// <param name="Credentials">The file to show it; null for none.</param>
public sealed record NatsLeafRemote(string Url, string? Credentials = null);

/// <summary>Where browsers connect.</summary>
public sealed record NatsWebSocket
{
    /// <summary>The address.</summary>
    public string Listen { get; init; } = "0.0.0.0:8080";

    /// <summary>Its certificate; null for plain connections, behind something that has one.</summary>
    public NatsTls? Tls { get; init; }
}

/// <summary>A certificate.</summary>
/// <param name="CertificateFile">The certificate.</param>
/// <param name="KeyFile">Its key.</param>
/// <param name="AuthorityFile">Who signed the other side's; null for the system's authorities.</param>
/// <param name="Verify">Whether the other side needs one too.</param>
public sealed record NatsTls(string CertificateFile, string KeyFile, string? AuthorityFile = null, bool Verify = false);

/// <summary>Who may connect by decentralised JWTs.</summary>
public sealed record NatsOperatorMode
{
    /// <summary>The operator's JWT.</summary>
    public required string Operator { get; init; }

    /// <summary>The public key of the system account; null for none.</summary>
    public string? SystemAccount { get; init; }

    /// <summary>The accounts' JWTs by their public keys.</summary>
    public ImmutableSortedDictionary<string, string> Preload { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}

/// <summary>Who may connect otherwise.</summary>
public sealed record NatsAuthorization
{
    /// <summary>A user and password that everybody shares; null for none.</summary>
    public (string User, string Password)? Shared { get; init; }

    /// <summary>A service that is asked about everybody (servers from 2.10); null for none.</summary>
    public NatsAuthCallout? Callout { get; init; }
}

/// <summary>A service that is asked about everybody who connects.</summary>
/// <param name="Issuer">The public key that signs its answers.</param>
/// <param name="Account">The account that it is in.</param>
/// <param name="AuthUsers">The users that are not asked about.</param>
/// <param name="XKey">The public key that questions are sealed for; null for none.</param>
public sealed record NatsAuthCallout(string Issuer, string Account, ImmutableArray<string> AuthUsers, string? XKey = null);

/// <summary>Limits of a server.</summary>
public sealed record NatsLimits
{
    /// <summary>Connections at a time.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>Bytes of a message.</summary>
    public int? MaxPayload { get; init; }

    /// <summary>Subscriptions of one connection.</summary>
    public int? MaxSubscriptions { get; init; }
}
