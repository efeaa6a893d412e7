using System.Collections.Immutable;
using Gtc.Fleet.Agent.Device;
using Gtc.Fleet.Agent.Reconciling;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Agent.Tests.Reconciling;

public sealed class Ports_have_one_holder
{
    [Theory]
    [InlineData("8080:80", "8080:81", true)]
    [InlineData("8080:80", "8081:80", false)]
    [InlineData("8080:80", "8080:80/udp", false)]
    [InlineData("127.0.0.1:8080:80", "8080:80", true)]
    [InlineData("127.0.0.1:8080:80", "127.0.0.2:8080:80", false)]
    [InlineData("127.0.0.1:8080:80", "0.0.0.0:8080:80", true)]
    public void Two_claims_meet_when_they_cannot_both_be_held(string one, string two, bool meets)
    {
        Claim(one).Meets(Claim(two)).ShouldBe(meets);
        Claim(two).Meets(Claim(one)).ShouldBe(meets);
    }

    [Fact]
    public void Whoever_runs_keeps_its_port()
    {
        var holder = Web("zeta");
        var asking = Web("alpha");
        ImmutableArray<ActualContainer> actual = [Desired.Container("zeta", holder.Services[0])];

        Clash(asking, actual, asking, holder).ShouldBe("port 8080/tcp is in use by deployment zeta on this device");
        Clash(holder, actual, asking, holder).ShouldBeNull("although alpha comes first by its name");
    }

    [Fact]
    public void Of_two_that_do_not_run_the_first_by_name_has_it()
    {
        var first = Web("alpha");
        var second = Web("zeta");

        Clash(first, [], first, second).ShouldBeNull();
        Clash(second, [], first, second).ShouldBe("port 8080/tcp is claimed by deployment alpha on this device too");
    }

    [Fact]
    public void Exactly_one_of_any_claimants_wins_whatever_runs()
    {
        var names = (string[])["a", "b", "c", "d"];
        for (var running = 0; running <= names.Length; running++)
        {
            var all = names.Select(Web).ToArray();
            ImmutableArray<ActualContainer> actual = running == names.Length ? [] : [Desired.Container(names[running], all[running].Services[0])];

            all.Count(one => Clash(one, actual, all) is null).ShouldBe(1);
        }
    }

    [Fact]
    public void Two_services_of_one_deployment_cannot_share_one_either()
    {
        var both = Desired.Read("web", $"{Desired.Service("a", ",\"ports\":[\"8080:80\"]")},{Desired.Service("b", ",\"ports\":[\"8080:81\"]")}");

        Clash(both, [], both).ShouldBe("port 8080/tcp is claimed by the services a and b of this deployment");
    }

    [Fact]
    public void The_kernels_tables_are_read()
    {
        var lines = (string[])
        [
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1",
            "   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1",
            "   2: 0100007F:1F91 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 1",
            "   3: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000",
            "   4: 00000000000000000000000001000000:01BC 00000000000000000000000000000000:0000 0A 00000000:00000000",
            "   5: 0000000000000000FFFF00000100007F:01BD 00000000000000000000000000000000:0000 0A 00000000:00000000",
            "torn",
        ];

        ListeningPorts.Parse(lines, "tcp", "0A").Select(port => port.ToString()).ShouldBe(["127.0.0.1:8080/tcp", "80/tcp", "443/tcp", "::1:444/tcp", "127.0.0.1:445/tcp"]);
    }

    [Fact]
    public void A_listener_of_this_process_is_seen()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;

        ListeningPorts.Read().ShouldContain(new PortClaim("127.0.0.1", port, "tcp"));
    }

    private static DesiredDeployment Web(string name) => Desired.Read(name, Desired.Service("a", ",\"ports\":[\"8080:80\"]"));

    private static PortClaim Claim(string text) => PortMapping.Parse(text) is { } port ? new(port.HostIp, port.HostPort, port.Protocol) : throw new ArgumentException(text);

    private static string? Clash(DesiredDeployment asking, ImmutableArray<ActualContainer> actual, params DesiredDeployment[] all) =>
        PortClaims.FindClash(asking.Name, asking.Services, all.Select(one => KeyValuePair.Create(one.Name, one.Services.SelectMany(service => service.Ports).ToImmutableArray())), actual);
}
