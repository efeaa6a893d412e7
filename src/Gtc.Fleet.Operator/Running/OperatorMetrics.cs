using System.Globalization;
using System.Text;

namespace Gtc.Fleet.Operator;

/// <summary>The metrics of an operator that leads, in Prometheus' text format. Their names are stable (fleet.md §7).</summary>
internal static class OperatorMetrics
{
    public static string Of(OperatorParts parts)
    {
        var text = new StringBuilder();
        var (devices, pairs, bytes, old, unknown) = parts.Tables.Ask(ask => (ask.Devices, ask.Pairs, ask.Bytes, ask.DroppedOld, ask.DroppedUnknown));
        Add(text, "fleet_devices", "gauge", devices);
        Add(text, "fleet_pairs", "gauge", pairs);
        Add(text, "fleet_bytes_per_device", "gauge", devices == 0 ? 0 : (double)bytes / devices);
        Add(text, "fleet_state_events_total", "counter", parts.States.Reports);
        Add(text, "fleet_state_dropped_total", "counter", [("reason=\"old\"", old), ("reason=\"unknown\"", unknown), ("reason=\"malformed\"", parts.States.Malformed), ("reason=\"description\"", parts.Descriptions.Malformed)]);
        Add(text, "fleet_status_patches_total", "counter", [("result=\"ok\"", parts.Statuses.Patched), ("result=\"error\"", parts.Statuses.Failed)]);
        Add(text, "fleet_status_dirty", "gauge", parts.Statuses.Dirty);
        Add(text, "fleet_desired_writes_total", "counter", parts.Writer.Writes);
        Add(text, "fleet_compacted_total", "counter", [("kind=\"marker\"", parts.Compactor.Markers), ("kind=\"unknown-report\"", parts.Compactor.UnknownReports)]);
        Add(text, "fleet_checkpoint_seconds", "gauge", parts.Checkpointer.LastSeconds);
        Add(text, "fleet_checkpoint_bytes", "gauge", parts.Checkpointer.LastBytes);
        Add(text, "fleet_stream_read_bytes_total", "counter", [("bucket=\"device-state\"", parts.States.Feed.BytesRead), ("bucket=\"device-info\"", parts.Descriptions.BytesRead)]);
        Add(text, "fleet_aggregate_drift_total", "counter", parts.Audit.Drift);
        Add(text, "fleet_mass_disconnect", "gauge", parts.Lives.IsMassLoss ? 1 : 0);
        AddHistogram(text, "fleet_event_to_status_seconds", parts.Statuses.Latency);
        return text.ToString();
    }

    private static void Add(StringBuilder text, string name, string type, double value) => Add(text, name, type, [("", value)]);

    private static void Add(StringBuilder text, string name, string type, IEnumerable<(string Labels, double Value)> values)
    {
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {type}\n");
        foreach (var (labels, value) in values)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}{(labels.Length == 0 ? "" : $"{{{labels}}}")} {value}\n");
        }
    }

    private static void AddHistogram(StringBuilder text, string name, LatencyHistogram histogram)
    {
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} histogram\n");
        foreach (var (limit, count) in histogram.Cumulative())
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"{limit}\"}} {count}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"+Inf\"}} {histogram.Count}\n{name}_sum {histogram.SumSeconds}\n{name}_count {histogram.Count}\n");
    }
}
