using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Runtime;

/// <summary>What became of messages that were to be taken in.</summary>
/// <param name="Items">Those to be answered here and now; none when they were taken in before, or others come first.</param>
/// <param name="Refusal">Why they were not taken in, or null.</param>
internal readonly record struct Taken(ImmutableArray<InboxItem> Items, Refusal? Refusal);

/// <summary>Keeps messages from when their sender is told that they came until they are answered. Thread-safe.</summary>
internal interface IInbox : IAsyncDisposable
{
    /// <summary>Takes messages in. When it returns they are kept.</summary>
    /// <param name="items">What came with one request; their ids are given here.</param>
    /// <param name="cancellationToken">Ends the wait; they may be taken in nevertheless.</param>
    Task<Taken> TakeAsync(ImmutableArray<InboxItem> items, CancellationToken cancellationToken);

    /// <summary>A message is about to be answered here, for the first time or again.</summary>
    /// <returns>As <see cref="NoteAsync"/>.</returns>
    Task<string?> BeginAsync(long id);

    /// <summary>Writes down how far a message got.</summary>
    /// <returns>Why this process must leave the message to others from now on; null when it need not.</returns>
    Task<string?> NoteAsync(InboxProgress progress);
}
