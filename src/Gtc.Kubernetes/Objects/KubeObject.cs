using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Kubernetes;

/// <summary>What every part of an object has: members that this library does not know are kept and written back.</summary>
public abstract record KeepsUnknown
{
    /// <summary>The members that have no property here.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>An object of the Kubernetes API.</summary>
public abstract record KubeObject : KeepsUnknown
{
    /// <summary>Group and version, e.g. <c>apps/v1</c>; the version alone for the core group.</summary>
    [JsonPropertyOrder(-4)]
    public required string ApiVersion { get; init; }

    /// <summary>The kind, e.g. <c>Deployment</c>.</summary>
    [JsonPropertyOrder(-3)]
    public required string Kind { get; init; }

    /// <summary>Name, namespace, labels and the rest.</summary>
    [JsonPropertyOrder(-2)]
    public required ObjectMeta Metadata { get; init; }
}

/// <summary>An object of a kind that has no type here, e.g. a custom resource: everything beyond its metadata stands in <see cref="KeepsUnknown.Unknown"/>.</summary>
public sealed record CustomObject : KubeObject;

/// <summary>The metadata of an object.</summary>
public sealed record ObjectMeta : KeepsUnknown
{
    /// <summary>The name, unique per kind and namespace.</summary>
    public string? Name { get; init; }

    /// <summary>The namespace; null for objects of the whole cluster.</summary>
    public string? Namespace { get; init; }

    /// <summary>Labels, by which objects are found.</summary>
    public ImmutableSortedDictionary<string, string>? Labels { get; init; }

    /// <summary>Annotations, which nothing is found by.</summary>
    public ImmutableSortedDictionary<string, string>? Annotations { get; init; }

    /// <summary>Counts changes of the wanted state; set by the server.</summary>
    public long? Generation { get; init; }

    /// <summary>The version for conditional writes; set by the server.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Tells an object from a later one of the same name; set by the server.</summary>
    public string? Uid { get; init; }
}
