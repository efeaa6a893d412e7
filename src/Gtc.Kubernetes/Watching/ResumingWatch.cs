using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gtc.Kubernetes;

/// <summary>
/// Follows objects for as long as it is wanted: lists them page by page, watches from the version of the list, goes on where it was after every end
/// and failure, and lists again when the server has forgotten that version (410), telling what went meanwhile. No object is kept, only names.
/// </summary>
/// <param name="client">The cluster. Its <see cref="KubeClient.Patience"/> should be zero: waiting is done, and told, here.</param>
/// <param name="scope">Which objects.</param>
/// <param name="time">The clock.</param>
/// <param name="jitter">A number from 0 up to 1, another one each time: spreads the pauses of many clients.</param>
public sealed class ResumingWatch(KubeClient client, KubeScope scope, TimeProvider time, Func<double> jitter)
{
    // A connection that has lived this long was a good one.
    private static readonly TimeSpan Healthy = TimeSpan.FromSeconds(120);

    // One that told something, and for this long, was cut because one side was slow for a moment: no reason to stay away.
    private static readonly TimeSpan Useful = TimeSpan.FromSeconds(1);

    private readonly WatchBackoff _backoff = new(jitter);

    /// <summary>The objects that are there, each with the number of the list that told it last.</summary>
    private readonly Dictionary<KubeKey, int> _known = [];
    private int _lists;

    /// <summary>Where an earlier run ended; null to begin with a list. A version that the server has forgotten leads to a list all the same.</summary>
    public WatchPoint? From { get; init; }

    /// <summary>
    /// Whether names are kept, to tell with <see cref="WatchChange.Absent"/> what went between two lists. Without them the caller finds out itself, from
    /// <see cref="WatchChange.Listing"/> and <see cref="WatchChange.Synced"/>: it holds the names anyway.
    /// </summary>
    public bool KeepsNames { get; init; } = true;

    /// <summary>How long a pause after failures becomes at most, within a quarter; a caller that measures wants it short.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Everything that happens, for ever; once per watch. It ends only when it is cancelled or no more is asked for.</summary>
    public async IAsyncEnumerable<WatchChange> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var version = From?.Version;
        foreach (var key in KeepsNames && From is { } from ? from.Known : [])
        {
            _known[key] = 0;
        }

        while (true)
        {
            WatchChange.Interrupted? interrupted = null;
            await foreach (var change in version is null ? ListAsync(cancellationToken) : WatchAsync(version, cancellationToken))
            {
                version = VersionOf(change) ?? version;
                interrupted = change as WatchChange.Interrupted;
                yield return change;
            }

            if (interrupted is not null)
            {
                // A version that the server has forgotten, or never had, is of no more use.
                version = interrupted.Error.Kind is KubeErrorKind.Gone or KubeErrorKind.Invalid ? null : version;
                await Task.Delay(interrupted.Pause, time, cancellationToken);
            }
        }
    }

    private static string? VersionOf(WatchChange change) => change switch
    {
        WatchChange.Present present => present.Version,
        WatchChange.Absent absent => absent.Version,
        WatchChange.Synced synced => synced.Version,
        WatchChange.Moved moved => moved.Version,
        _ => null,
    };

    private async IAsyncEnumerable<WatchChange> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _lists++;
        yield return new WatchChange.Listing();
        var next = "";
        do
        {
            var page = await client.ListPageAsync(scope, next, cancellationToken);
            if (page.Error is { } error)
            {
                yield return Interrupted(error);
                yield break;
            }

            foreach (var item in page.Value!.Items)
            {
                if (KubeKey.Of(item) is { } key)
                {
                    Keep(key);
                    yield return new WatchChange.Present(key, item, null);
                }
            }

            next = page.Value.Next;
            if (next.Length == 0)
            {
                foreach (var key in _known.Where(pair => pair.Value != _lists).Select(pair => pair.Key).ToList())
                {
                    _known.Remove(key);
                    yield return new WatchChange.Absent(key, default, null);
                }

                yield return new WatchChange.Synced(page.Value.ResourceVersion);
            }
        }
        while (next.Length > 0);
    }

    private async IAsyncEnumerable<WatchChange> WatchAsync(string version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        KubeError? error = null;
        var told = 0;
        await foreach (var happened in client.WatchAsync(scope, version, cancellationToken))
        {
            told += happened.Kind == WatchEventKind.Failed ? 0 : 1;
            switch (happened.Kind)
            {
                case WatchEventKind.Failed:
                    error = happened.Error;
                    break;
                case WatchEventKind.Bookmark:
                    yield return new WatchChange.Moved(happened.ResourceVersion!);
                    break;
                case WatchEventKind.Deleted:
                    var gone = KubeKey.Of(happened.Item)!.Value;
                    _known.Remove(gone);
                    yield return new WatchChange.Absent(gone, happened.Item, happened.ResourceVersion);
                    break;
                default:
                    var key = KubeKey.Of(happened.Item)!.Value;
                    Keep(key);
                    yield return new WatchChange.Present(key, happened.Item, happened.ResourceVersion);
                    break;
            }
        }

        // Whatever brings something new works; a server that closes a watch which cannot keep up would otherwise be left for longer and longer.
        var lived = time.GetElapsedTime(began);
        if (lived >= Healthy || told > 0)
        {
            _backoff.Reset();
        }

        // Ended when its time was up, as it was asked to, or cut while it was of use.
        if (error is null && (lived >= Healthy || lived >= scope.WatchTimeout * 0.9 || (told > 0 && lived >= Useful)))
        {
            yield break;
        }

        yield return Interrupted(error ?? new KubeError(KubeErrorKind.Unavailable, "the API server ended the watch early"));
    }

    private WatchChange.Interrupted Interrupted(KubeError error) => new(error, _backoff.Next(error.RetryAfter, LongestPause));

    private void Keep(KubeKey key)
    {
        if (KeepsNames)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_known, key, out _) = _lists;
        }
    }
}
