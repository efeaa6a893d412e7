using System.Text;
using System.Text.Json;
using Gtc.Telemetry.Tests;

namespace Gtc.EndToEnd.Tests;

/// <summary>What a worker tells about its requests, with the published, trimmed executable and a receiver that decodes by hand.</summary>
public sealed class Usage_and_telemetry_leave_a_worker : IDisposable
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private readonly FreshHome _home = new();
    private readonly GtcExecutable _gtc;

    public Usage_and_telemetry_leave_a_worker() => _gtc = _home.Gtc;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task A_request_is_a_span_a_measurement_and_a_line_on_the_bill()
    {
        await using var receiver = await OtlpReceiver.StartAsync(Token);
        var revision = await DeployAsync();
        _gtc.Variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Address;
        _gtc.Variables["OTEL_EXPORTER_OTLP_HEADERS"] = "x-token=secret";
        await using (var worker = await _gtc.StartWorkerAsync())
        {
            await AskAsync(worker, 3);
            (await _gtc.RunAsync("stop")).ExitCode.ShouldBe(0);
            (await worker.WaitForExitAsync()).ShouldBe(0);
        }

        var spans = receiver.Spans.ToList();
        spans.Count.ShouldBe(3);
        foreach (var span in spans)
        {
            (span.Name, span.TraceId, span.ParentId).ShouldBe(("gtc.request", Trace, "b7ad6b7169203331"));
            (span.Attributes["gtc.env"], span.Attributes["gtc.customer"], span.Attributes["gtc.tenant"], span.Attributes["gtc.bundle"]).ShouldBe(("local", "local-dev", "default", "hello-worker"));
            (span.Attributes["gtc.revision"], span.Attributes["http.response.status_code"]).ShouldBe((revision, "200"));
            span.Attributes.Keys.ShouldContain("gtc.deployment");
            span.Attributes.Keys.ShouldContain("gtc.split_generation");
            (span.Resource["service.name"], span.Resource["deployment.environment.name"]).ShouldBe(("gtc", "local"));
        }

        Last("gtc.requests").ShouldBe(3);
        Last("gtc.request.duration").ShouldBe(3);
        Last("gtc.requests.in_flight").ShouldBe(0);
        Last("gtc.usage.requests").ShouldBe(3);
        Last("gtc.usage.flow_runs").ShouldBe(3);
        receiver.Points.Where(point => point.Name.StartsWith("gtc.usage.", StringComparison.Ordinal)).ShouldAllBe(point => point.Attributes["gtc.customer"] == "local-dev" && point.Attributes["gtc.revision"] == revision);
        receiver.Received.ShouldAllBe(message => message.Token == "secret");
        (await RequestsAsync()).ShouldBe(3);

        long Last(string name) => receiver.Points.Last(point => point.Name == name).Value;
    }

    [Fact]
    public async Task A_worker_that_is_killed_loses_no_more_than_what_it_had_not_written_and_nothing_counts_twice()
    {
        await DeployAsync();

        // Nobody listens there: the worker serves all the same.
        _gtc.Variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9";
        await using (var worker = await _gtc.StartWorkerAsync())
        {
            await AskAsync(worker, 4);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
            over.CancelAfter(TimeSpan.FromSeconds(30));
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
            while (await RequestsAsync() < 4)
            {
                await timer.WaitForNextTickAsync(over.Token);
            }

            await AskAsync(worker, 2);
            worker.Kill();
            await worker.WaitForExitAsync();
        }

        var kept = await RequestsAsync();
        kept.ShouldBeInRange(4, 6);
        await using (var worker = await _gtc.StartWorkerAsync())
        {
            await AskAsync(worker, 1);
            (await _gtc.RunAsync("stop")).ExitCode.ShouldBe(0);
            (await worker.WaitForExitAsync()).ShouldBe(0);
        }

        (await RequestsAsync()).ShouldBe(kept + 1);
    }

    private static async Task AskAsync(RunningWorker worker, int times)
    {
        using var handler = new SocketsHttpHandler { ActivityHeadersPropagator = null };
        using var client = new HttpClient(handler) { BaseAddress = worker.Address };
        for (var time = 0; time < times; time++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent("""{"text":"Ada"}""", Encoding.UTF8, "application/json") };
            request.Headers.Add("traceparent", $"00-{Trace}-b7ad6b7169203331-01");
            using var answer = await client.SendAsync(request, Token);
            answer.EnsureSuccessStatusCode();
        }
    }

    private async Task<long> RequestsAsync() => (await OpAsync("usage", "report")).GetProperty("total").GetProperty("requests").GetInt64();

    private async Task<string> DeployAsync()
    {
        var built = await _gtc.RunAsync("bundle", "build", Path.Combine(Repository.Root, "samples", "hello-worker"), "--output", "hello-worker.gtbundle");
        built.ExitCode.ShouldBe(0, built.Errors);
        await OpAsync("env", "init");
        await OpAsync("trust-root", "bootstrap");
        await OpAsync("deploy", "--bundle", "hello-worker.gtbundle");
        return (await OpAsync("revisions", "list")).GetProperty("revisions")[0].GetProperty("revision_id").GetString()!;
    }

    private async Task<JsonElement> OpAsync(params string[] words)
    {
        var run = await _gtc.RunAsync(["op", .. words, "--format", "json"]);
        run.ExitCode.ShouldBe(0, run.Errors);
        return JsonElement.Parse(run.Output).GetProperty("result").Clone();
    }
}
