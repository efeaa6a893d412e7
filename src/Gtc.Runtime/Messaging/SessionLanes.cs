namespace Gtc.Runtime;

/// <summary>Answers messages of one session one after the other, and those of different sessions beside each other. Thread-safe.</summary>
/// <param name="answer">Answers one message; throws nothing but cancellation.</param>
/// <param name="stop">No further message is begun.</param>
internal sealed class SessionLanes(Func<InboxItem, Task> answer, CancellationToken stop)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);

    /// <summary>Puts a message behind those of its session.</summary>
    public void Queue(InboxItem item)
    {
        lock (_gate)
        {
            if (_lanes.TryGetValue(item.Lane, out var lane))
            {
                lane.Items.Enqueue(item);
                return;
            }

            lane = new Lane(new Queue<InboxItem>([item]));
            _lanes.Add(item.Lane, lane);
            lane.Running = Task.Run(() => RunAsync(item.Lane, lane), CancellationToken.None);
        }
    }

    /// <summary>Waits for what is under way, after <c>stop</c>.</summary>
    public async Task EndAsync()
    {
        Task[] running;
        lock (_gate)
        {
            running = [.. _lanes.Values.Select(lane => lane.Running)];
        }

        await Task.WhenAll(running);
    }

    private async Task RunAsync(string name, Lane lane)
    {
        try
        {
            while (Next(name, lane) is { } item)
            {
                await answer(item);
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops; what is left is in the inbox.
        }
    }

    private InboxItem? Next(string name, Lane lane)
    {
        lock (_gate)
        {
            if (!stop.IsCancellationRequested && lane.Items.TryDequeue(out var item))
            {
                return item;
            }

            _lanes.Remove(name);
            return null;
        }
    }

    private sealed class Lane(Queue<InboxItem> items)
    {
        public Queue<InboxItem> Items => items;

        public Task Running { get; set; } = Task.CompletedTask;
    }
}
