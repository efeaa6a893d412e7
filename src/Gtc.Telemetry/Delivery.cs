using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace Gtc.Telemetry;

/// <summary>Tells when a receiver is lost and when it is back, once each.</summary>
/// <param name="signal">What is delivered.</param>
/// <param name="receiver">To whom.</param>
/// <param name="logger">Where it is told.</param>
internal sealed partial class Delivery(string signal, Uri receiver, ILogger logger)
{
    private bool _fails;

    /// <summary>Takes note of an attempt. The exporter makes one at a time.</summary>
    public ExportResult Tell(ExportResult result)
    {
        var fails = result == ExportResult.Failure;
        if (fails && !_fails)
        {
            Log.NotDelivered(logger, signal, receiver);
        }
        else if (!fails && _fails)
        {
            Log.DeliveredAgain(logger, signal, receiver);
        }

        _fails = fails;
        return result;
    }

    private static partial class Log
    {
        [LoggerMessage(4754, LogLevel.Warning, "No {Signal} can be delivered to {Receiver}; requests are served on")]
        public static partial void NotDelivered(ILogger logger, string signal, Uri receiver);

        [LoggerMessage(4755, LogLevel.Information, "{Signal} are delivered to {Receiver} again")]
        public static partial void DeliveredAgain(ILogger logger, string signal, Uri receiver);
    }
}

/// <summary>Sends spans.</summary>
internal sealed class TellingTraceExporter(OtlpExporterOptions options, Delivery delivery) : OtlpTraceExporter(options)
{
    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Activity> activityBatch) => delivery.Tell(base.Export(activityBatch));
}

/// <summary>Sends metrics.</summary>
internal sealed class TellingMetricExporter(OtlpExporterOptions options, Delivery delivery) : OtlpMetricExporter(options)
{
    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> metrics) => delivery.Tell(base.Export(metrics));
}
