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
        Table().Find(host, path)!.BundleId.ShouldBe(expected);

    [Fact]
    public void Without_a_match_there_is_none()
    {
        new RoutingTable([Route("a", ["a.test"], ["/x"])]).Find("a.test", "/y").ShouldBeNull();
        new RoutingTable([Route("a", ["a.test"], [])]).Find("b.test", "/").ShouldBeNull();
        RoutingTable.Empty.Find("a", "/").ShouldBeNull();
    }

    [Fact]
    public void Of_two_equal_matches_the_earlier_wins() =>
        new RoutingTable([Route("first", [], ["/x/"]), Route("second", [], ["x"])]).Find("h", "/x").ShouldNotBeNull().BundleId.ShouldBe("first");

    [Fact]
    public void A_draw_gives_every_revision_exactly_its_share()
    {
        var a = new RevisionId(Ulid.From(DateTimeOffset.UnixEpoch, new byte[10]));
        var b = new RevisionId(Ulid.From(DateTimeOffset.UnixEpoch.AddSeconds(1), new byte[10]));
        var c = new RevisionId(Ulid.From(DateTimeOffset.UnixEpoch.AddSeconds(2), new byte[10]));
        var route = Route("x", [], [], new(a, 9000), new(b, 0), new(c, 1000));
        WeightedChoice.Total(route.Revisions).ShouldBe(10_000u);
        var counts = Enumerable.Range(0, 10_000).GroupBy(point => WeightedChoice.Pick(route.Revisions, (uint)point)).ToDictionary(g => g.Key!.Value, g => g.Count());
        counts.ShouldBe(new Dictionary<RevisionId, int> { [a] = 9000, [c] = 1000 }, ignoreOrder: true);
        WeightedChoice.Pick(route.Revisions, 10_000).ShouldBeNull();
    }

    private static RoutingTable Table() => new(
    [
        Route("root", [], ["/"]), Route("bot", [], ["/bot/"]), Route("deep", [], ["/bot/deep"]),
        Route("chat", ["chat.test"], ["/chat"]), Route("v6", ["[::1]"], ["/v6"]),
    ]);

    private static DeploymentRoute Route(string bundle, string[] hosts, string[] prefixes, params RoutedRevision[] revisions) => new(
        new DeploymentId(Ulid.From(DateTimeOffset.UnixEpoch, new byte[10])),
        bundle,
        new RouteBinding { Hosts = [.. hosts], PathPrefixes = [.. prefixes], TenantSelector = TenantSelector.Default },
        [.. revisions]);
}
