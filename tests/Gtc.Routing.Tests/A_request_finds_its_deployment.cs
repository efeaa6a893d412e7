using System.Text;
using Gtc.Model;

namespace Gtc.Routing.Tests;

public sealed class A_request_finds_its_deployment
{
    [Theory]
    [InlineData("any.test", "/", "root")]
    [InlineData("any.test", "/bot", "bot")]
    [InlineData("any.test", "/bot/", "bot")]
    [InlineData("any.test", "/bot/x", "bot")]
    [InlineData("any.test", "/bots", "root")]
    [InlineData("any.test", "/bot/deep", "deep")]
    [InlineData("any.test", "/bot/deeper", "bot")]
    [InlineData("chat.test", "/", "root")]
    [InlineData("chat.test", "/chat", "chat")]
    [InlineData("CHAT.test:8080", "/chat/x", "chat")]
    [InlineData("other.test", "/chat", "root")]
    [InlineData("[::1]:8080", "/v6", "v6")]
    [InlineData("[::1]", "/v6", "v6")]
    public void The_longest_prefix_on_a_segment_boundary_wins(string host, string path, string expected) =>
        Table().Find(Encoding.ASCII.GetBytes(host), Encoding.ASCII.GetBytes(path))!.BundleId.ShouldBe(expected);

    [Fact]
    public void Without_a_match_there_is_none()
    {
        new RoutingTable([Route("a", ["a.test"], ["/x"])]).Find("a.test"u8, "/y"u8).ShouldBeNull();
        new RoutingTable([Route("a", ["a.test"], [])]).Find("b.test"u8, "/"u8).ShouldBeNull();
        RoutingTable.Empty.Find("a"u8, "/"u8).ShouldBeNull();
    }

    [Fact]
    public void Of_two_equal_matches_the_earlier_wins() =>
        new RoutingTable([Route("first", [], ["/x/"]), Route("second", [], ["x"])]).Find("h"u8, "/x"u8).ShouldNotBeNull().BundleId.ShouldBe("first");

    private static RoutingTable Table() => new(
    [
        Route("root", [], ["/"]), Route("bot", [], ["/bot/"]), Route("deep", [], ["/bot/deep"]),
        Route("chat", ["chat.test"], ["/chat"]), Route("v6", ["[::1]"], ["/v6"]),
    ]);

    private static DeploymentRoute Route(string bundle, string[] hosts, string[] prefixes) => new(
        new DeploymentId(Ulid.From(DateTimeOffset.UnixEpoch, new byte[10])),
        bundle,
        new RouteBinding { Hosts = [.. hosts], PathPrefixes = [.. prefixes], TenantSelector = TenantSelector.Default },
        [new TrafficShare { RevisionId = new RevisionId(Ulid.From(DateTimeOffset.UnixEpoch, new byte[10])), WeightBps = TrafficSplit.Whole }],
        id => new RevisionState(id));
}
