using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Gtc.Store.Server;

/// <summary>What the server counts, as Prometheus text. It names routes and verbs, never environments or callers.</summary>
internal sealed class ServerMeter
{
    private static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

    private readonly ConcurrentDictionary<(string Method, string Route, int Status), long> _requests = new();
    private readonly ConcurrentDictionary<(string File, bool IsTaken), long> _reloads = new();
    private readonly long[] _buckets = new long[Bounds.Length + 1];
    private long _durationTicks;
    private long _commits;
    private long _replays;
    private long _received;
    private long _sent;
    private long _put;
    private long _refused;
    private int _watchers;
    private ScrubRecord? _scrub;

    /// <summary>A request ended.</summary>
    /// <param name="method">The method.</param>
    /// <param name="route">The route's path, with its parameters unfilled.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="duration">How long it took; null for one that is meant to wait.</param>
    public void Count(string method, string route, int status, TimeSpan? duration)
    {
        _requests.AddOrUpdate((method, route, status), 1, static (_, count) => count + 1);
        if (duration is not { } took)
        {
            return;
        }

        var bucket = Array.FindIndex(Bounds, bound => took.TotalSeconds <= bound);
        Interlocked.Increment(ref _buckets[bucket < 0 ? Bounds.Length : bucket]);
        Interlocked.Add(ref _durationTicks, took.Ticks);
    }

    /// <summary>A change was committed, or answered again.</summary>
    public void CountCommit(bool isReplay) => Interlocked.Increment(ref isReplay ? ref _replays : ref _commits);

    /// <summary>A file of the server changed, and was taken over or refused.</summary>
    public void CountReload(string file, bool isTaken) => _reloads.AddOrUpdate((file, isTaken), 1, static (_, count) => count + 1);

    /// <summary>Somebody begins to watch, or ends.</summary>
    public void Watch(int change) => Interlocked.Add(ref _watchers, change);

    /// <summary>Bytes of artifacts arrived.</summary>
    public void CountReceived(long bytes) => Interlocked.Add(ref _received, bytes);

    /// <summary>Bytes of artifacts went out.</summary>
    public void CountSent(long bytes) => Interlocked.Add(ref _sent, bytes);

    /// <summary>An artifact is whole, or was thrown away because it has another digest.</summary>
    public void CountArtifact(bool isWhole) => Interlocked.Increment(ref isWhole ? ref _put : ref _refused);

    /// <summary>How the last pass over everything that is kept ended, whichever server made it.</summary>
    public void SetScrub(ScrubRecord record) => Volatile.Write(ref _scrub, record);

    /// <summary>The numbers as text.</summary>
    /// <param name="kept">How much is kept of artifacts; null when that is not known.</param>
    public string ToText(ArtifactUsage? kept)
    {
        var text = new StringBuilder();
        Head(text, "gtc_store_requests_total", "counter", "Requests by route and status.");
        foreach (var ((method, route, status), count) in _requests.OrderBy(pair => pair.Key))
        {
            Line(text, $"gtc_store_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}", count);
        }

        Head(text, "gtc_store_request_seconds", "histogram", "How long requests took, watches aside.");
        var sum = 0L;
        for (var index = 0; index < _buckets.Length; index++)
        {
            sum += Volatile.Read(ref _buckets[index]);
            var bound = index < Bounds.Length ? Bounds[index].ToString(CultureInfo.InvariantCulture) : "+Inf";
            Line(text, $"gtc_store_request_seconds_bucket{{le=\"{bound}\"}}", sum);
        }

        text.Append(CultureInfo.InvariantCulture, $"gtc_store_request_seconds_sum {TimeSpan.FromTicks(Volatile.Read(ref _durationTicks)).TotalSeconds}\n");
        Line(text, "gtc_store_request_seconds_count", sum);
        Head(text, "gtc_store_commits_total", "counter", "Changes that were committed.");
        Line(text, "gtc_store_commits_total", Volatile.Read(ref _commits));
        Head(text, "gtc_store_replays_total", "counter", "Changes that stood and were answered again.");
        Line(text, "gtc_store_replays_total", Volatile.Read(ref _replays));
        Head(text, "gtc_store_file_reloads_total", "counter", "Changed files of the server, taken over or refused.");
        foreach (var ((file, isTaken), count) in _reloads.OrderBy(pair => pair.Key))
        {
            Line(text, $"gtc_store_file_reloads_total{{file=\"{file}\",result=\"{(isTaken ? "taken" : "refused")}\"}}", count);
        }

        Head(text, "gtc_store_artifact_bytes_total", "counter", "Bytes of artifacts that came in and went out.");
        Line(text, "gtc_store_artifact_bytes_total{direction=\"in\"}", Volatile.Read(ref _received));
        Line(text, "gtc_store_artifact_bytes_total{direction=\"out\"}", Volatile.Read(ref _sent));
        Head(text, "gtc_store_artifact_uploads_total", "counter", "Uploads that ended: put in place, or thrown away because of another digest.");
        Line(text, "gtc_store_artifact_uploads_total{end=\"whole\"}", Volatile.Read(ref _put));
        Line(text, "gtc_store_artifact_uploads_total{end=\"mismatch\"}", Volatile.Read(ref _refused));
        if (kept is not null)
        {
            Head(text, "gtc_store_artifacts", "gauge", "Artifacts that are kept.");
            Line(text, "gtc_store_artifacts", kept.Count);
            Head(text, "gtc_store_artifact_kept_bytes", "gauge", "Bytes of artifacts that are kept, and of uploads that are not whole.");
            Line(text, "gtc_store_artifact_kept_bytes{state=\"whole\"}", kept.Bytes);
            Line(text, "gtc_store_artifact_kept_bytes{state=\"upload\"}", kept.UploadBytes);
        }

        if (Volatile.Read(ref _scrub) is { } scrub)
        {
            Head(text, "gtc_store_scrub_checked", "gauge", "Rows that the last pass over everything that is kept read.");
            Line(text, "gtc_store_scrub_checked", scrub.Checked);
            Head(text, "gtc_store_scrub_damaged", "gauge", "Rows that it found damaged.");
            Line(text, "gtc_store_scrub_damaged", scrub.Damaged);
            Head(text, "gtc_store_scrub_ended_seconds", "gauge", "When it ended, in seconds since 1970.");
            Line(text, "gtc_store_scrub_ended_seconds", scrub.EndedAt.ToUnixTimeSeconds());
        }

        Head(text, "gtc_store_watchers", "gauge", "Who watches at the moment.");
        Line(text, "gtc_store_watchers", Volatile.Read(ref _watchers));
        return text.ToString();
    }

    private static void Head(StringBuilder text, string name, string type, string help) => text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private static void Line(StringBuilder text, string name, long value) => text.Append(name).Append(CultureInfo.InvariantCulture, $" {value}\n");
}
