using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>
/// What a client refused by itself, e.g. because a name stands for nothing. Asked under a key that stands, it gets the answer of that change: what
/// was meant may be gone by now. Otherwise the attempt goes on record like every other.
/// </summary>
internal static class AttemptRoutes
{
    private const int MaxTargetBytes = 16 << 10;
    private const int MaxMessageLength = 8 << 10;

    /// <summary>The routes.</summary>
    public static IReadOnlyList<ChangeRoute> All { get; } =
    [
        ChangeRoute.With(
            "POST",
            "/environments/{env_id}/attempts",
            "attempts",
            "record",
            "Answers the change that stands under the key, or records that the client refused it",
            ContractJson.Default.AttemptBody,
            Record) with
        {
            MakesEnvironment = true,
            Precondition = Precondition.Ignored,
        },
    ];

    private static Outcome<Planned> Record(Asked asked, AttemptBody body)
    {
        if (!IsName(body.Noun) || !IsName(body.Verb))
        {
            return new Refusal.InvalidArgument("noun and verb must be words of the command line");
        }

        if (body.Target.ValueKind != JsonValueKind.Object || body.Target.GetRawText().Length > MaxTargetBytes)
        {
            return new Refusal.InvalidArgument($"target must be an object of at most {MaxTargetBytes:N0} bytes");
        }

        return KeptRefusal.TryRead(body.Refusal) is { Message.Length: > 0 and <= MaxMessageLength } refusal
            ? new Planned(JsonObject.Create(body.Target)!, _ => refusal) { Recorded = (body.Noun, body.Verb), IsTold = true }
            : new Refusal.InvalidArgument("refusal must be {\"kind\",\"message\",\"details\",\"next\"}");
    }

    private static bool IsName(string text) => text.Length is > 0 and <= 64 && text.All(character => char.IsAsciiLetterLower(character) || character is '-' or '.');
}
