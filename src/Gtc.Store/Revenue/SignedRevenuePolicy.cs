using System.Collections.Immutable;

namespace Gtc.Store;

/// <summary>A policy and its signature, ready to be written.</summary>
public sealed record SignedRevenuePolicy
{
    /// <summary>The version.</summary>
    public required ulong Version { get; init; }

    /// <summary>Where the document goes, relative to the environment's folder.</summary>
    public required string DocumentRef { get; init; }

    /// <summary>Where the signature goes; the deployment's next <c>revenue_policy_ref</c>.</summary>
    public required string PolicyRef { get; init; }

    /// <summary>The document's exact bytes.</summary>
    public required ImmutableArray<byte> Document { get; init; }

    /// <summary>The envelope's exact bytes.</summary>
    public required ImmutableArray<byte> Envelope { get; init; }

    /// <summary>The document's SHA-256 in lower-case hex.</summary>
    public required string DocumentSha256 { get; init; }

    /// <summary>The key that signed.</summary>
    public required string KeyId { get; init; }
}
