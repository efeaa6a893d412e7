using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>Makes audit lines (environment-model.md §2.14).</summary>
internal static class AuditLines
{
    /// <summary>The line of an attempt that is yet without its place in the chain.</summary>
    public static AuditEvent Line(MutationIntent intent, AttemptSummary attempt, DateTimeOffset now, RandomSource random)
    {
        Span<byte> drawn = stackalloc byte[Ulid.RandomLength];
        random(drawn);
        return new AuditEvent
        {
            Schema = Schemas.AuditEvent,
            EventId = Ulid.From(now, drawn).ToString(),
            Ts = now,
            Actor = intent.Actor ?? LocalActor.Current(),
            EnvId = intent.Environment.ToString(),
            Noun = intent.Noun,
            Verb = intent.Verb,
            Target = ToElement(attempt.Target ?? intent.Target),
            PreviousGeneration = attempt.PreviousGeneration,
            NewGeneration = attempt.NewGeneration,
            IdempotencyKey = intent.IdempotencyKey,
            Authorization = intent.Authorization ?? LocalActor.Authorize(intent.Environment, attempt.Refusal),
            Result = attempt.Recorded ?? (attempt.Refusal is { } refusal ? new AuditResult("error", ErrorKinds.Of(refusal), refusal.Message) : new AuditResult("ok", null, null)),
        };
    }

    /// <summary>A target as a value.</summary>
    public static JsonElement ToElement(JsonObject target)
    {
        using var document = JsonDocument.Parse(target.ToJsonString());
        return document.RootElement.Clone();
    }
}
