using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Artifacts.Distributor;

/// <summary>What a distributor serves, and where.</summary>
public sealed record DistributorOptions
{
    /// <summary>The folder whose regular files are served. Names that begin with a dot, and links that lead out of it, are not.</summary>
    public required string Folder { get; init; }

    /// <summary>The address to listen on; loopback by default.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port to listen on; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Where the access log goes.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock of response times and of the digest cache.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How many files' digests are remembered.</summary>
    public int MaxCachedDigests { get; init; } = 4096;

    /// <summary>How many files the index names; when there are more it says <c>"truncated":true</c>.</summary>
    public int MaxIndexEntries { get; init; } = 10_000;
}
