using System.Net.Sockets;
using System.Text;
using Gtc.Fleet.Agent.Device;
using Gtc.Podman.Tests;

namespace Gtc.Fleet.Agent.Tests.Device;

public sealed class Systemd_is_told
{
    private const string Minute = "60000000";

    [Fact]
    public async Task That_it_is_ready_what_it_gets_done_and_that_it_ends()
    {
        using var listener = new Listener();
        var manager = new ServiceManager(listener.Variable, TimeProvider.System);

        manager.Ready();
        (await listener.ReadAsync()).ShouldBe("READY=1");
        manager.Progressed();
        (await listener.ReadAsync()).ShouldBe("WATCHDOG=1");
        manager.Stopping();
        (await listener.ReadAsync()).ShouldBe("STOPPING=1");
    }

    [Fact]
    public async Task What_gets_done_soon_after_is_not_told_and_what_comes_later_is()
    {
        using var listener = new Listener();
        var clock = new HandClock();
        var manager = new ServiceManager(listener.Variable, clock);
        manager.Pulse.ShouldBe(TimeSpan.FromSeconds(20));
        manager.Progressed();
        (await listener.ReadAsync()).ShouldBe("WATCHDOG=1");

        clock.Advance(TimeSpan.FromSeconds(9));
        manager.Progressed();
        manager.Ready();
        (await listener.ReadAsync()).ShouldBe("READY=1", "nothing came before it");
        clock.Advance(TimeSpan.FromSeconds(1));
        manager.Progressed();
        (await listener.ReadAsync()).ShouldBe("WATCHDOG=1");
    }

    [Fact]
    public void Nobody_is_told_when_nobody_asked()
    {
        var manager = new ServiceManager(_ => null, TimeProvider.System);
        manager.Ready();
        manager.Progressed();
        manager.Stopping();
        manager.Pulse.ShouldBe(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Whoever_asked_may_be_gone()
    {
        string? Variable(string name) => name == "NOTIFY_SOCKET" ? "/nowhere/s" : null;
        Should.NotThrow(new ServiceManager(Variable, TimeProvider.System).Ready);
    }

    /// <summary>In place of systemd.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("gtc-notify-").FullName;
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

        public Listener() => _socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, "s")));

        public string? Variable(string name) => name switch
        {
            "NOTIFY_SOCKET" => Path.Combine(_folder, "s"),
            "WATCHDOG_USEC" => Minute,
            _ => null,
        };

        public async Task<string> ReadAsync()
        {
            var buffer = new byte[100];
            return Encoding.ASCII.GetString(buffer, 0, await _socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken));
        }

        public void Dispose()
        {
            _socket.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
