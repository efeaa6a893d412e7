using Gtc.Model;
using Gtc.Routing;

namespace Gtc.Runtime;

/// <summary>What a worker serves at the moment, and how it came to it. Requests read it; the reloader swaps it.</summary>
/// <param name="pool">Everything that is loaded.</param>
/// <param name="usage">Writes what it uses.</param>
/// <param name="pins">Where sessions are pinned.</param>
/// <param name="listenAddress">Where it listens.</param>
/// <param name="now">The time.</param>
internal sealed class LiveServing(RevisionPool pool, UsageRecorder usage, PinStore pins, Func<string> listenAddress, Func<DateTimeOffset> now)
{
    private volatile Serving? _current;
    private volatile string? _reloadProblem;
    private volatile IReadOnlyList<string> _missing = [];
    private long _reloads;
    private long _failedReloads;

    /// <summary>What is served. Set before the listener opens.</summary>
    public Serving Current => _current!;

    /// <summary>Why the last change was not taken over; null when it was.</summary>
    public string? ReloadProblem => _reloadProblem;

    /// <summary>Changes that were taken over.</summary>
    public long Reloads => Interlocked.Read(ref _reloads);

    /// <summary>Changes that were not.</summary>
    public long FailedReloads => Interlocked.Read(ref _failedReloads);

    /// <summary>Why revisions that are not routed, and may be soon, are not on disk.</summary>
    public IReadOnlyList<string> Missing
    {
        get => _missing;
        set => _missing = value;
    }

    /// <summary>Everything that is loaded.</summary>
    public RevisionPool Pool { get; } = pool;

    /// <summary>Writes what it uses.</summary>
    public UsageRecorder Usage { get; } = usage;

    /// <summary>Where the listener for this machine alone is; null without one.</summary>
    public Func<string?> AdminAddress { get; init; } = static () => null;

    /// <summary>The store server that is followed; null without one.</summary>
    public Func<StatusSource?> Source { get; init; } = static () => null;

    /// <summary>Called when something else is served than before, or it is reached elsewhere.</summary>
    public Action Changed { get; set; } = static () => { };

    /// <summary>The way in from outside, or null when none is wanted.</summary>
    public QuickTunnel? Tunnel { get; init; }

    /// <summary>Where sessions are pinned; the same as long as the process lives.</summary>
    public PinStore Pins { get; } = pins;

    /// <summary>Serves this from now on; what falls out drains.</summary>
    public void Swap(Serving serving)
    {
        if (_current is not null)
        {
            Interlocked.Increment(ref _reloads);
        }

        _current = serving;
        _reloadProblem = null;
        Pool.Want(serving.Activation.Revisions);
        Changed();
    }

    /// <summary>What is served stays.</summary>
    /// <param name="reason">Why the change was not taken over.</param>
    public void Reject(string reason)
    {
        Interlocked.Increment(ref _failedReloads);
        _reloadProblem = reason;
    }

    /// <summary>The files say again what is served.</summary>
    public void Settle() => _reloadProblem = null;

    /// <summary>The answer of <c>GET /status</c>.</summary>
    public StatusReport Status()
    {
        var serving = Current;
        var activation = serving.Activation;
        return new StatusReport
        {
            EnvId = serving.Document.EnvironmentId,
            ListenAddr = listenAddress(),
            AdminAddr = AdminAddress(),
            PublicUrl = Tunnel?.Url,
            Version = Serving.Version,
            BundlesActive = serving.Document.Bundles.Count(deployment => deployment.Status == DeploymentStatus.Active),
            DeploymentsRouted = activation.Table.Routes.Length,
            RevisionsActive = activation.Revisions.Length,
            RestartRequired = serving.RestartRequired,
            Source = Source(),
            Reloads = Reloads,
            FailedReloads = FailedReloads,
            Pins = new StatusPins(Pins.Place, Pins.Problem is null, Pins.Pins.Unanswered),
            Stores = Pool.Components.Stores,
            Revisions = [.. activation.Table.Routes.SelectMany(StatusRevision.Of)],
            Pointers = [.. activation.Table.Routes.Select(StatusPointers.Of)],
            Previews = [.. (activation.Table.Previews?.All ?? []).Select(preview => StatusPreview.Of(preview, activation.Find(preview.Revision.Revision) is not null, now()))],
            Draining = [.. Pool.Draining.Select(revision => new StatusDrain(revision.Deployment, revision.Id, revision.InFlight))],
            Problems = [.. ReloadProblem is { } problem ? [$"runtime-config reload failed: {problem}"] : Array.Empty<string>(), .. serving.Problems, .. activation.Problems, .. Missing, .. Tunnel?.Problem is { } closed ? [closed] : Array.Empty<string>()],
        };
    }
}
