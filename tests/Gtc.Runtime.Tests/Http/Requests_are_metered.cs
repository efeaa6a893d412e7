using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gtc.Model;

namespace Gtc.Runtime.Tests.Http;

public sealed class Requests_are_metered : IDisposable
{
    private readonly WorkerLab _lab = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Metrics_count_by_revision_and_class_of_status()
    {
        var revision = await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        await client.GreetAsync();
        await client.GreetAsync();
        using var malformed = await client.SendAsync(new StringContent("nonsense"));
        var answer = await client.GetAsync("/metrics");
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        var lines = (await answer.Content.ReadAsStringAsync(Token)).Split('\n');
        lines.ShouldContain(line => line.StartsWith("gtc_requests_total", StringComparison.Ordinal) && line.Contains($"revision=\"{revision}\",class=\"2\"}} 2", StringComparison.Ordinal));
        lines.ShouldContain(line => line.StartsWith("gtc_requests_total", StringComparison.Ordinal) && line.Contains("class=\"4\"} 1", StringComparison.Ordinal));
        lines.ShouldContain(line => line.StartsWith("gtc_requests_in_flight", StringComparison.Ordinal) && line.EndsWith(" 0", StringComparison.Ordinal));
        lines.ShouldContain("gtc_reloads_total{result=\"ok\"} 0");
    }

    [Fact]
    public async Task Spans_and_metrics_say_who_is_served_what()
    {
        var revision = await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Gtc.Runtime",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                lock (spans)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        var measured = new List<string>();
        using var meters = new MeterListener { InstrumentPublished = (instrument, on) => { if (instrument.Name == "gtc.requests") { on.EnableMeasurementEvents(instrument); } } };
        meters.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            lock (measured)
            {
                measured.Add(string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}")));
            }
        });
        meters.Start();
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        await client.GreetAsync();
        var own = $"gtc.revision={revision}";
        var deployment = _lab.Document.Bundles.Single();
        await Eventually.HoldsAsync(() =>
        {
            lock (spans)
            {
                return spans.Any(span => span.TagObjects.Any(tag => $"{tag.Key}={tag.Value}" == own));
            }
        });
        string said;
        lock (spans)
        {
            said = string.Join(' ', spans.Last(span => Equals(span.GetTagItem("gtc.revision"), revision.ToString())).TagObjects.Select(tag => $"{tag.Key}={tag.Value}"));
        }

        foreach (var tag in new[]
        {
            "gtc.env=local", $"gtc.customer={deployment.CustomerId}", "gtc.tenant=default", $"gtc.deployment={deployment.DeploymentId}",
            "gtc.bundle=main", own, $"gtc.split_generation={_lab.Document.TrafficSplits.Single().Generation}", "http.response.status_code=200",
        })
        {
            said.ShouldContain(tag);
        }

        await Eventually.HoldsAsync(() =>
        {
            lock (measured)
            {
                return measured.Any(tags => tags.Contains(own, StringComparison.Ordinal));
            }
        });
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af7651916cd43dd8448eb211c80319c")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01", null)]
    [InlineData("nonsense", null)]
    public async Task A_span_goes_on_with_the_trace_of_the_request_through_a_router_too(string traceparent, string? trace)
    {
        var revision = await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Gtc.Runtime",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                lock (spans)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var worker = (await _lab.BootAsync()).Value;
        await using var router = (await RouterHost.StartAsync(_lab.Options() with { WorkerAddress = _ => worker.Address.ToString() }, Token)).Value;
        using var handler = new SocketsHttpHandler { ActivityHeadersPropagator = null };
        using var client = new HttpClient(handler);
        foreach (var address in new[] { worker.Address, router.Address })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{address}/") { Content = new StringContent("""{"text":"Ada"}""") };
            request.Headers.TryAddWithoutValidation("traceparent", traceparent);
            request.Headers.Add("tracestate", "vendor=1");
            using var answer = await client.SendAsync(request, Token);
            answer.EnsureSuccessStatusCode();
        }

        // Revisions of other tests have the same ids, and may be asked at the same time: none of those requests has a trace.
        await Eventually.HoldsAsync(() => trace is null ? Own().Count >= 2 : Own().Count(span => span.TraceId.ToHexString() == trace) == 2);
        foreach (var span in Own().Where(span => trace is null || span.TraceId.ToHexString() == trace))
        {
            (span.HasRemoteParent, span.TraceStateString).ShouldBe((trace is not null, trace is null ? null : "vendor=1"));
            span.ParentSpanId.ToHexString().ShouldBe(trace is null ? "0000000000000000" : "b7ad6b7169203331");
        }

        List<Activity> Own()
        {
            lock (spans)
            {
                return [.. spans.Where(span => Equals(span.GetTagItem("gtc.revision"), revision.ToString()))];
            }
        }
    }
}
