using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using Gtc.Kubernetes;

namespace Gtc.Fleet.Operator.Tests.Status;

/// <summary>An API server that answers each request when the test says so.</summary>
internal sealed class HeldApi : HttpMessageHandler
{
    private readonly Channel<HeldRequest> _asked = Channel.CreateUnbounded<HeldRequest>();

    public KubeClient Client(TimeProvider time) => new(new KubeConfig { Server = new Uri("http://127.0.0.1"), Around = _ => this }, Timeout.InfiniteTimeSpan, time);

    /// <summary>The next request, while the clock goes on by steps.</summary>
    public async Task<HeldRequest> NextAsync(ManualTime time)
    {
        HeldRequest? request;
        while (!_asked.Reader.TryRead(out request))
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        return request;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var held = new HeldRequest(request.RequestUri!.AbsolutePath.Split('/')[^2], JsonElement.Parse(await request.Content!.ReadAsStringAsync(cancellationToken)));
        await _asked.Writer.WriteAsync(held, cancellationToken);
        return new HttpResponseMessage(await held.Answer.Task.WaitAsync(cancellationToken)) { Content = new StringContent($"{{\"metadata\":{{\"resourceVersion\":\"{held.Version}\"}}}}") };
    }
}

/// <summary>A status patch that waits for its answer.</summary>
/// <param name="Name">The deployment.</param>
/// <param name="Patch">What was sent.</param>
internal sealed record HeldRequest(string Name, JsonElement Patch)
{
    public TaskCompletionSource<HttpStatusCode> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The version that the resource has after the patch.</summary>
    public ulong Version { get; set; }

    public JsonElement Aggregate => Patch.GetProperty("status").GetProperty("aggregate");

    public void Accept() => Answer.SetResult(HttpStatusCode.OK);
}
