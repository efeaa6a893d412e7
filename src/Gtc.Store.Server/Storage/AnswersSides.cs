using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The answers of a binding as they lie beside the document.</summary>
/// <param name="Answers">The answers; null where there are none.</param>
/// <param name="Generation">How often they were written or taken away; 0 where they never were.</param>
internal sealed record StandingAnswers(SideDocument? Answers, ulong Generation);

/// <summary>
/// The answers of env-packs and extensions (env-packs.md §8.4), where <see cref="BindingAnswers"/> has them in files. Their generation goes on when
/// they are taken away and come again; it is counted beside them.
/// </summary>
internal static class AnswersSides
{
    /// <summary>Makes answers the current ones of a binding, and keeps them under their digest.</summary>
    /// <param name="context">The change.</param>
    /// <param name="reference">The binding's <c>answers_ref</c>.</param>
    /// <param name="answers">The answers, an object; null to leave them.</param>
    public static Outcome<ImmutableSortedDictionary<SideName, byte[]?>> Stage(ChangeContext context, string? reference, JsonElement? answers)
    {
        if (reference is null || answers is not { } given)
        {
            return TypedSides.None;
        }

        var bytes = CanonicalJson.Bytes(given);
        return bytes.Length > BindingAnswers.MaxBytes
            ? new Refusal.InvalidArgument($"the answers have {bytes.Length} bytes, more than {BindingAnswers.MaxBytes}")
            : Written(context, reference, bytes).Then<ImmutableSortedDictionary<SideName, byte[]?>>(sides => sides.SetItem(SideName.Of(BindingAnswers.KeptUnder(reference, CanonicalJson.Digest(given))), bytes));
    }

    /// <summary>Takes the current answers of a binding away; what is kept under digests stays.</summary>
    public static Outcome<ImmutableSortedDictionary<SideName, byte[]?>> Remove(ChangeContext context, string reference) => Written(context, reference, null);

    /// <summary>Makes the answers that a document names the current ones again, where they are others now.</summary>
    public static Outcome<ImmutableSortedDictionary<SideName, byte[]?>> Recall(ChangeContext context, EnvironmentDocument restored)
    {
        var sides = TypedSides.None;
        foreach (var (reference, digest) in BindingAnswers.Differing(context.Current, restored))
        {
            if (!AnswersPlace.Holds(reference) || !SideName.TryParse(BindingAnswers.KeptUnder(reference, digest), out var kept))
            {
                return NoPlace(reference);
            }

            if (!context.Side(kept).Then(side => BindingAnswers.Checked(reference, digest, side?.Bytes.ToArray())).TryGet(out var bytes, out var refusal)
                || !Written(context, reference, bytes).TryGet(out var written, out refusal))
            {
                return refusal;
            }

            sides = sides.SetItems(written);
        }

        return sides;
    }

    /// <summary>What stands.</summary>
    /// <param name="reference">The binding's <c>answers_ref</c>.</param>
    /// <param name="side">Reads what lies beside the document.</param>
    public static Outcome<StandingAnswers> Standing(string reference, Func<SideName, Outcome<SideDocument?>> side) =>
        side(SideName.Of(reference)).Then(answers => side(CountOf(reference)).Then(count => Of(answers, count)));

    /// <summary>What stands, of both documents.</summary>
    public static Outcome<StandingAnswers> Of(SideDocument? answers, SideDocument? count)
    {
        if (count is null)
        {
            return new StandingAnswers(answers, answers is null ? 0ul : 1ul);
        }

        try
        {
            using var parsed = JsonDocument.Parse(count.Bytes);
            var generation = parsed.RootElement.GetProperty("generation").GetUInt64();
            var etag = parsed.RootElement.TryGetProperty("etag", out var tag) ? tag.GetString() : null;
            // Whoever works on the files themselves does not count.
            return new StandingAnswers(answers, etag == answers?.Etag ? generation : generation + 1);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return new Refusal.StoreFailed("the generation of a binding's answers cannot be read");
        }
    }

    /// <summary>Where the generation of answers is counted.</summary>
    public static SideName CountOf(string reference) => SideName.Of($"{Path.GetDirectoryName(reference)}/answers-count.json");

    /// <summary>An environment may come with a binding that names anything; only answers are written.</summary>
    private static Outcome<ImmutableSortedDictionary<SideName, byte[]?>> Written(ChangeContext context, string reference, byte[]? bytes) =>
        !AnswersPlace.Holds(reference) || !SideName.TryParse(reference, out var name) ? NoPlace(reference) : Standing(reference, context.Side).Then<ImmutableSortedDictionary<SideName, byte[]?>>(standing =>
        {
            var count = new JsonObject { ["generation"] = standing.Generation + 1, ["etag"] = bytes is null ? null : SideDocument.EtagOf(bytes) };
            return TypedSides.Of(name, bytes).SetItem(CountOf(reference), JsonSerializer.SerializeToUtf8Bytes(count, ContractJson.Default.JsonObject));
        });

    private static Refusal.Conflict NoPlace(string reference) => new($"`{reference}` is no place for answers");
}
