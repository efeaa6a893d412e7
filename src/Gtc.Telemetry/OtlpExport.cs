using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Gtc.Telemetry;

/// <summary>
/// Sends the spans and metrics of one source to an OTLP receiver until it is disposed. What happens in this process never waits for the receiver:
/// spans are queued up to a bound and dropped beyond it.
/// </summary>
public sealed partial class OtlpExport : IDisposable
{
    private const int MaxQueuedSpans = 2048;
    private const int SpansAtOnce = 512;

    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    private OtlpExport(TracerProvider? traces, MeterProvider? metrics)
    {
        _traces = traces;
        _metrics = metrics;
    }

    /// <summary>Begins.</summary>
    /// <param name="settings">Where it goes.</param>
    /// <param name="process">Who says it.</param>
    /// <param name="logger">Where it is told that nothing can be delivered.</param>
    public static OtlpExport Start(OtlpSettings settings, TelemetryProcess process, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(process);
        var resource = ResourceBuilder.CreateEmpty()
            .AddAttributes([new("deployment.environment.name", process.Environment), .. settings.Resource.Select(pair => new KeyValuePair<string, object>(pair.Key, pair.Value))])
            .AddService(settings.ServiceName, serviceVersion: process.Version, serviceInstanceId: process.Instance);
        var traces = settings.Traces is { } receiver ? Traces(settings, receiver, process.Source, resource, logger) : null;
        var metrics = settings.Metrics is { } collector ? Metrics(settings, collector, process.Source, resource, logger) : null;
        Log.Started(logger, settings.Traces?.ToString() ?? "nowhere", settings.Metrics?.ToString() ?? "nowhere");
        return new OtlpExport(traces, metrics);
    }

    /// <summary>Sends what is left, for as long as the receiver may take.</summary>
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    private static TracerProvider Traces(OtlpSettings settings, Uri receiver, string source, ResourceBuilder resource, ILogger logger) =>
        Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(SamplerOf(settings.Sampling))
            .AddSource(source)
            .AddProcessor(new BatchActivityExportProcessor(
                new TellingTraceExporter(OptionsFor(settings, receiver), new Delivery("traces", receiver, logger)), MaxQueuedSpans, settings.TraceDelayMilliseconds, settings.TimeoutMilliseconds, SpansAtOnce))
            .Build();

    private static MeterProvider Metrics(OtlpSettings settings, Uri receiver, string source, ResourceBuilder resource, ILogger logger) =>
        Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(source)
            .AddReader(new PeriodicExportingMetricReader(
                new TellingMetricExporter(OptionsFor(settings, receiver), new Delivery("metrics", receiver, logger)), settings.MetricIntervalMilliseconds, settings.TimeoutMilliseconds))
            .Build();

    private static Sampler SamplerOf(OtlpSampling sampling)
    {
        Sampler root = sampling.Ratio switch
        {
            0 => new AlwaysOffSampler(),
            1 => new AlwaysOnSampler(),
            _ => new TraceIdRatioBasedSampler(sampling.Ratio),
        };
        return sampling.FollowsParent ? new ParentBasedSampler(root) : root;
    }

    private static OtlpExporterOptions OptionsFor(OtlpSettings settings, Uri receiver) => new()
    {
        Endpoint = receiver,
        Protocol = settings.Framing == OtlpFraming.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf,
        Headers = "",
        TimeoutMilliseconds = settings.TimeoutMilliseconds,
        HttpClientFactory = () => ClientFor(settings),
    };

    /// <summary>The fields are given to the client, since the exporter's own text form has no way to write a comma inside a value.</summary>
    private static HttpClient ClientFor(OtlpSettings settings)
    {
        var client = new HttpClient { Timeout = TimeSpan.FromMilliseconds(settings.TimeoutMilliseconds) };
        foreach (var (name, value) in settings.Headers)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        }

        return client;
    }

    private static partial class Log
    {
        [LoggerMessage(4753, LogLevel.Information, "Traces go to {Traces}, metrics to {Metrics}")]
        public static partial void Started(ILogger logger, string traces, string metrics);
    }
}
