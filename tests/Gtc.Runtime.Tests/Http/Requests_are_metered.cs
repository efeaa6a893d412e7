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
}
