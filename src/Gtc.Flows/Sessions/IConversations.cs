using Gtc.Model;

namespace Gtc.Flows;

/// <summary>Remembers which conversations began, so that each is greeted once (flows-and-components.md §2.13). Thread-safe.</summary>
public interface IConversations
{
    /// <summary>Notes that a message came in a conversation.</summary>
    /// <param name="key">The conversation: 64 hexadecimal digits.</param>
    /// <param name="messageId">What the message is known by should it come again, or null when it comes once.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the conversation began with this message; a refusal when that is not to be had.</returns>
    Outcome<bool> BeganWith(string key, string? messageId, CancellationToken cancellationToken);
}
