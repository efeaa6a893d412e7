using System.Net;
using Gtc.Proxy.Forwarding;
using Gtc.Proxy.Loop;
using Gtc.Proxy.Native;

namespace Gtc.Proxy;

/// <summary>A reverse proxy: a listening socket and the threads that serve HTTP/1.1 on it.</summary>
public sealed class ProxyServer : IAsyncDisposable
{
    private const int Backlog = 4096;

    private readonly int _listener;
    private readonly IConnectionTaker? _taker;
    private readonly List<Part> _parts = [];
    private bool _isStopped;

    private ProxyServer(int listener, IConnectionTaker? taker)
    {
        _listener = listener;
        _taker = taker;
    }

    /// <summary>The address that it listens on.</summary>
    public IPEndPoint EndPoint { get; private set; } = null!;

    /// <summary>Listens and begins to serve.</summary>
    /// <param name="endPoint">The address; port 0 takes a free one.</param>
    /// <param name="options">Bounds and times.</param>
    /// <param name="policy">Decides where requests go.</param>
    /// <exception cref="IOException">The address cannot be listened on; the message says why.</exception>
    public static ProxyServer Start(IPEndPoint endPoint, ProxyOptions options, ProxyPolicy policy) => Start(endPoint, options, policy, null);

    /// <summary>Listens and begins to serve.</summary>
    /// <param name="endPoint">The address; port 0 takes a free one.</param>
    /// <param name="options">Bounds and times.</param>
    /// <param name="policy">Decides where requests go.</param>
    /// <param name="taker">Serves connections that speak HTTP/2 and is stopped with this server; null when those are refused.</param>
    /// <exception cref="IOException">The address cannot be listened on; the message says why.</exception>
    public static ProxyServer Start(IPEndPoint endPoint, ProxyOptions options, ProxyPolicy policy, IConnectionTaker? taker)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        var listener = Sockets.Listen(endPoint, Backlog);
        var server = new ProxyServer(listener, taker) { EndPoint = Sockets.LocalEndPoint(listener) };
        for (var number = 0; number < options.Threads; number++)
        {
            var loop = new EventLoop(policy.Faulted);
            var worker = new ProxyWorker(loop, listener, options, policy, taker);
            var thread = new Thread(loop.Run) { Name = $"proxy {number}", IsBackground = true };
            server._parts.Add(new Part(loop, worker, thread));
            thread.Start();
        }

        return server;
    }

    /// <summary>Forgets a backend that the policy chooses no more: its unused connections are closed, exchanges under way end as they would.</summary>
    public void Forget(Backend backend)
    {
        foreach (var part in _parts)
        {
            part.Loop.Post(() => part.Worker.Forget(backend));
        }

        _taker?.Forget(backend);
    }

    /// <summary>Ends the tunnels to a backend: WebSockets with a close frame of code 1012 (service restart).</summary>
    public void CloseTunnels(Backend backend)
    {
        foreach (var part in _parts)
        {
            part.Loop.Post(() => part.Worker.CloseTunnels(backend));
        }
    }

    /// <summary>How many clients are connected. It asks every thread.</summary>
    public async Task<int> CountClientsAsync(CancellationToken cancellationToken)
    {
        var counts = await Task.WhenAll(_parts.Select(part => Ask(part, () => part.Worker.Clients.Count))).WaitAsync(cancellationToken);
        return counts.Sum() + (_taker?.Count ?? 0);
    }

    /// <summary>Takes no new connection, lets what is under way end, and stops.</summary>
    /// <param name="grace">How long to wait; what is not over by then is cut.</param>
    /// <param name="cancellationToken">Cuts at once.</param>
    public async Task StopAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        foreach (var part in _parts)
        {
            part.Loop.Post(part.Worker.Drain);
        }

        var taken = _taker?.StopAsync(grace, cancellationToken) ?? Task.CompletedTask;
        await WaitUntilEmptyAsync(grace, cancellationToken);
        await taken;
        foreach (var part in _parts)
        {
            part.Loop.Post(part.Worker.CloseAll);
            part.Loop.Stop();
        }

        foreach (var part in _parts)
        {
            part.Thread.Join();
            part.Loop.Dispose();
        }

        _ = LibC.Close(_listener);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero, CancellationToken.None);

    private static Task<T> Ask<T>(Part part, Func<T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        part.Loop.Post(() => answer.SetResult(question()));
        return answer.Task;
    }

    private async Task WaitUntilEmptyAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(grace);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (await CountClientsAsync(timeout.Token) > 0)
            {
                await timer.WaitForNextTickAsync(timeout.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over; the rest is cut.
        }
    }

    private sealed record Part(EventLoop Loop, ProxyWorker Worker, Thread Thread);
}
