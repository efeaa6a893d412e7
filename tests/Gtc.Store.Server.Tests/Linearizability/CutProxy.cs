using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gtc.Store.Server.Tests.Linearizability;

/// <summary>Stands between servers and their database, and cuts or holds what goes through.</summary>
public sealed class CutProxy : IAsyncDisposable
{
    private readonly string _socket;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<Socket, Socket> _open = new();
    private readonly Task _accepting;
    private volatile TaskCompletionSource _through = Passed();

    public CutProxy(string socket)
    {
        _socket = socket;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Ends every connection on the servers' side. What they sent still arrives at the database; what it answers does not come back.</summary>
    public void Cut()
    {
        foreach (var near in _open.Keys)
        {
            near.Dispose();
        }
    }

    /// <summary>Lets nothing through in either direction, until it is thawed.</summary>
    public void Freeze() => _through = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets everything through that was held, and what comes.</summary>
    public void Thaw() => _through.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        Thaw();
        Cut();
        await _accepting;
        _end.Dispose();
    }

    private static TaskCompletionSource Passed()
    {
        var passed = new TaskCompletionSource();
        passed.SetResult();
        return passed;
    }

    private async Task AcceptAsync()
    {
        var flows = new List<Task>();
        try
        {
            while (true)
            {
                flows.Add(CarryAsync(await _listener.AcceptSocketAsync(_end.Token)));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(flows);
        }
    }

    private async Task CarryAsync(Socket near)
    {
        await Task.Yield();
        using (near)
        {
            using var far = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                near.NoDelay = true;
                await far.ConnectAsync(new UnixDomainSocketEndPoint(_socket), _end.Token);
                _open[near] = far;
                await Task.WhenAny(PumpAsync(near, far), PumpAsync(far, near));
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The database is not there, or everything ends.
            }
            finally
            {
                _open.TryRemove(near, out _);
            }
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, _end.Token) is var count && count > 0)
            {
                await _through.Task;
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _end.Token);
                }
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone, so the other one goes too.
        }
    }
}
