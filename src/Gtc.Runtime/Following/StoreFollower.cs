using Gtc.Model;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>What a follower follows.</summary>
/// <param name="Environment">The environment.</param>
/// <param name="Store">Where its copy is kept.</param>
/// <param name="Connect">Makes a connection to the store server; asked anew each time, so that tokens and certificates that were renewed count.</param>
/// <param name="Time">The clock.</param>
/// <param name="Jitter">Draws a number in [0, 1); spreads reconnections.</param>
/// <param name="Logger">Where it is told.</param>
public sealed record FollowOptions(
    EnvId Environment, FileEnvironmentStore Store, Func<Outcome<StoreFeed>> Connect, TimeProvider Time, Func<double> Jitter, ILogger Logger);

/// <summary>
/// Keeps environment.json a copy of the environment on a store server. Worker and router follow that file as they follow a mounted one, so a server that is
/// away changes nothing: what was copied last is booted and served. The server's watch tells of a new generation; the document is fetched, checked and put
/// in place as a whole.
/// </summary>
public sealed partial class StoreFollower : IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>After so many the pause is the longest one.</summary>
    private const int MostDoublings = 6;

    private readonly FollowOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private Task _following = Task.CompletedTask;
    private volatile FollowedView _view;

    private StoreFollower(FollowOptions options, FollowedView view) => (_options, _view) = (options, view);

    /// <summary>What it knows of the server.</summary>
    public FollowedView View => _view;

    /// <summary>Fetches the environment, or takes the copy of an earlier run when that fails, and begins to follow.</summary>
    /// <returns>The follower; or why there is nothing to serve: neither the server nor a copy has the environment, or the folder is a store of its own.</returns>
    public static async Task<Outcome<StoreFollower>> StartAsync(FollowOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var layout = options.Store.Layout.Environment(options.Environment);
        if (Directory.Exists(layout.Journal))
        {
            return new Refusal.Conflict($"{layout.Folder} is a store of its own; a copy of another one would go over its changes")
            {
                Next = $"gtc start --env {options.Environment} --store-root ANOTHER_FOLDER --store-url …",
            };
        }

        if (!options.Connect().TryGet(out var feed, out var refusal))
        {
            return refusal;
        }

        using (feed)
        {
            var follower = new StoreFollower(options, new FollowedView(feed.Address));
            if (await follower.FetchAsync(feed, cancellationToken) is { } away && !await follower.TakeCopyAsync(away, cancellationToken))
            {
                return away;
            }

            follower._following = follower.FollowAsync();
            return follower;
        }
    }

    /// <summary>Stops following. The copy stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _stop.Dispose();
    }

    /// <summary>Whether an earlier run left a copy that can be served.</summary>
    private async Task<bool> TakeCopyAsync(Refusal away, CancellationToken cancellationToken)
    {
        if (!(await _options.Store.LoadAsync(_options.Environment, cancellationToken)).TryGet(out var copy, out _))
        {
            return false;
        }

        _view = _view with { Generation = copy.EnvGeneration, Problem = away.Message };
        Log.ServesCopy(_options.Logger, _options.Environment, copy.EnvGeneration, away.Message);
        return true;
    }

    private async Task FollowAsync()
    {
        var failures = 0;
        try
        {
            while (true)
            {
                var began = _options.Time.GetTimestamp();
                var why = await ConnectAsync();

                // A connection that lasted is no failure: what ends it ends those of all who follow, and the jitter spreads their return.
                failures = _options.Time.GetElapsedTime(began) > LongestPause ? 0 : Math.Min(failures + 1, MostDoublings);
                if (_view.Problem is null)
                {
                    Log.Away(_options.Logger, _view.Address, why.Message);
                }

                _view = _view with { IsConnected = false, Problem = why.Message };
                var pause = Math.Min(LongestPause.TotalSeconds, ShortestPause.TotalSeconds * Math.Pow(2, failures));
                await Task.Delay(TimeSpan.FromSeconds(pause * (0.5 + (_options.Jitter() / 2))), _options.Time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The process stops.
        }
    }

    /// <summary>Follows until the connection ends.</summary>
    /// <returns>Why it ended.</returns>
    private async Task<Refusal> ConnectAsync()
    {
        if (!_options.Connect().TryGet(out var feed, out var refusal))
        {
            return refusal;
        }

        using (feed)
        {
            // First, since a server that was restored may be at an earlier generation than the copy, of which no watch tells.
            if (await FetchAsync(feed, _stop.Token) is { } away)
            {
                return away;
            }

            return await feed.WatchAsync(
                _options.Environment,
                _view.Generation ?? 0,
                async told =>
                {
                    if (told is null)
                    {
                        _view = _view with { ConfirmedAt = _options.Time.GetUtcNow() };
                        return null;
                    }

                    return await FetchAsync(feed, _stop.Token);
                },
                _stop.Token);
        }
    }

    /// <summary>Makes the copy what the server has.</summary>
    /// <returns>Why that is not so, or null.</returns>
    private async Task<Refusal?> FetchAsync(StoreFeed feed, CancellationToken cancellationToken)
    {
        var before = _view;
        if (!(await feed.ReadAsync(_options.Environment, before.Etag, cancellationToken)).TryGet(out var read, out var refusal))
        {
            return refusal;
        }

        if (read is not null && Put(read) is { } unwritten)
        {
            return unwritten;
        }

        _view = before with
        {
            Generation = read?.Generation ?? before.Generation,
            Etag = read?.Etag ?? before.Etag,
            IsConnected = true,
            ConfirmedAt = _options.Time.GetUtcNow(),
            Problem = null,
        };
        Tell(before, read);
        return null;
    }

    private void Tell(FollowedView before, FedEnvironment? read)
    {
        if (before.Problem is not null)
        {
            Log.Again(_options.Logger, before.Address);
        }

        if (read is not null && before.Generation > read.Generation)
        {
            Log.WentBack(_options.Logger, _options.Environment, before.Generation.Value, read.Generation);
        }
        else if (read is not null)
        {
            Log.Copied(_options.Logger, _options.Environment, read.Generation, before.Address);
        }
    }

    /// <summary>Puts the document in place atomically; the bytes are the server's, so that what only a newer gtc knows stays in it.</summary>
    private Refusal? Put(FedEnvironment read)
    {
        var layout = _options.Store.Layout.Environment(_options.Environment);
        try
        {
            Directory.CreateDirectory(layout.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.StoreFailed($"the copy of environment `{_options.Environment}` cannot be kept: {error.Message.TrimEnd('.')}");
        }

        return _options.Store.Files(_options.Environment).Write(EnvironmentLayout.DocumentName, read.Document.Span);
    }

    private static partial class Log
    {
        [LoggerMessage(4706, LogLevel.Information, "Environment {Environment} is at generation {Generation} on {Server}")]
        public static partial void Copied(ILogger logger, EnvId environment, ulong generation, Uri server);

        [LoggerMessage(4707, LogLevel.Warning, "The store server {Server} is not followed at the moment, what was copied last goes on: {Why}")]
        public static partial void Away(ILogger logger, Uri server, string why);

        [LoggerMessage(4708, LogLevel.Warning, "The store server cannot be asked; environment {Environment} is served from the copy, generation {Generation}: {Why}")]
        public static partial void ServesCopy(ILogger logger, EnvId environment, ulong? generation, string why);

        [LoggerMessage(4710, LogLevel.Information, "The store server {Server} is followed again")]
        public static partial void Again(ILogger logger, Uri server);

        [LoggerMessage(4709, LogLevel.Warning, "Environment {Environment} went from generation {Before} back to {Generation} on the store server, as after it was restored; it is followed")]
        public static partial void WentBack(ILogger logger, EnvId environment, ulong before, ulong generation);
    }
}
