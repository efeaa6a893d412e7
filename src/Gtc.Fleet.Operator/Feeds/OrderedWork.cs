namespace Gtc.Fleet.Operator;

/// <summary>
/// Does what messages ask for side by side, that of one key in its order, and tells how far everything is done: the position behind which nothing is left.
/// </summary>
internal sealed class OrderedWork(int atATime, Action<StreamPosition> settled) : IDisposable
{
    private readonly SemaphoreSlim _room = new(atATime);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Item> _last = new(StringComparer.Ordinal);
    private readonly Queue<Item> _order = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the exception of work that threw; never otherwise.</summary>
    public Task Failed => _failed.Task;

    /// <summary>Begins the work of a message, when there is room for it.</summary>
    public async ValueTask StartAsync(string key, StreamPosition position, Func<Task> work, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        var item = new Item(key, position);
        Task before;
        lock (_gate)
        {
            before = _last.TryGetValue(key, out var last) ? last.Done.Task : Task.CompletedTask;
            _last[key] = item;
            _order.Enqueue(item);
        }

        _ = RunAsync(item, before, work);
    }

    public void Dispose() => _room.Dispose();

    private async Task RunAsync(Item item, Task before, Func<Task> work)
    {
        try
        {
            await before;
            await work();
            Settle(item);
            _room.Release();
        }
        catch (Exception error)
        {
            // What comes after it must not be taken for done; whoever runs this ends by it.
            _failed.TrySetException(error);
        }
    }

    private void Settle(Item item)
    {
        lock (_gate)
        {
            item.Done.SetResult();
            if (_last[item.Key] == item)
            {
                _last.Remove(item.Key);
            }

            while (_order.TryPeek(out var first) && first.Done.Task.IsCompleted)
            {
                _order.Dequeue();
                settled(first.Position);
            }
        }
    }

    private sealed class Item(string key, StreamPosition position)
    {
        public string Key { get; } = key;

        public StreamPosition Position { get; } = position;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
