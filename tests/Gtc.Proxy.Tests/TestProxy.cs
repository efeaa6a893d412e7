using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Gtc.Proxy.Tests;

/// <summary>A proxy whose policy is a list of backends: the first one, and the next one when it failed.</summary>
internal sealed class TestProxy : ProxyPolicy, IAsyncDisposable
{
    private readonly Backend[] _backends;

    public TestProxy(params Backend[] backends)
        : this(new ProxyOptions(), backends)
    {
    }

    public TestProxy(ProxyOptions options, params Backend[] backends)
    {
        _backends = backends;
        Server = ProxyServer.Start(new IPEndPoint(IPAddress.Loopback, 0), options, this);
    }

    public ProxyServer Server { get; }

    public ConcurrentQueue<ExchangeReport> Reports { get; } = new();

    public ConcurrentQueue<Exception> Faults { get; } = new();

    public bool IsTrusting { get; init; }

    public string? AddedField { get; init; }

    /// <summary>Waits until the loop has ended what it was at: a client has its answer a moment before it is counted.</summary>
    public Task SettleAsync() => Server.CountClientsAsync(TestContext.Current.CancellationToken);

    public Task<RawPeer> ConnectAsync() => RawPeer.ConnectAsync(Server.EndPoint);

    public override void Choose(in RequestView request, ref Choice choice)
    {
        if (request.Path.SequenceEqual("/own"u8))
        {
            choice.Reply(404, "own answer"u8.ToArray());
            return;
        }

        if (request.Path.SequenceEqual("/throws"u8))
        {
            throw new InvalidOperationException("as the test wants");
        }

        choice.State = request.Path.SequenceEqual("/throws-at-the-end"u8) ? this : null;
        var at = choice.Failed is { } failed ? Array.IndexOf(_backends, failed) + 1 : 0;
        choice.Backend = at < _backends.Length ? _backends[at] : null;
        choice.ResponseFields = AddedField is null ? default : Encoding.ASCII.GetBytes($"{AddedField}\r\n");
    }

    public override void Ended(in ExchangeReport report)
    {
        Reports.Enqueue(report);
        if (report.State is not null)
        {
            throw new InvalidOperationException("as the test wants");
        }
    }

    public override void Faulted(Exception fault) => Faults.Enqueue(fault);

    public override bool Trusts(PeerAddress peer) => IsTrusting && peer.IsLoopback;

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
