namespace Gtc.Nats;

/// <summary>The servers in the order in which they are tried: those given, shuffled, and those that servers told of.</summary>
internal sealed class ServerPool
{
    /// <summary>What servers tell of is bounded.</summary>
    private const int MostServers = 256;

    private readonly Lock _gate = new();
    private readonly List<ServerAddress> _servers;
    private readonly int _given;
    private int _next;

    private ServerPool(List<ServerAddress> servers)
    {
        _servers = servers;
        _given = servers.Count;
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _servers.Count;
            }
        }
    }

    public static NatsResult<ServerPool> Create(NatsOptions options)
    {
        var servers = new List<ServerAddress>();
        foreach (var url in options.Urls)
        {
            if (!ServerAddress.Parse(url).TryGet(out var server, out var error))
            {
                return error;
            }

            servers.Insert((int)(options.Jitter() * (servers.Count + 1)), server);
        }

        return servers.Count == 0 ? new NatsError(NatsErrorKind.Invalid, "no server is given") : new ServerPool(servers);
    }

    /// <summary>The next one; after a whole round <paramref name="isRoundOver"/> says so.</summary>
    public ServerAddress Next(out bool isRoundOver)
    {
        lock (_gate)
        {
            _next = _next >= _servers.Count ? 0 : _next;
            var server = _servers[_next++];
            isRoundOver = _next >= _servers.Count;
            return server;
        }
    }

    /// <summary>Takes over what a server told of: new ones come in, those told of before and not any more go.</summary>
    public void Merge(ServerHello hello, bool wantsTls)
    {
        if (hello.ConnectUrls is not { IsDefaultOrEmpty: false } urls)
        {
            return;
        }

        var told = new List<ServerAddress>();
        foreach (var url in urls)
        {
            if (told.Count < MostServers && ServerAddress.Parse(url).TryGet(out var server, out _))
            {
                told.Add(server with { WantsTls = wantsTls });
            }
        }

        lock (_gate)
        {
            for (var at = _servers.Count - 1; at >= _given; at--)
            {
                if (!told.Contains(_servers[at]))
                {
                    _servers.RemoveAt(at);
                }
            }

            _servers.AddRange(told.Where(server => !_servers.Contains(server)).ToList());
        }
    }
}
