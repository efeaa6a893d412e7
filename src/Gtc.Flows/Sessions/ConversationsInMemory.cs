using Gtc.Model;

namespace Gtc.Flows;

/// <summary>Remembers conversations in memory, bounded in number and in time.</summary>
/// <param name="time">Whose time it is.</param>
/// <param name="limits">How many, and how long.</param>
public sealed class ConversationsInMemory(TimeProvider time, ConversationLimits limits) : IConversations
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Begun>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<Begun> _bySilence = [];

    /// <inheritdoc/>
    public Outcome<bool> BeganWith(string key, string? messageId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_lock)
        {
            var known = _byKey.GetValueOrDefault(key);
            if (known is not null)
            {
                _bySilence.Remove(known);
            }

            var isNew = known is null || time.GetElapsedTime(known.Value.LastAt) >= limits.Lifetime;
            var began = new Begun(key, isNew ? messageId : known!.Value.MessageId, time.GetTimestamp());
            _byKey[key] = _bySilence.AddLast(began);
            if (_byKey.Count > limits.MaxConversations)
            {
                _byKey.Remove(_bySilence.First!.Value.Key);
                _bySilence.RemoveFirst();
            }

            return isNew || (messageId is not null && began.MessageId == messageId);
        }
    }

    private sealed record Begun(string Key, string? MessageId, long LastAt);
}
