using System.Runtime.CompilerServices;

namespace Gtc.Nats;

/// <summary>What is in a bucket and what changes, in order and without gaps, markers included. One reader at a time.</summary>
public sealed class BucketWatch : IAsyncDisposable
{
    private readonly OrderedConsumer _consumer;
    private readonly int _prefixLength;
    private BucketEntry? _first;
    private bool _isInitialOver;

    internal BucketWatch(OrderedConsumer consumer, int prefixLength, BucketEntry? first)
    {
        _consumer = consumer;
        _prefixLength = prefixLength;
        _first = first;
        InitialPending = consumer.InitialPending + (first is null ? 0UL : 1);
        _isInitialOver = InitialPending == 0;
    }

    /// <summary>How many entries were there when it was opened.</summary>
    public ulong InitialPending { get; }

    /// <summary>True when all that was there at first was read; from then on, entries are changes.</summary>
    public bool IsInitialOver => _isInitialOver;

    /// <summary>Why there are no more entries, or null while there may be.</summary>
    public NatsError? Error => _consumer.Error;

    /// <summary>How many times it was made anew because something was missing.</summary>
    public int Restarts => _consumer.Restarts;

    /// <summary>All entries, then all changes as they come. It ends only when there will be no more: <see cref="Error"/> says why.</summary>
    public async IAsyncEnumerable<BucketEntry> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await ReadAsync(cancellationToken) is { } entry)
        {
            yield return entry;
        }
    }

    /// <summary>The entries that are there; it ends after the last. Reading on gives the changes.</summary>
    public async IAsyncEnumerable<BucketEntry> ReadInitialAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (!_isInitialOver && await ReadAsync(cancellationToken) is { } entry)
        {
            yield return entry;
        }
    }

    /// <summary>The next entry.</summary>
    /// <returns>Null when there will be no more; <see cref="Error"/> says why.</returns>
    public async ValueTask<BucketEntry?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_first is { } first)
        {
            _first = null;
            _isInitialOver = _consumer.InitialPending == 0;
            return first;
        }

        if (await _consumer.ReadAsync(cancellationToken) is not { } message)
        {
            return null;
        }

        _isInitialOver |= message.Pending == 0;
        return new(message, _prefixLength);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _consumer.DisposeAsync();
}
