using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Keeps what was counted (fleet.md §7.5): pages that changed go to the place that the newest whole header does not name, then a header names them. Whatever
/// moment the process ends at, one header with all its pages is there.
/// </summary>
internal sealed partial class Checkpointer(ICheckpointStore store, string shard, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private Dictionary<PageId, PagePlace> _places = [];
    private long _generation;

    /// <summary>When the newest checkpoint was made; null before the first.</summary>
    public DateTimeOffset? WrittenAt { get; private set; }

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
            var bytes = await store.ReadAsync(HeaderKey(slot), cancellationToken);
            BytesRead += bytes?.Length ?? 0;
            if (CheckpointHeader.Read(bytes) is { } header)
            {
                headers.Add(header);
            }
        }

        if (headers.MaxBy(header => header.Generation) is not { } newest)
        {
            return null;
        }

        _generation = newest.Generation;
        var pages = new List<(PageId, byte[])>();
        foreach (var (id, place) in newest.Pages)
        {
            var bytes = await store.ReadAsync(PageKey(id, place.Slot), cancellationToken);
            if (bytes is null || CheckpointHeader.Crc(bytes) != place.Crc)
            {
                Log.Damaged(logger, PageKey(id, place.Slot));
                return null;
            }

            BytesRead += bytes.Length;
            pages.Add((id, bytes));
        }

        _places = new Dictionary<PageId, PagePlace>(newest.Pages);
        WrittenAt = newest.WrittenAt;
        return (FleetTables.Read(pages), newest);
    }

    /// <summary>Makes a checkpoint of the tables as they are now.</summary>
    public async Task WriteAsync(SharedTables tables, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            await WriteOneAsync(tables, cancellationToken);
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
                Positions = new Dictionary<string, StreamPosition>(positions),
                DevicesVersion = tables.DevicesVersion,
                Pages = _places,
            });
        });

        var places = _places.Where(place => all.Contains(place.Key)).ToDictionary(place => place.Key, place => place.Value);
        foreach (var (id, content) in dirty)
        {
            places[id] = new PagePlace((byte)(_places.TryGetValue(id, out var old) ? 1 - old.Slot : 0), CheckpointHeader.Crc(content));
        }

        var error = await store.WriteAsync([.. dirty.Select(page => KeyValuePair.Create(PageKey(page.Id, places[page.Id].Slot), page.Content))], cancellationToken);
        var last = (header with { Pages = places }).Write();
        error ??= await store.WriteAsync([KeyValuePair.Create(HeaderKey((int)(header.Generation % 2)), last)], cancellationToken);
        if (error is not null)
        {
            tables.Do(change => change.MarkDirtyPages(dirty.Select(page => page.Id)));
            Log.NotWritten(logger, error);
            return;
        }

        (_places, _generation, WrittenAt) = (places, header.Generation, header.WrittenAt);
        LastSeconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        LastBytes = dirty.Sum(page => (long)page.Content.Length) + last.Length;
    }

    private string HeaderKey(int slot) => string.Create(CultureInfo.InvariantCulture, $"{shard}.h.{slot}");

    private string PageKey(PageId id, int slot) =>
        string.Create(CultureInfo.InvariantCulture, $"{shard}.{id.Kind switch { PageKind.Devices => 'd', PageKind.Deployments => 'n', _ => 'p' }}.{id.Number}.{slot}");

    private static partial class Log
    {
        [LoggerMessage(4968, LogLevel.Warning, "Page {Page} of the checkpoint is missing or damaged; everything is read anew")]
        public static partial void Damaged(ILogger logger, string page);

        [LoggerMessage(4969, LogLevel.Warning, "The checkpoint could not be made and is tried again: {Cause}")]
        public static partial void NotWritten(ILogger logger, string cause);
    }
}
