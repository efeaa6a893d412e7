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
        text.Append(CultureInfo.InvariantCulture, $"""
            # HELP gtc_reloads_total Changes of the environment while the worker ran.
            # TYPE gtc_reloads_total counter
            gtc_reloads_total{"{"}result="ok"{"}"} {live.Reloads}
            gtc_reloads_total{"{"}result="failed"{"}"} {live.FailedReloads}
            # HELP gtc_revisions_draining Revisions that are routed no more and have requests.
            # TYPE gtc_revisions_draining gauge
            gtc_revisions_draining {live.Pool.Draining.Length}
            # HELP gtc_usage_write_failures_total How often usage could not be written.
            # TYPE gtc_usage_write_failures_total counter
            gtc_usage_write_failures_total {live.Usage.Failures}

            """);
        return [.. PrometheusText.Of(live.Current.Activation.Table), .. Encoding.UTF8.GetBytes(text.ToString())];
    }
}
