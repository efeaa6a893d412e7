using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>What is asked of an environment, known before it is tried.</summary>
public sealed record ChangeRequest
{
    /// <summary>The environment.</summary>
    public required EnvId Environment { get; init; }

    /// <summary>The noun, e.g. <c>traffic</c>.</summary>
    public required string Noun { get; init; }

    /// <summary>The verb, e.g. <c>set</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>What is acted on: ids and keys, never values.</summary>
    public required JsonObject Target { get; init; }

    /// <summary>The caller's idempotency key; null only where a denial is recorded.</summary>
    public string? Key { get; init; }

    /// <summary>The digest of the whole request, which a retry must repeat.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Who asks.</summary>
    public required AuditActor Actor { get; init; }

    /// <summary>By which right.</summary>
    public required AuditAuthorization Authorization { get; init; }

    /// <summary>As the store's files and audit lines know it.</summary>
    internal MutationIntent ToIntent() => new(Environment, Noun, Verb, Target)
    {
        IdempotencyKey = Key,
        Fingerprint = Fingerprint,
        Actor = Actor,
        Authorization = Authorization,
    };
}
