using System.Text;
using Gtc.Routing;

namespace Gtc.Runtime;

/// <summary>A router's meters as Prometheus reads them: those of every revision, and those of the router itself.</summary>
internal static class RouterMetrics
{
    public static byte[] Of(RoutingTable table, RouterView view, int draining)
    {
        var text = new StringBuilder();
        WorkerMetrics.Reloads(text, view.Reloads, view.FailedReloads, draining);
        return [.. PrometheusText.Of(table), .. Encoding.UTF8.GetBytes(text.ToString())];
    }
}
