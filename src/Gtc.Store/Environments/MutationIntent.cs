using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>What is about to be done, known before it is tried, so that a rejected attempt can be recorded too.</summary>
/// <param name="Environment">The environment.</param>
/// <param name="Noun">The noun of the verb, e.g. <c>traffic</c>.</param>
/// <param name="Verb">The verb, e.g. <c>set</c>.</param>
/// <param name="Target">What is acted on (store.md §5.2): ids and keys, never values.</param>
public sealed record MutationIntent(EnvId Environment, string Noun, string Verb, JsonObject Target)
{
    /// <summary>The caller's or the minted key, or null.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>What is asked, when the target alone does not say it, e.g. the payload. A retry is one only when this is the same too; null when the target says it all. It is not kept, only its digest.</summary>
    public JsonElement? Request { get; init; }

    /// <summary>The generation that the caller saw; another one is refused with <see cref="Refusal.StaleWrite"/>. Null not to ask.</summary>
    public ulong? ExpectedGeneration { get; init; }

    /// <summary>Who asks, when it is not the user of this process: a server acts for its callers.</summary>
    public AuditActor? Actor { get; init; }

    /// <summary>By which right, when it is not that of the owner of the files. Set together with <see cref="Actor"/>.</summary>
    public AuditAuthorization? Authorization { get; init; }

    /// <summary>What is asked, as a digest of the caller's own, in place of the one over noun, verb, target and <see cref="Request"/>; null for that one.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The digest that a retry must repeat, 64 hex digits.</summary>
    public string AskedDigest() => ReplayLedger.Fingerprint(this);
}
