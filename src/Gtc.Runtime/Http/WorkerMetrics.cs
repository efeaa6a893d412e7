using System.Globalization;
using System.Text;
using Gtc.Routing;

namespace Gtc.Runtime;

/// <summary>A worker's meters as Prometheus reads them: those of every revision, and those of the worker itself.</summary>
internal static class WorkerMetrics
{
    public static byte[] Of(LiveServing live)
    {
        var text = new StringBuilder();
        Reloads(text, live.Reloads, live.FailedReloads, live.Pool.Draining.Length);
        text.Append(CultureInfo.InvariantCulture, $"""
            # HELP gtc_usage_write_failures_total How often usage could not be written.
            # TYPE gtc_usage_write_failures_total counter
            gtc_usage_write_failures_total {live.Usage.Failures}
            # HELP gtc_session_pins_unanswered_total Calls that the store of session pins did not answer; the callers' keys decided.
            # TYPE gtc_session_pins_unanswered_total counter
            gtc_session_pins_unanswered_total {live.Pins.Pins.Unanswered}
            # HELP gtc_session_pins_reachable 1 when the store of session pins answers.
            # TYPE gtc_session_pins_reachable gauge
            gtc_session_pins_reachable {(live.Pins.Problem is null ? 1 : 0)}

            """);
        return [.. PrometheusText.Of(live.Current.Activation.Table), .. Encoding.UTF8.GetBytes(text.ToString())];
    }

    /// <summary>What workers and routers count alike.</summary>
    public static void Reloads(StringBuilder text, long reloads, long failedReloads, int draining) => text.Append(CultureInfo.InvariantCulture, $"""
        # HELP gtc_reloads_total Changes of the environment while the process ran.
        # TYPE gtc_reloads_total counter
        gtc_reloads_total{"{"}result="ok"{"}"} {reloads}
        gtc_reloads_total{"{"}result="failed"{"}"} {failedReloads}
        # HELP gtc_revisions_draining Revisions that are routed no more and have requests.
        # TYPE gtc_revisions_draining gauge
        gtc_revisions_draining {draining}

        """);
}
