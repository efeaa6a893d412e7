using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Gtc.Fleet.Agent.Device;

/// <summary>Tells systemd that the agent is ready, alive, or ending (sd_notify(3)). Does nothing where systemd did not ask.</summary>
public sealed class ServiceManager
{
    private readonly string? _socket;
    private readonly TimeSpan? _watchdog;

    /// <summary>Reads what systemd asked for.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    public ServiceManager(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        _socket = variable("NOTIFY_SOCKET") is { Length: > 1 } path && path[0] is '/' or '@' ? path : null;
        _watchdog = long.TryParse(variable("WATCHDOG_USEC"), CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;
    }

    /// <summary>The agent does its work.</summary>
    public void Ready() => Tell("READY=1");

    /// <summary>The agent ends.</summary>
    public void Stopping() => Tell("STOPPING=1");

    /// <summary>Says that the agent lives, twice in the time that systemd waits, until it is stopped.</summary>
    public async Task KeepAliveAsync(TimeProvider time, CancellationToken stop)
    {
        if (_socket is null || _watchdog is not { } limit)
        {
            return;
        }

        using var timer = new PeriodicTimer(limit / 2, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                Tell("WATCHDOG=1");
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It ends.
        }
    }

    private void Tell(string state)
    {
        if (_socket is null)
        {
            return;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // A leading @ stands for the abstract name space, which begins with a zero.
            socket.Connect(new UnixDomainSocketEndPoint(_socket[0] == '@' ? "\0" + _socket[1..] : _socket));
            socket.Send(Encoding.ASCII.GetBytes(state));
        }
        catch (SocketException)
        {
            // Whoever asked is gone; it finds out by itself.
        }
    }
}
