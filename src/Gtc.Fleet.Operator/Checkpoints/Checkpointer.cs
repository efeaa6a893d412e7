using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Keeps what was counted (fleet.md §7.5): pages that changed go to the place that the newest whole header does not name, then a header names them. Whatever
/// moment the process ends at, one header with all its pages is there. Only the operator that claimed the checkpoint last writes it: a header replaces the one
/// that was read and no other, and pages of another claim are in places of their own (fleet-scale.md §3.1).
/// </summary>
internal sealed partial class Checkpointer(ICheckpointStore store, string shard, LeaseEpoch epoch, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _one = new(1);
    private readonly ulong[] _revisions = new ulong[2];
    private Dictionary<PageId, PagePlace> _places = [];
    private CheckpointHeader? _unanswered;
    private long _generation;
    private long _claim;

    /// <summary>When the newest checkpoint was made; null before the first.</summary>
    public DateTimeOffset? WrittenAt { get; private set; }

    /// <summary>How far each stream was read into the newest checkpoint.</summary>
    public IReadOnlyDictionary<string, StreamPosition> Positions { get; private set; } = new Dictionary<string, StreamPosition>();

    /// <summary>Whether another operator has claimed the checkpoint: this one is not the leader any more, and writes nothing.</summary>
    public bool IsSuperseded { get; private set; }

    /// <summary>How long the last one took, in seconds.</summary>
    public double LastSeconds { get; private set; }

    /// <summary>Bytes that were read at the start, and that the last checkpoint wrote.</summary>
    public long BytesRead { get; private set; }

    public long LastBytes { get; private set; }

    /// <summary>Reads the newest whole checkpoint.</summary>
    /// <returns>Tables and header; null when there is none, or a page of it is damaged: everything has to be read anew then.</returns>
    public async Task<(FleetTables Tables, CheckpointHeader Header)?> ReadAsync(CancellationToken cancellationToken)
    {
        var headers = new List<CheckpointHeader>();
        for (var slot = 0; slot < 2; slot++)
        {
            var read = await ReadAsync(HeaderKey(slot), cancellationToken);
            _revisions[slot] = read.Revision;
            if (CheckpointHeader.Read(read.Value) is { } header)
            {
                headers.Add(header);
            }
        }

        (_generation, _places, WrittenAt, Positions) = (0, [], null, new Dictionary<string, StreamPosition>());
        if (headers.MaxBy(header => header.Generation) is not { } newest)
        {
            return null;
        }

        _generation = newest.Generation;
        IsSuperseded = epoch.IsBefore(newest.Epoch);
        var pages = new List<(PageId, byte[])>();
        foreach (var (id, place) in newest.Pages)
        {
            var bytes = (await ReadAsync(PageKey(id, place), cancellationToken)).Value;
            if (bytes is null || CheckpointHeader.Crc(bytes) != place.Crc)
            {
                Log.Damaged(logger, PageKey(id, place));
                return null;
            }

            pages.Add((id, bytes));
        }

        _places = new Dictionary<PageId, PagePlace>(newest.Pages);
        (WrittenAt, Positions) = (newest.WrittenAt, newest.Positions);
        return (FleetTables.Read(pages), newest);
    }

    /// <summary>
    /// Makes the checkpoint that was read this operator's: from here on nobody who read it earlier can write. It says the same as before, or that nothing is known.
    /// </summary>
    /// <param name="read">What <see cref="ReadAsync(CancellationToken)"/> found.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when another wrote since it was read; it has to be read again unless <see cref="IsSuperseded"/>.</returns>
    public async Task<bool> ClaimAsync(CheckpointHeader? read, CancellationToken cancellationToken)
    {
        if (IsSuperseded)
        {
            return false;
        }

        var claim = new CheckpointHeader
        {
            Generation = _generation + 1,
            WrittenAt = read?.WrittenAt ?? time.GetUtcNow(),
            Epoch = epoch,
            Positions = read?.Positions ?? new Dictionary<string, StreamPosition>(),
            DevicesVersion = read?.DevicesVersion,
            Pages = _places,
        };
        var stored = await store.ReplaceAsync(HeaderKey(SlotOf(claim)), claim.Write(), _revisions[SlotOf(claim)], cancellationToken);
        if (stored.IsConflict || stored.Error is not null)
        {
            return false;
        }

        _revisions[SlotOf(claim)] = stored.Revision;
        (_generation, _claim) = (claim.Generation, claim.Generation);
        var named = _places.Select(place => PageKey(place.Key, place.Value)).ToHashSet(StringComparer.Ordinal);
        await store.SweepAsync($"{shard}.", key => named.Contains(key) || IsHeader(key) || ClaimOf(key) >= _claim, cancellationToken);
        return true;
    }

    /// <summary>Makes a checkpoint of the tables as they are now, unless another operator claimed it.</summary>
    public async Task WriteAsync(SharedTables tables, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (!IsSuperseded && (_unanswered is not { } earlier || await SettleAsync(earlier, cancellationToken)))
            {
                await WriteOneAsync(tables, cancellationToken);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task WriteOneAsync(SharedTables tables, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var (dirty, all, header) = tables.Cut((cut, positions) =>
        {
            var pages = cut.TakeDirtyPages().Where(page => cut.HasPage(page)).Select(page => (Id: page, Content: cut.WritePage(page))).ToList();
            return (pages, cut.Pages.ToHashSet(), new CheckpointHeader
            {
                Generation = _generation + 1,
                WrittenAt = time.GetUtcNow(),
                Epoch = epoch,
                Positions = new Dictionary<string, StreamPosition>(positions),
                DevicesVersion = tables.DevicesVersion,
                Pages = _places,
            });
        });

        var places = _places.Where(place => all.Contains(place.Key)).ToDictionary(place => place.Key, place => place.Value);
        foreach (var (id, content) in dirty)
        {
            var slot = _places.TryGetValue(id, out var old) && old.Claim == _claim ? 1 - old.Slot : 0;
            places[id] = new PagePlace(_claim, (byte)slot, CheckpointHeader.Crc(content));
        }

        header = header with { Pages = places };
        var isStored = false;
        try
        {
            var error = await store.WriteAsync([.. dirty.Select(page => KeyValuePair.Create(PageKey(page.Id, places[page.Id]), page.Content))], cancellationToken);
            error ??= await ReplaceAsync(header, cancellationToken);
            isStored = error is null;
            if (error is not null)
            {
                Log.NotWritten(logger, error);
            }
        }
        finally
        {
            if (!isStored)
            {
                tables.Do(change => change.MarkDirtyPages(dirty.Select(page => page.Id)));
            }
        }

        LastSeconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        LastBytes = dirty.Sum(page => (long)page.Content.Length);
    }

    /// <returns>Null when the header is stored, or why not.</returns>
    private async Task<string?> ReplaceAsync(CheckpointHeader header, CancellationToken cancellationToken)
    {
        // Whatever comes between here and the answer, the header may be stored.
        _unanswered = header;
        var stored = await store.ReplaceAsync(HeaderKey(SlotOf(header)), header.Write(), _revisions[SlotOf(header)], cancellationToken);
        if (stored.Error is not null || (stored.IsConflict && !await SettleAsync(header, cancellationToken)))
        {
            return stored.Error ?? "another operator has claimed it";
        }

        if (!stored.IsConflict)
        {
            Stored(header, stored.Revision);
        }

        return null;
    }

    /// <summary>Finds out what became of a header whose answer did not come, before its pages' places are written again.</summary>
    /// <returns>False when another operator wrote, or nothing could be found out.</returns>
    private async Task<bool> SettleAsync(CheckpointHeader header, CancellationToken cancellationToken)
    {
        var read = await store.ReadAsync(HeaderKey(SlotOf(header)), cancellationToken);
        if (read.Error is not null)
        {
            return false;
        }

        if (read.Revision == _revisions[SlotOf(header)])
        {
            _unanswered = null;
            return true;
        }

        if (read.Value is { } value && value.AsSpan().SequenceEqual(header.Write()))
        {
            Stored(header, read.Revision);
            return true;
        }

        IsSuperseded = true;
        Log.Superseded(logger, CheckpointHeader.Read(read.Value)?.Epoch.Holder ?? "nobody");
        return false;
    }

    private void Stored(CheckpointHeader header, ulong revision)
    {
        _revisions[SlotOf(header)] = revision;
        (_places, _generation, WrittenAt, Positions) = (new Dictionary<PageId, PagePlace>(header.Pages), header.Generation, header.WrittenAt, header.Positions);
        _unanswered = null;
    }

    /// <summary>While it cannot be read, nobody knows whether there is one.</summary>
    private async Task<StoredValue> ReadAsync(string key, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await store.ReadAsync(key, cancellationToken);
            BytesRead += read.Value?.Length ?? 0;
            if (read.Error is not { } error)
            {
                return read;
            }

            Log.NotRead(logger, key, error);
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private static int SlotOf(CheckpointHeader header) => (int)(header.Generation % 2);

    private string HeaderKey(int slot) => string.Create(CultureInfo.InvariantCulture, $"{shard}.h.{slot}");

    private bool IsHeader(string key) => key == HeaderKey(0) || key == HeaderKey(1);

    private string PageKey(PageId id, PagePlace place) => string.Create(
        CultureInfo.InvariantCulture, $"{shard}.{id.Kind switch { PageKind.Devices => 'd', PageKind.Deployments => 'n', _ => 'p' }}.{id.Number}.{place.Claim}.{place.Slot}");

    private static long ClaimOf(string pageKey) => pageKey.Split('.') is [_, _, _, var claim, _] && long.TryParse(claim, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static partial class Log
    {
        [LoggerMessage(4968, LogLevel.Warning, "Page {Page} of the checkpoint is missing or damaged; everything is read anew")]
        public static partial void Damaged(ILogger logger, string page);

        [LoggerMessage(4969, LogLevel.Warning, "The checkpoint could not be made and is tried again: {Cause}")]
        public static partial void NotWritten(ILogger logger, string cause);

        [LoggerMessage(4977, LogLevel.Error, "The checkpoint was claimed by {Holder}: this operator writes no more and waits for the Lease")]
        public static partial void Superseded(ILogger logger, string holder);

        [LoggerMessage(4978, LogLevel.Warning, "{Key} of the checkpoint could not be read and is tried again: {Cause}")]
        public static partial void NotRead(ILogger logger, string key, string cause);
    }
}
