using System.Globalization;
using System.Text;

namespace Gtc.Routing;

/// <summary>Writes meters in the text format that Prometheus reads (exposition format 0.0.4).</summary>
public static class PrometheusText
{
    /// <summary>The media type.</summary>
    public static ReadOnlyMemory<byte> MediaType { get; } = "text/plain; version=0.0.4; charset=utf-8"u8.ToArray();

    /// <summary>The meters of every revision of a table.</summary>
    /// <param name="table">The table.</param>
    public static byte[] Of(RoutingTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var rows = table.Routes.SelectMany(route => route.Revisions, (route, revision) => new Row(
            $"deployment=\"{route.Deployment}\",bundle=\"{Escape(route.BundleId)}\",revision=\"{Escape(revision.State.Name)}\"", revision)).ToList();
        var text = new StringBuilder();
        Family(text, "gtc_requests_total", "counter", "Requests by class of status; class 0 was never answered.", rows, (row, line) =>
        {
            for (var status = 0; status <= 5; status++)
            {
                line($",class=\"{status}\"", row.Meter.OfClass(status));
            }
        });
        Family(text, "gtc_requests_cut_total", "counter", "Answers that ended before they were whole.", rows, (row, line) => line("", row.Meter.Cut));
        Family(text, "gtc_request_bytes_total", "counter", "Bytes of request bodies.", rows, (row, line) => line("", row.Meter.BytesIn));
        Family(text, "gtc_response_bytes_total", "counter", "Bytes of response bodies.", rows, (row, line) => line("", row.Meter.BytesOut));
        Family(text, "gtc_requests_in_flight", "gauge", "Requests under way.", rows, (row, line) => line("", row.Revision.State.InFlight));
        Family(text, "gtc_revision_healthy", "gauge", "1 when the revision may be given requests.", rows, (row, line) => line("", row.Revision.State.IsHealthy ? 1 : 0));
        Family(text, "gtc_revision_share_basis_points", "gauge", "The share that is asked for.", rows, (row, line) => line("", row.Revision.WeightBps));
        Latencies(text, rows);
        Previews(text, table);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Family(StringBuilder text, string name, string type, string help, List<Row> rows, Action<Row, Action<string, long>> write)
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
        foreach (var row in rows)
        {
            write(row, (labels, value) => text.Append(CultureInfo.InvariantCulture, $"{name}{{{row.Labels}{labels}}} {value}\n"));
        }
    }

    private static void Latencies(StringBuilder text, List<Row> rows)
    {
        const string Name = "gtc_request_duration_seconds";
        text.Append(CultureInfo.InvariantCulture, $"# HELP {Name} From the whole head of a request to the end of its answer.\n# TYPE {Name} histogram\n");
        foreach (var row in rows)
        {
            var count = 0L;
            for (var bucket = 0; bucket < RevisionMeter.Buckets; bucket++)
            {
                count += row.Meter.InBucket(bucket);
                var bound = RevisionMeter.BoundOf(bucket) is { } microseconds ? (microseconds / 1e6).ToString(CultureInfo.InvariantCulture) : "+Inf";
                text.Append(CultureInfo.InvariantCulture, $"{Name}_bucket{{{row.Labels},le=\"{bound}\"}} {count}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"{Name}_sum{{{row.Labels}}} {row.Meter.TotalMicroseconds / 1e6}\n{Name}_count{{{row.Labels}}} {count}\n");
        }
    }

    /// <summary>Requests that came in by a preview; they are in none of the families above.</summary>
    private static void Previews(StringBuilder text, RoutingTable table)
    {
        var rows = (table.Previews?.All ?? []).Select(preview => new Row(
            $"deployment=\"{preview.Route.Deployment}\",bundle=\"{Escape(preview.Route.BundleId)}\",revision=\"{Escape(preview.Revision.State.Name)}\"", preview.Revision)).ToList();
        if (rows.Count > 0)
        {
            Family(text, "gtc_preview_requests_total", "counter", "Requests by previews; they count nowhere else.", rows, (row, line) => line("", row.Revision.State.PreviewMeter.Requests));
            Family(text, "gtc_preview_errors_total", "counter", "Those of them that failed.", rows, (row, line) => line("", row.Revision.State.PreviewMeter.Errors));
        }
    }

    private static string Escape(string label) => label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private sealed record Row(string Labels, RoutedRevision Revision)
    {
        public RevisionMeter Meter => Revision.State.Meter;
    }
}
