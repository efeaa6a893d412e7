using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gtc.Telemetry.Tests;

/// <summary>An OTLP receiver over HTTP that keeps what it was sent.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _server;

    private OtlpReceiver(WebApplication server) => _server = server;

    public string Address => _server.Urls.Single();

    public ConcurrentQueue<(string Path, string? Token, ProtobufMessage Message)> Received { get; } = new();

    public int Status { get; set; } = 200;

    public IEnumerable<OtlpSpan> Spans => Of("/v1/traces").SelectMany(resource => resource.Messages(2).SelectMany(scope => scope.Messages(2).Select(span => new OtlpSpan(
        span.Text(5), Convert.ToHexStringLower(span.Bytes(1)), Convert.ToHexStringLower(span.Bytes(4)), span.Attributes(9), resource.Messages(1).Single().Attributes(1)))));

    public IEnumerable<OtlpPoint> Points => Of("/v1/metrics").SelectMany(resource => resource.Messages(2).SelectMany(scope => scope.Messages(2).SelectMany(PointsOf)));

    public static async Task<OtlpReceiver> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        var receiver = new OtlpReceiver(server);
        server.Run(receiver.TakeAsync);
        await server.StartAsync(cancellationToken);
        return receiver;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        Received.Enqueue((context.Request.Path, context.Request.Headers["x-token"], new ProtobufMessage(body.ToArray())));
        context.Response.StatusCode = Status;
        context.Response.ContentType = "application/x-protobuf";
    }

    private IEnumerable<ProtobufMessage> Of(string path) => Received.Where(sent => sent.Path == path).SelectMany(sent => sent.Message.Messages(1));

    /// <summary>Metric {1 name, 7 Sum {1 points {4 double, 6 int, 7 attributes}}, 9 Histogram {1 points {4 count, 7 bounds, 9 attributes}}}.</summary>
    private static IEnumerable<OtlpPoint> PointsOf(ProtobufMessage metric) =>
    [
        .. metric.Messages(7).SelectMany(sum => sum.Messages(1)).Select(point => new OtlpPoint(metric.Text(1), (long)point.Number(6), point.Attributes(7), 0)),
        .. metric.Messages(9).SelectMany(histogram => histogram.Messages(1)).Select(point => new OtlpPoint(metric.Text(1), (long)point.Number(4), point.Attributes(9), point.Bytes(7).Length / sizeof(double))),
    ];
}

/// <summary>A span as it arrived.</summary>
internal sealed record OtlpSpan(string Name, string TraceId, string ParentId, Dictionary<string, string> Attributes, Dictionary<string, string> Resource);

/// <summary>A value of a sum, or the count of a histogram.</summary>
internal sealed record OtlpPoint(string Name, long Value, Dictionary<string, string> Attributes, int Bounds);
