using System.Text.Json;

namespace Gtc.Runtime.Tests.Messaging;

/// <summary>Messages that a process which is gone took in.</summary>
internal static class LeftItems
{
    /// <summary>A message of a chat that no flow answered yet.</summary>
    public static InboxItem Left(this BotLab lab, int id, string chat, string text) => new()
    {
        Id = id,
        Key = $"k{id}",
        Deployment = lab.Deployment,
        Revision = lab.Revision,
        ProviderType = "messaging.telegram.bot",
        Hint = $"telegram:{chat}",
        ReceivedAt = TimeProvider.System.GetUtcNow(),
        Envelope = JsonElement.Parse(
            """{"id":"e","tenant":{"env":"local","tenant":"default","tenant_id":"default","attempt":0},"channel":"telegram","session_id":"CHAT","to":[{"id":"CHAT","kind":"chat"}],"from":{"id":"CHAT","kind":"user"},"metadata":{"chat_id":"CHAT"},"text":"TEXT"}"""
                .Replace("CHAT", chat, StringComparison.Ordinal).Replace("TEXT", text, StringComparison.Ordinal)),
    };
}
