using System.Net;
using System.Net.Sockets;
using Gtc.Model;

namespace Gtc.Runtime.Tests.Boot;

/// <summary>Workers of one revision each that a deployer runs in one folder keep off what is everybody's.</summary>
public sealed class Workers_share_a_folder : IDisposable
{
    private readonly WorkerLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task It_serves_its_own_and_neither_writes_the_configuration_nor_takes_a_stop_request()
    {
        var own = await SharedAsync();
        var request = Path.Combine(_lab.Environment, ".stop-request");
        StopRequest.Make(_lab.Environment);

        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);

        (await client.GetAsync($"/healthz/{own}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        File.Exists(_lab.RuntimeConfig).ShouldBeFalse();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(400));
        await worker.WaitForStopAsync(stop.Token);
        stop.IsCancellationRequested.ShouldBeTrue();
        File.Exists(request).ShouldBeTrue();
    }

    [Fact]
    public async Task A_port_that_is_taken_is_not_bumped()
    {
        await SharedAsync();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        _lab.Variables["PORT"] = $"{((IPEndPoint)other.LocalEndpoint).Port}";

        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    private async Task<RevisionId> SharedAsync()
    {
        var own = await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        _lab.Variables["GREENTIC_REVISION_ID"] = own.ToString();
        _lab.Variables["GREENTIC_SUPERVISED"] = _lab.Environment;
        return own;
    }
}
