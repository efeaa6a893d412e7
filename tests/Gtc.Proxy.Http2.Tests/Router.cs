using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Gtc.Proxy.Http2.Tests;

/// <summary>A proxy with both of its sides whose policy is a list of backends: the first one, and the next one when it failed.</summary>
internal sealed class Router : ProxyPolicy, IAsyncDisposable
{
    private volatile Backend[] _backends;
    private int _asked;

    public Router(params Backend[] backends)
        : this(new ProxyOptions(), backends)
    {
    }

    public Router(ProxyOptions options, params Backend[] backends)
    {
        _backends = backends;
        Server = ProxyServer.Start(new IPEndPoint(IPAddress.Loopback, 0), options, this, new Http2Side(options, this));
        Address = new Uri($"http://{Server.EndPoint}");
    }

    public ProxyServer Server { get; }

    public Uri Address { get; }

    public ConcurrentQueue<ExchangeReport> Reports { get; } = new();

    public ConcurrentQueue<Exception> Faults { get; } = new();

    public bool IsTrusting { get; init; }

    public string? AddedField { get; init; }

    /// <summary>How often the policy was asked.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public void Turn(params Backend[] backends) => _backends = backends;

    /// <summary>A client of its own connection that speaks HTTP/2 and nothing else.</summary>
    public HttpClient Client() => new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, InitialHttp2StreamWindowSize = 64 * 1024 })
    {
        BaseAddress = Address,
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    public override void Choose(in RequestView request, ref Choice choice)
    {
        Interlocked.Increment(ref _asked);
        if (request.Path.SequenceEqual("/own"u8))
        {
            choice.Reply(404, "own answer"u8.ToArray());
            return;
        }

        if (request.Path.SequenceEqual("/throws"u8))
        {
            throw new InvalidOperationException("as the test wants");
        }

        var backends = _backends;
        var at = choice.Failed is { } failed ? Array.IndexOf(backends, failed) + 1 : 0;
        choice.Backend = at < backends.Length ? backends[at] : null;
        choice.ResponseFields = AddedField is null ? default : Encoding.ASCII.GetBytes($"{AddedField}\r\n");
    }

    public override void Ended(in ExchangeReport report) => Reports.Enqueue(report);

    public override void Faulted(Exception fault) => Faults.Enqueue(fault);

    public override bool Trusts(PeerAddress peer) => IsTrusting && peer.IsLoopback;

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
