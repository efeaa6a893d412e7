using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Gtc.Fleet.Agent.Device;

/// <summary>
/// Tells systemd that the agent is ready, does its work, or ends (sd_notify(3)). Does nothing where systemd did not ask. No timer feeds the watchdog: it is told what the agent has done,
/// so an agent that hangs is ended and started again.
/// </summary>
public sealed class ServiceManager
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time;
    private readonly string? _socket;
    private readonly TimeSpan? _watchdog;
    private long? _told;

    /// <summary>Reads what systemd asked for.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="time">The clock.</param>
    public ServiceManager(Func<string, string?> variable, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(variable);
        _time = time;
        _socket = variable("NOTIFY_SOCKET") is { Length: > 1 } path && path[0] is '/' or '@' ? path : null;
        _watchdog = long.TryParse(variable("WATCHDOG_USEC"), CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;
    }

    /// <summary>How often the agent has to get something done, at least: three times in the time that systemd waits.</summary>
    public TimeSpan Pulse => _watchdog is { } limit && limit / 3 < Usual ? limit / 3 : Usual;

    /// <summary>The agent does its work.</summary>
    public void Ready() => Tell("READY=1");

    /// <summary>The agent ends.</summary>
    public void Stopping() => Tell("STOPPING=1");

    /// <summary>The agent has got something done. What comes soon after the last is not worth a message. Not safe for several threads.</summary>
    public void Progressed()
    {
        if (_watchdog is { } limit && !(_told is { } told && _time.GetElapsedTime(told) < limit / 6))
        {
            _told = _time.GetTimestamp();
            Tell("WATCHDOG=1");
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
