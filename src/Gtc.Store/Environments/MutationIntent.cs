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
}
