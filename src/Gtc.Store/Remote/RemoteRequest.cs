using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>A change, as a store server is asked for it.</summary>
/// <param name="Environment">The environment.</param>
/// <param name="Noun">The noun, e.g. <c>traffic</c>.</param>
/// <param name="Verb">The verb, e.g. <c>set</c>.</param>
public sealed record RemoteRequest(EnvId Environment, string Noun, string Verb)
{
    /// <summary>The method.</summary>
    public required HttpMethod Method { get; init; }

    /// <summary>The path below the environment, segment by segment and not encoded; null for the collection of all environments.</summary>
    public ImmutableArray<string>? Segments { get; init; } = [];

    /// <summary>The body as JSON, or null.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>The idempotency key; asked again with the same one, the change is done once.</summary>
    public required string Key { get; init; }

    /// <summary>What a person asked for, as a digest (<see cref="MutationIntent.AskedDigest"/>); null when method, path and body say it. With it a retry is the same request although a name in it stands for something else by now.</summary>
    public string? Asked { get; init; }

    /// <summary>Whether it is only done on the environment as it was seen last. Not where the entity tag is that of something else.</summary>
    public bool IsChained { get; init; } = true;

    /// <summary>The entity tag of what is written over, where that is not the environment; null not to compare.</summary>
    public string? SideEtag { get; init; }
}

/// <summary>A change that stands on a store server.</summary>
/// <param name="Result">What the verb answers.</param>
/// <param name="Etag">The environment's entity tag after it.</param>
/// <param name="Generation">The environment's generation after it.</param>
/// <param name="IsReplay">Whether it stood before and was only answered again.</param>
/// <param name="Audit">Its audit line.</param>
public sealed record RemoteChange(JsonElement Result, string Etag, ulong Generation, bool IsReplay, AuditEvent Audit);

/// <summary>An environment on a store server.</summary>
/// <param name="Document">The document.</param>
/// <param name="Etag">Its entity tag.</param>
/// <param name="Generation">Its generation.</param>
public sealed record RemoteEnvironment(EnvironmentDocument Document, string Etag, ulong Generation);
