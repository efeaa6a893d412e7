using System.Net;
using System.Text;
using Gtc.Proxy.Tests;
using Microsoft.AspNetCore.Http;

namespace Gtc.Proxy.Http2.Tests;

public class A_drain_lets_streams_end
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_are_told_to_go_and_streams_under_way_end()
    {
        var may = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var worker = await Worker.StartAsync(BackendProtocol.Http2, async context =>
        {
            await context.Response.WriteAsync("before ");
            await context.Response.Body.FlushAsync();
            await may.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("after");
        });
        await using var router = new Router(worker.Backend);
        await using var idle = await RawPeer.ConnectAsync(router.Server.EndPoint);
        await idle.SendAsync(Frames.Preface);
        using var client = router.Client();
        using var answer = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Stop);
        var stopping = router.Server.StopAsync(TimeSpan.FromSeconds(30), Stop);
        var frames = Frames.Types(Encoding.Latin1.GetBytes(await idle.ReadUntilLostAsync()));
        frames.ShouldContain(Frames.GoAway);
        stopping.IsCompleted.ShouldBeFalse();
        may.SetResult();
        (await answer.Content.ReadAsStringAsync(Stop)).ShouldBe("before after");
        await stopping;
        router.Reports.Single().IsComplete.ShouldBeTrue();
    }

    [Fact]
    public async Task What_takes_longer_is_cut()
    {
        await using var worker = await Worker.StartAsync(BackendProtocol.Http1, async context =>
        {
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var router = new Router(worker.Backend);
        using var client = router.Client();
        using var answer = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Stop);
        await router.Server.StopAsync(TimeSpan.FromMilliseconds(100), Stop);
        await Should.ThrowAsync<HttpRequestException>(() => answer.Content.ReadAsStringAsync(Stop));
        (await Poll.UntilAsync(() => router.Reports.SingleOrDefault() is { IsComplete: false })).ShouldBeTrue();
    }
}
