using Gtc.Artifacts.Sources;

namespace Gtc.Artifacts.Oci;

/// <summary>Which bundle goes where.</summary>
public sealed record PushRequest
{
    /// <summary><c>oci://registry/repository[:tag]</c>. Without a tag the bundle can be had by its manifest's digest only.</summary>
    public required string Reference { get; init; }

    /// <summary>The bundle's file.</summary>
    public required string BundlePath { get; init; }

    /// <summary>The name that other tools give the file when they pull it; the file's own name when null. It is part of the manifest.</summary>
    public string? Title { get; init; }

    /// <summary>Credentials, plain registries, and retry bounds.</summary>
    public PullOptions Options { get; init; } = PullOptions.Default;
}
