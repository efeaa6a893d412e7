using System.Text.Json;
using Gtc.Artifacts.Cbor;

namespace Gtc.Flows;

/// <summary>What is read from a Telegram update before its provider sees it (messaging.md §3): which one it is, and of which chat.</summary>
/// <param name="UpdateId">Its number, or null.</param>
/// <param name="ChatId">The chat, or null.</param>
public readonly record struct TelegramUpdate(long? UpdateId, string? ChatId)
{
    private static readonly string[][] ChatPlaces = [["message", "chat", "id"], ["callback_query", "message", "chat", "id"], ["edited_message", "chat", "id"]];

    /// <summary>Reads a body; one that is no update says nothing.</summary>
    public static TelegramUpdate Read(ReadOnlySpan<byte> body) => BoundedJson.Parse(body, "the update", InboundActivity.MaxBodyBytes, allowDuplicates: true).TryGet(out var update, out _)
        ? new(
            TemplatePath.Walk(update, ["update_id"]) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var id) ? id : null,
            ChatPlaces.Select(place => TemplatePath.Walk(update, place)).FirstOrDefault(chat => chat?.ValueKind is JsonValueKind.Number or JsonValueKind.String)?.ToString())
        : default;
}
