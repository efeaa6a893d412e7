using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>One generation of an environment, as its history tells it.</summary>
/// <param name="Generation">Its number.</param>
/// <param name="At">When it was made.</param>
/// <param name="Actor">Who made it.</param>
/// <param name="Noun">The noun of the verb that made it; <c>env</c> for what was not made by a verb.</param>
/// <param name="Verb">The verb; <c>import</c> for a file that was there before the journal, <c>hand-edit</c> for one edited by hand, <c>repair</c> for one taken in after damage.</param>
/// <param name="Target">What was acted on: ids and keys, never values.</param>
/// <param name="IdempotencyKey">The key, or null.</param>
/// <param name="EventId">The id of its audit line.</param>
public sealed record GenerationEntry(
    ulong Generation, DateTimeOffset At, AuditActor Actor, string Noun, string Verb, JsonElement Target, string? IdempotencyKey, string EventId);
