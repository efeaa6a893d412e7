using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Routing;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// Brings to disk, beside everything else, what is not routed but may be asked for at any moment (decision 15): revisions that are previewed, and of each
/// active deployment the one that comes and the one that a rollback leads to. A change of the dial then only has to activate them. What cannot be had is
/// told and tried again; it disturbs nothing.
/// </summary>
/// <param name="options">Where the environment lies.</param>
/// <param name="live">What is served; it is told what is wrong.</param>
/// <param name="brought">Called, from any thread, when something has come.</param>
/// <param name="logger">Where it is told.</param>
internal sealed partial class Standby(WorkerOptions options, LiveServing live, Action brought, ILogger logger)
{
    private readonly RevisionFetcher _fetcher = new(options, logger);
    private readonly Dictionary<RevisionId, string> _problems = [];
    private Task _running = Task.CompletedTask;
    private EnvironmentDocument? _document;
    private ImmutableArray<Revision> _wanted = [];
    private int _news;

    /// <summary>Whether something has come since this was asked last.</summary>
    public bool TakeNews() => Interlocked.Exchange(ref _news, 0) != 0;

    /// <summary>Begins to bring what is missing, unless that is under way. Called by one thread.</summary>
    /// <param name="stop">Ends it.</param>
    public void Look(CancellationToken stop)
    {
        if (options.OwnRevision is not null || !_running.IsCompleted)
        {
            return;
        }

        var document = live.Current.Document;
        if (!ReferenceEquals(document, _document))
        {
            (_document, _wanted) = (document, [.. Wanted(document, options.Time.GetUtcNow()).Where(options.CanPull)]);
        }

        var missing = _wanted.RemoveAll(_fetcher.IsOnDisk);
        if (missing.IsEmpty)
        {
            live.Missing = [];
            return;
        }

        _running = Task.Run(() => BringAsync(document, missing, stop), CancellationToken.None);
    }

    /// <summary>Waits until nothing is under way any more.</summary>
    public Task EndAsync() => _running;

    private static IEnumerable<Revision> Wanted(EnvironmentDocument document, DateTimeOffset now)
    {
        var ids = PreviewRoute.Seen(document, now).ToHashSet();
        foreach (var deployment in document.Bundles.Where(deployment => deployment.Status == DeploymentStatus.Active))
        {
            var pointers = RevisionPointers.Of(document, deployment.DeploymentId);
            ids.UnionWith(new[] { pointers.Next, pointers.Previous }.OfType<RevisionId>());
        }

        var routed = document.TrafficSplits.SelectMany(split => split.Entries).Select(entry => entry.RevisionId).ToHashSet();
        return document.Revisions.Where(revision => ids.Contains(revision.RevisionId) && !routed.Contains(revision.RevisionId) && PreviewRules.CanBeSeen(revision.Lifecycle));
    }

    private async Task BringAsync(EnvironmentDocument document, ImmutableArray<Revision> missing, CancellationToken stop)
    {
        try
        {
            foreach (var revision in missing)
            {
                Tell(revision, await FetchAsync(document, revision, stop));
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }

        live.Missing = [.. _problems.Where(problem => missing.Any(revision => revision.RevisionId == problem.Key)).Select(problem => $"revision {problem.Key} is not routed yet and could not be pulled: {problem.Value}")];
    }

    private async Task<Refusal?> FetchAsync(EnvironmentDocument document, Revision revision, CancellationToken stop) =>
        SignatureGate.Open(options.Store.Files(options.Environment), document, options, logger).TryGet(out var gate, out var refusal)
            ? gate.Refuse(revision.RevisionId) ?? await _fetcher.FetchAsync([revision], stop)
            : refusal;

    private void Tell(Revision revision, Refusal? refusal)
    {
        if (refusal is null)
        {
            _problems.Remove(revision.RevisionId);
            Log.Brought(logger, revision.RevisionId, revision.DeploymentId, revision.BundleId);
            Interlocked.Exchange(ref _news, 1);
            brought();
            return;
        }

        // It is tried again and again; that it does not work is told once.
        if (_problems.GetValueOrDefault(revision.RevisionId) != refusal.Message)
        {
            _problems[revision.RevisionId] = refusal.Message;
            Log.NotBrought(logger, revision.RevisionId, revision.DeploymentId, refusal.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4731, LogLevel.Information, "Revision {Revision} of deployment {Deployment} (bundle {Bundle}) is on disk and waits; it is not routed")]
        public static partial void Brought(ILogger logger, RevisionId revision, DeploymentId deployment, string bundle);

        [LoggerMessage(4732, LogLevel.Warning, "Revision {Revision} of deployment {Deployment} is not routed and could not be pulled in advance: {Reason}")]
        public static partial void NotBrought(ILogger logger, RevisionId revision, DeploymentId deployment, string reason);
    }
}
