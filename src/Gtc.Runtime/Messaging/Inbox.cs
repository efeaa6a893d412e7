using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading.Channels;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Runtime;

/// <summary>
/// Messages that were taken in, kept on disk until they are answered, so that a provider that got its 200 need not send again. Each message is
/// answered at least once; one that comes twice is known by its key. Several callers share a flush. Thread-safe.
/// </summary>
internal sealed class Inbox : IInbox
{
    /// <summary>Messages that may wait; beyond that providers are asked to come again.</summary>
    public const int MaxWaiting = 10_000;

    /// <summary>Their bytes.</summary>
    public const long MaxWaitingBytes = 64L << 20;

    /// <summary>How many messages are known when they come again.</summary>
    public const int KeysKept = 16_384;

    private const int MostInOneFlush = 256;
    private const long RewriteBeyond = 8L << 20;

    private static readonly Taken Full = new([], new Refusal.StoreFailed("the inbox is full"));

    private readonly RecordLog _log;
    private readonly Channel<Entry> _entries = Channel.CreateBounded<Entry>(new BoundedChannelOptions(1024) { SingleReader = true });
    private readonly SortedDictionary<long, InboxItem> _waiting = [];
    private readonly Dictionary<long, int> _sizes = [];
    private readonly HashSet<long> _begun = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly Queue<string> _keysByAge = new();
    private readonly Task _writing;
    private long _waitingBytes;
    private long _lastId;

    private Inbox(RecordLog log, Replay replay)
    {
        _log = log;
        foreach (var item in replay.Items.Values)
        {
            Hold(item);
        }

        foreach (var key in replay.Keys)
        {
            Remember(key);
        }

        _lastId = replay.LastId;
        Unanswered = [.. _waiting.Values];
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Messages that a former process left, in the order in which they came.</summary>
    public ImmutableArray<InboxItem> Unanswered { get; }

    /// <summary>Opens the inbox of a worker.</summary>
    public static Outcome<Inbox> Open(string path, RandomSource random)
    {
        var replay = new Replay();
        return RecordLog.Open(path, random, replay.Add).Then<Inbox>(log => new Inbox(log, replay));
    }

    /// <inheritdoc/>
    public async Task<Taken> TakeAsync(ImmutableArray<InboxItem> items, CancellationToken cancellationToken)
    {
        var entry = new Entry { Items = items };
        await _entries.Writer.WriteAsync(entry, cancellationToken);
        return await entry.Done.Task.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Writes down, before the message is answered, that this process began it, so that one that kills its process is known by it. A process that dies
    /// leaves that behind also when it is not on the disk; a machine that dies says nothing against the message.
    /// </summary>
    public async Task<string?> BeginAsync(long id)
    {
        var entry = new Entry { Begins = id };
        await _entries.Writer.WriteAsync(entry, CancellationToken.None);
        await entry.Done.Task;
        return null;
    }

    /// <summary>Writes down how far a message got. It need not be on the disk: at worst something is done twice.</summary>
    public async Task<string?> NoteAsync(InboxProgress progress)
    {
        await _entries.Writer.WriteAsync(new Entry { Progress = progress }, CancellationToken.None);
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        _entries.Writer.TryComplete();
        await _writing;

        // What is left in order says nothing against the message.
        _ = _log.Append([.. _begun.Select(id => Line(new() { Beginning = new(id, _waiting[id].Begun - 1) }))], isSynced: false);
        _log.Dispose();
    }

    private async Task WriteAsync()
    {
        var batch = new List<(Entry Entry, Taken Taken)>();
        var lines = new List<ReadOnlyMemory<byte>>();
        while (await _entries.Reader.WaitToReadAsync())
        {
            var isSynced = false;
            while (batch.Count < MostInOneFlush && _entries.Reader.TryRead(out var entry))
            {
                var taken = entry.Progress is { } progress ? Advance(progress, lines) : entry.Begins is { } id ? Begin(id, lines) : Admit(entry.Items, lines);
                isSynced |= entry.IsArrival;
                batch.Add((entry, taken));
            }

            var refusal = lines.Count > 0 || isSynced ? _log.Append(lines, isSynced) : null;
            foreach (var (entry, taken) in batch)
            {
                entry.Done.SetResult(refusal is null || !entry.IsArrival ? taken : Withdrawn(taken, refusal));
            }

            batch.Clear();
            lines.Clear();
            if (_log.Length > RewriteBeyond + (2 * _waitingBytes))
            {
                // What cannot be rewritten goes on growing, and is tried again with the next message.
                _ = _log.Replace([
                    .. _keysByAge.Select(key => Line(new() { Seen = key })),
                    .. _waiting.Values.Select(item => Line(new() { Item = item })),
                ]);
            }
        }
    }

    private Taken Admit(ImmutableArray<InboxItem> items, List<ReadOnlyMemory<byte>> lines)
    {
        if (items.All(item => item.Key is { } key && _keys.Contains(key)))
        {
            return new([], null);
        }

        if (_waiting.Count + items.Length > MaxWaiting || _waitingBytes > MaxWaitingBytes)
        {
            return Full;
        }

        var admitted = items.Where(item => item.Key is null || !_keys.Contains(item.Key)).Select(item => item with { Id = ++_lastId }).ToImmutableArray();
        foreach (var item in admitted)
        {
            Hold(item);
            lines.Add(Line(new() { Item = item }));
            if (item.Key is { } key)
            {
                Remember(key);
            }
        }

        return new(admitted, null);
    }

    /// <summary>Once for each process, however often it tries.</summary>
    private Taken Begin(long id, List<ReadOnlyMemory<byte>> lines)
    {
        if (_waiting.TryGetValue(id, out var item) && _begun.Add(id))
        {
            _waiting[id] = item with { Begun = item.Begun + 1 };
            lines.Add(Line(new() { Beginning = new(id, item.Begun + 1) }));
        }

        return new([], null);
    }

    private Taken Advance(InboxProgress progress, List<ReadOnlyMemory<byte>> lines)
    {
        if (_waiting.TryGetValue(progress.Id, out var item))
        {
            if (progress.IsDone)
            {
                Release(item);
            }
            else
            {
                _waiting[progress.Id] = item with { Replies = progress.Replies ?? item.Replies, Sent = progress.Sent };
            }

            lines.Add(Line(new() { Progress = progress }));
        }

        return new([], null);
    }

    /// <summary>It could not be written: nobody may rely on it, and it may come again.</summary>
    private Taken Withdrawn(Taken taken, Refusal refusal)
    {
        foreach (var item in taken.Items)
        {
            Release(item);
            _keys.Remove(item.Key ?? string.Empty);
        }

        return new([], refusal);
    }

    private void Hold(InboxItem item)
    {
        var size = JsonMarshal.GetRawUtf8Value(item.Envelope).Length;
        _waiting.Add(item.Id, item);
        _sizes.Add(item.Id, size);
        _waitingBytes += size;
    }

    private void Release(InboxItem item)
    {
        _waiting.Remove(item.Id);
        _begun.Remove(item.Id);
        _sizes.Remove(item.Id, out var size);
        _waitingBytes -= size;
    }

    private void Remember(string key)
    {
        if (_keys.Add(key))
        {
            _keysByAge.Enqueue(key);
        }

        while (_keysByAge.Count > KeysKept)
        {
            _keys.Remove(_keysByAge.Dequeue());
        }
    }

    private static ReadOnlyMemory<byte> Line(InboxRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, InboxJson.Default.InboxRecord);

    /// <summary>Messages that came, or one that is begun, or one that got further.</summary>
    private sealed record Entry
    {
        public ImmutableArray<InboxItem> Items { get; init; } = [];

        public long? Begins { get; init; }

        public InboxProgress? Progress { get; init; }

        public bool IsArrival => Begins is null && Progress is null;

        public TaskCompletionSource<Taken> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Reads what a former process wrote.</summary>
    private sealed class Replay
    {
        public SortedDictionary<long, InboxItem> Items { get; } = [];

        public List<string> Keys { get; } = [];

        public long LastId { get; private set; }

        public void Add(ReadOnlyMemory<byte> line)
        {
            InboxRecord? record;
            try
            {
                record = JsonSerializer.Deserialize(line.Span, InboxJson.Default.InboxRecord);
            }
            catch (JsonException)
            {
                // Whole, and of a later version; what can be read is answered.
                return;
            }

            if (record?.Item is { } item)
            {
                Items[item.Id] = item;
                LastId = Math.Max(LastId, item.Id);
            }

            if (record?.Progress is { } progress && Items.TryGetValue(progress.Id, out var known))
            {
                if (progress.IsDone)
                {
                    Items.Remove(progress.Id);
                }
                else
                {
                    Items[progress.Id] = known with { Replies = progress.Replies ?? known.Replies, Sent = progress.Sent };
                }
            }

            if (record?.Beginning is { } beginning && Items.TryGetValue(beginning.Id, out var begun))
            {
                Items[beginning.Id] = begun with { Begun = beginning.Begun };
            }

            if ((record?.Item?.Key ?? record?.Seen) is { } key)
            {
                Keys.Add(key);
            }
        }
    }
}
