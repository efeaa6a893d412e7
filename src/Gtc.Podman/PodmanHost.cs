using System.Collections.Immutable;

namespace Gtc.Podman;

/// <summary>What podman says about itself and its host.</summary>
/// <param name="Version">Of podman.</param>
/// <param name="IsRootless">True when it runs as an ordinary user.</param>
/// <param name="CgroupVersion"><c>v1</c> or <c>v2</c>.</param>
/// <param name="Controllers">Cgroup controllers that it may use; limits need <c>memory</c>, <c>cpu</c> and <c>pids</c>.</param>
/// <param name="StorageFolder">Where images and containers are stored.</param>
/// <param name="Architecture">Such as <c>amd64</c>.</param>
public sealed record PodmanHost(string Version, bool IsRootless, string CgroupVersion, ImmutableArray<string> Controllers, string StorageFolder, string Architecture);

/// <summary>The members of <c>info</c> that are read.</summary>
internal sealed record HostBody(HostPart? Host, StorePart? Store, VersionPart? Version);

internal sealed record HostPart(string? Arch, string? CgroupVersion, ImmutableArray<string>? CgroupControllers, SecurityPart? Security);

internal sealed record SecurityPart(bool Rootless);

internal sealed record StorePart(string? GraphRoot);

internal sealed record VersionPart([property: System.Text.Json.Serialization.JsonPropertyName("Version")] string? Version);
