using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gtc.Model;
using Gtc.Store.Server;

namespace Gtc.Cli.Op;

/// <summary>A request of the store's contract for one environment.</summary>
/// <param name="Method">The method.</param>
/// <param name="Segments">The path below the environment; null for the collection of all environments.</param>
internal sealed record WireRequest(HttpMethod Method, ImmutableArray<string>? Segments)
{
    /// <summary>The body, or null.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>Whether it is only done on the environment as it was read. Not where the entity tag is that of something else.</summary>
    public bool IsChained { get; init; } = true;

    /// <summary>The entity tag of what is written over, where that is not the environment; null not to compare.</summary>
    public string? SideEtag { get; init; }

    /// <summary>A request without a body.</summary>
    public static WireRequest Bare(HttpMethod method, params ReadOnlySpan<string> segments) => new(method, segments.ToImmutableArray());

    /// <summary>A request to the collection of all environments.</summary>
    public static WireRequest InCollection<T>(JsonTypeInfo<T> type, T body) => new(HttpMethod.Post, null) { Body = JsonSerializer.SerializeToUtf8Bytes(body, type) };

    /// <summary>A request with a body of the contract (<see cref="ContractJson"/>).</summary>
    public static WireRequest With<T>(HttpMethod method, JsonTypeInfo<T> type, T body, params ReadOnlySpan<string> segments) =>
        new(method, segments.ToImmutableArray()) { Body = JsonSerializer.SerializeToUtf8Bytes(body, type) };
}
