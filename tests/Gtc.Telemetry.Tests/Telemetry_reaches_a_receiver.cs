using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Gtc.Telemetry.Tests;

public sealed class Telemetry_reaches_a_receiver : IDisposable
{
    private readonly string _name = $"Gtc.Telemetry.Tests.{Guid.NewGuid():N}";
    private readonly ActivitySource _source;
    private readonly Meter _meter;
    private readonly Lines _log = new();

    public Telemetry_reaches_a_receiver()
    {
        _source = new ActivitySource(_name);
        _meter = new Meter(_name);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _source.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task Spans_and_metrics_arrive_with_their_attributes_and_who_sent_them()
    {
        await using var receiver = await OtlpReceiver.StartAsync(Token);
        using (Start(new()
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Address,
            ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-token=a%2Cb%3D",
            ["OTEL_SERVICE_NAME"] = "shop",
            ["OTEL_RESOURCE_ATTRIBUTES"] = "team=web,service.name=other",
        }))
        {
            var counter = _meter.CreateCounter<long>("gtc.requests");
            counter.Add(3, new KeyValuePair<string, object?>("gtc.customer", "acme"));
            var histogram = _meter.CreateHistogram("gtc.request.duration", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
            histogram.Record(0.5);
            using var span = _source.StartActivity("gtc.request", ActivityKind.Server, new ActivityContext(ActivityTraceId.CreateFromString("0af7651916cd43dd8448eb211c80319c"), ActivitySpanId.CreateFromString("b7ad6b7169203331"), ActivityTraceFlags.Recorded, null, isRemote: true));
            span!.SetTag("gtc.revision", "R1");
            span.SetTag("gtc.split_generation", 42L);
        }

        var sent = receiver.Spans.ShouldHaveSingleItem();
        (sent.Name, sent.TraceId, sent.ParentId).ShouldBe(("gtc.request", "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"));
        (sent.Attributes["gtc.revision"], sent.Attributes["gtc.split_generation"]).ShouldBe(("R1", "42"));
        (sent.Resource["service.name"], sent.Resource["service.version"], sent.Resource["team"], sent.Resource["deployment.environment.name"]).ShouldBe(("shop", "1.2.3", "web", "prod"));
        var count = receiver.Points.Last(point => point.Name == "gtc.requests");
        (count.Value, count.Attributes["gtc.customer"]).ShouldBe((3, "acme"));
        var duration = receiver.Points.Last(point => point.Name == "gtc.request.duration");
        (duration.Value, duration.Bounds).ShouldBe((1, 2));
        receiver.Received.ShouldAllBe(message => message.Token == "a,b=");
        _log.Levels.ShouldBe([LogLevel.Information]);
    }

    [Fact]
    public async Task A_caller_that_does_not_sample_is_followed_and_a_signal_can_be_left_out()
    {
        await using var receiver = await OtlpReceiver.StartAsync(Token);
        using (Start(new() { ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = receiver.Address + "/v1/traces" }))
        {
            _meter.CreateCounter<long>("gtc.requests").Add(1);
            var parent = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.None, null, isRemote: true);
            _source.StartActivity("left out", ActivityKind.Server, parent)?.Dispose();
            _source.StartActivity("kept", ActivityKind.Server)!.Dispose();
        }

        receiver.Spans.Select(span => span.Name).ShouldBe(["kept"]);
        receiver.Points.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_receiver_that_is_lost_is_told_once_and_so_is_its_return()
    {
        await using var receiver = await OtlpReceiver.StartAsync(Token);
        receiver.Status = 400;
        using var export = Start(new()
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Address,
            ["OTEL_METRICS_EXPORTER"] = "none",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "5",
        });
        await SpansUntilAsync(() => receiver.Received.Count > 3);
        _log.Levels.ShouldBe([LogLevel.Information, LogLevel.Warning]);
        receiver.Status = 200;
        await SpansUntilAsync(() => _log.Levels.Count == 3);
        _log.Levels.ShouldBe([LogLevel.Information, LogLevel.Warning, LogLevel.Information]);
    }

    [Fact]
    public void Nobody_at_the_other_end_holds_nothing_up()
    {
        var began = Stopwatch.GetTimestamp();
        using (Start(new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9", ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "300" }))
        {
            for (var span = 0; span < 10_000; span++)
            {
                _source.StartActivity("gtc.request", ActivityKind.Server)?.Dispose();
            }

            Stopwatch.GetElapsedTime(began).TotalSeconds.ShouldBeLessThan(10);
        }

        _log.Levels.ShouldContain(LogLevel.Warning);
    }

    private async Task SpansUntilAsync(Func<bool> condition)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        over.CancelAfter(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
        {
            _source.StartActivity("gtc.request", ActivityKind.Server)?.Dispose();
            await timer.WaitForNextTickAsync(over.Token);
        }
    }

    private OtlpExport Start(Dictionary<string, string> variables) =>
        OtlpExport.Start(OtlpSettings.Read(variables.GetValueOrDefault).Value, new TelemetryProcess(_name, "1.2.3", "prod", "I1"), _log);

    private sealed class Lines : ILogger
    {
        private readonly List<LogLevel> _levels = [];

        public IReadOnlyList<LogLevel> Levels
        {
            get
            {
                lock (_levels)
                {
                    return [.. _levels];
                }
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_levels)
            {
                _levels.Add(logLevel);
            }
        }
    }
}
