using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts;

/// <summary>Containers on a device (fleet.md §2.1). Member names are single words, so that a resource and a payload spell them alike.</summary>
public sealed record PodmanV0 : KeepsUnknown
{
    /// <summary>The containers, 1 to 32, each with a name of its own; replaced in this order.</summary>
    [Field("The containers. Those that changed are replaced in this order.", MinItems = 1, MaxItems = FleetBounds.MaxServices)]
    public required ImmutableArray<PodmanService> Services
    {
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>Files that the agent keeps for this deployment, so that a service can mount them as <c>./path:/where/it/wants[:ro]</c>.</summary>
    [Field("Small text files that the agent keeps for the deployment. A service mounts one as ./path:/in/the/container:ro. 48 KiB in all.", MaxItems = 64)]
    public ImmutableArray<ScoreFile> Files
    {
        get => field.IsDefault ? [] : field;
        init;
    }
}

/// <summary>A small text file of a deployment.</summary>
public sealed record ScoreFile : KeepsUnknown
{
    /// <summary>The mode of a file that says none.</summary>
    public const string DefaultMode = "0644";

    /// <summary>Where it is, below the deployment's own folder on the device: relative, without <c>..</c>, e.g. <c>environment.json</c>.</summary>
    [Field("Where the file is below the deployment's own folder on the device, e.g. environment.json.", Pattern = "^[A-Za-z0-9._/-]+$", MaxLength = 200)]
    public required string Path { get; init; }

    /// <summary>Its permissions in octal, e.g. <c>0600</c>; 0644 when not given.</summary>
    [Field("Its permissions in octal.", Pattern = "^0[0-7]{3}$", Default = "\"0644\"")]
    public string? Mode { get; init; }

    /// <summary>Its text. All files of a score together have at most 48 KiB.</summary>
    [Field("The text of the file.", MaxLength = FleetBounds.MaxFileBytes)]
    public required string Content { get; init; }
}
