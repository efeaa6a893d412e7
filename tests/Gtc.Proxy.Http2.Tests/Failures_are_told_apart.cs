using System.Net;
using Gtc.Proxy.Tests;
using Microsoft.AspNetCore.Http;

namespace Gtc.Proxy.Http2.Tests;

public class Failures_are_told_apart
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BackendProtocol.Http1)]
    [InlineData(BackendProtocol.Http2)]
    public async Task An_answer_that_breaks_off_is_never_completed(BackendProtocol protocol)
    {
        var may = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var worker = await Worker.StartAsync(protocol, async context =>
        {
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            await may.Task;
            context.Abort();
        });
        await using var router = new Router(worker.Backend);
        using var client = router.Client();
        using var answer = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Stop);
        may.SetResult();
        await Should.ThrowAsync<HttpRequestException>(() => answer.Content.ReadAsStringAsync(Stop));
        (await Poll.UntilAsync(() => router.Reports.SingleOrDefault() is { IsComplete: false, Status: 200 })).ShouldBeTrue();

        // The connection and its other streams are not touched by it.
        using var other = await client.GetAsync("/own", Stop);
        other.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await router.Server.CountClientsAsync(Stop)).ShouldBe(1);
    }

    [Theory]
    [InlineData(BackendProtocol.Http1, "GET")]
    [InlineData(BackendProtocol.Http2, "GET")]
    [InlineData(BackendProtocol.Http1, "POST")]
    [InlineData(BackendProtocol.Http2, "POST")]
    public async Task A_request_that_reached_nobody_goes_elsewhere(BackendProtocol protocol, string method)
    {
        await using var worker = await Worker.StartAsync(protocol, context => context.Request.Body.CopyToAsync(context.Response.Body));
        await using var router = new Router(await Worker.NobodyAsync(protocol), worker.Backend);
        using var client = router.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = method == "POST" ? new StringContent("body") : null };
        using var answer = await client.SendAsync(request, Stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(Stop)).ShouldBe(method == "POST" ? "body" : "");
        (await Poll.UntilAsync(() => router.Reports.SingleOrDefault() is { IsComplete: true })).ShouldBeTrue();
    }

    [Theory]
    [InlineData("GET", 200)]
    [InlineData("POST", 502)]
    public async Task What_may_have_arrived_is_repeated_only_when_that_changes_nothing(string method, int expected)
    {
        var seen = 0;
        await using var dying = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            Interlocked.Increment(ref seen);
        });
        await using var worker = await Worker.StartAsync(BackendProtocol.Http2, context => context.Response.WriteAsync("alive"));
        await using var router = new Router(dying.Backend, worker.Backend);
        using var client = router.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await client.SendAsync(request, Stop);
        ((int)answer.StatusCode).ShouldBe(expected);

        // The framework's client repeats what has no body at the same backend, three times at most.
        seen.ShouldBeInRange(1, method == "POST" ? 1 : 4);
    }

    [Fact]
    public async Task A_backend_that_restarts_is_waited_for_and_then_given_up()
    {
        await using var router = new Router(new ProxyOptions { HoldTimeout = TimeSpan.FromMilliseconds(200) }, await Worker.NobodyAsync(BackendProtocol.Http2));
        using var client = router.Client();
        using var answer = await client.GetAsync("/", Stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        router.Asked.ShouldBeGreaterThan(2);
        (await Poll.UntilAsync(() => router.Reports.SingleOrDefault() is { IsComplete: false, Status: 502 })).ShouldBeTrue();
    }

    [Fact]
    public async Task A_backend_that_is_silent_runs_out_of_time()
    {
        await using var worker = await Worker.StartAsync(BackendProtocol.Http2, async context => await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing));
        await using var router = new Router(new ProxyOptions { UpstreamTimeout = TimeSpan.FromMilliseconds(300) }, worker.Backend);
        using var client = router.Client();
        using var answer = await client.GetAsync("/", Stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
    }

    [Fact]
    public async Task A_body_that_does_not_come_runs_out_of_time()
    {
        await using var worker = await Worker.StartAsync(BackendProtocol.Http2, context => context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted));
        await using var router = new Router(new ProxyOptions { UpstreamTimeout = TimeSpan.FromMilliseconds(300) }, worker.Backend);
        using var client = router.Client();
        using var content = new Spoken("text/plain");
        using var answer = await client.PostAsync("/", content, Stop);
        content.End();
        answer.StatusCode.ShouldBe(HttpStatusCode.RequestTimeout);
    }

    [Fact]
    public async Task A_client_that_ends_its_stream_ends_the_exchange()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var worker = await Worker.StartAsync(BackendProtocol.Http2, async context =>
        {
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ended.SetResult();
        });
        await using var router = new Router(worker.Backend);
        using var client = router.Client();
        using (await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Stop))
        {
        }

        await ended.Task.WaitAsync(TimeSpan.FromMinutes(1), Stop);
        (await Poll.UntilAsync(() => router.Reports.SingleOrDefault() is { IsComplete: false })).ShouldBeTrue();
        worker.Backend.FailuresInARow.ShouldBe(0);
        router.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_fault_of_the_policy_ends_its_stream_alone()
    {
        await using var router = new Router();
        using var client = router.Client();
        await Should.ThrowAsync<HttpRequestException>(() => client.GetAsync("/throws", Stop));

        // The stream is ended before its fault is told.
        (await Poll.UntilAsync(() => !router.Faults.IsEmpty)).ShouldBeTrue();
        router.Faults.Single().Message.ShouldBe("as the test wants");
        using var answer = await client.GetAsync("/own", Stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_backend_that_does_not_speak_what_was_said_is_told_of()
    {
        await using var plain = await Worker.StartAsync(BackendProtocol.Http1, context => context.Response.WriteAsync("hello"));
        await using var router = new Router(new Backend("wrong", plain.Backend.EndPoint) { Protocol = BackendProtocol.Http2 });
        using var client = router.Client();
        using var answer = await client.GetAsync("/", Stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
    }
}
