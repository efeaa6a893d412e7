using System.Text;
using BenchmarkDotNet.Attributes;
using Gtc.Model;
using Gtc.Routing;

namespace Gtc.Benchmarks;

/// <summary>What does the choice of a revision cost per request?</summary>
[MemoryDiagnoser]
public class ChoiceOfARevision
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly byte[] _user = "alice@example.com"u8.ToArray();
    private readonly byte[] _host = "shop.example.com"u8.ToArray();
    private readonly byte[] _path = "/orders/42"u8.ToArray();
    private readonly Dispatcher _dispatcher;
    private readonly DeploymentRoute _route;
    private readonly RoutingTable _table;
    private readonly byte[] _cookie;
    private readonly MemoryPins _pins = new(TimeProvider.System);
    private readonly PinKey _session;

    public ChoiceOfARevision()
    {
        var deployment = new DeploymentId(Id(0));
        var cookies = new RevisionCookie(new byte[RevisionCookie.KeyLength], EnvId.Local);
        _dispatcher = new Dispatcher(cookies);
        _route = new DeploymentRoute(
            deployment,
            "shop",
            new RouteBinding { TenantSelector = TenantSelector.Default },
            [new TrafficShare { RevisionId = new(Id(1)), WeightBps = 9000 }, new TrafficShare { RevisionId = new(Id(2)), WeightBps = 1000 }],
            revision => new RevisionState(revision))
        {
            StickyGeneration = 3,
        };
        _table = new RoutingTable([_route]);
        _cookie = Encoding.ASCII.GetBytes(cookies.Write(_route.Tenant.Tenant, deployment, new(Id(2)), 3, Now));
        _session = new PinKey(deployment, EnvId.Local, "default", "chat-4711");
    }

    [GlobalSetup]
    public async Task PinAsync() => await _pins.InsertAsync(_session, new(Id(2)), 3, CancellationToken.None);

    [Benchmark(Baseline = true)]
    public Dispatch? ByKey() => _dispatcher.Choose(_route, new Caller { Key = _user }, 0, Now);

    [Benchmark]
    public Dispatch? ByChance() => _dispatcher.Choose(_route, default, 0x9e3779b97f4a7c15, Now);

    [Benchmark]
    public Dispatch? ByCookie() => _dispatcher.Choose(_route, new Caller { Cookie = _cookie, Key = _user }, 0, Now);

    [Benchmark]
    public DeploymentRoute? TheRoute() => _table.Find(_host, _path);

    [Benchmark]
    public ValueTask<RevisionId?> ThePinInMemory() => _pins.FindAsync(_session, 3, CancellationToken.None);

    private static Ulid Id(byte last)
    {
        Span<byte> random = stackalloc byte[Ulid.RandomLength];
        random[^1] = last;
        return Ulid.From(Now, random);
    }
}
