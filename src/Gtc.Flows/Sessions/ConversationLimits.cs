namespace Gtc.Flows;

/// <summary>How many conversations are remembered, and how long.</summary>
/// <param name="Lifetime">How long a conversation is remembered after its last message.</param>
/// <param name="MaxConversations">Conversations that one process remembers; beyond, the one that was silent longest is forgotten, and would be greeted again.</param>
public sealed record ConversationLimits(TimeSpan Lifetime, int MaxConversations)
{
    /// <summary>30 days, 65,536 conversations.</summary>
    public static ConversationLimits Standard { get; } = new(TimeSpan.FromDays(30), 65_536);
}
