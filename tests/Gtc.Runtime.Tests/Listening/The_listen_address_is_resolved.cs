namespace Gtc.Runtime.Tests.Listening;

public sealed class The_listen_address_is_resolved
{
    [Theory]
    [InlineData(null, null, null, "127.0.0.1:8080", 0)]
    [InlineData("0.0.0.0:9000", null, null, "0.0.0.0:9000", 0)]
    [InlineData(null, "0.0.0.0:9001", null, "0.0.0.0:9001", 0)]
    [InlineData(null, "[::1]:9001", null, "[::1]:9001", 0)]
    [InlineData("127.0.0.1:7000", "::", null, "[::]:7000", 0)]
    [InlineData("127.0.0.1:7000", " ", "9", "127.0.0.1:9", 0)]
    [InlineData(null, "0.0.0.0:9001", "0", "0.0.0.0:0", 0)]
    [InlineData(null, null, "70000", "127.0.0.1:8080", 1)]
    [InlineData(null, "localhost:80", null, "127.0.0.1:8080", 1)]
    [InlineData(null, "[::1]", null, "127.0.0.1:8080", 1)]
    public void The_later_source_wins_and_nonsense_is_told(string? host, string? gateway, string? port, string expected, int warnings)
    {
        var resolved = ListenAddress.Resolve(host, name => name switch { "PORT" => port, "GREENTIC_GATEWAY_LISTEN_ADDR" => gateway, _ => null });
        resolved.EndPoint.ToString().ShouldBe(expected);
        resolved.Warnings.Count.ShouldBe(warnings);
    }

    [Fact]
    [Trait("fact", "worker-runtime:8.12")]
    public void A_bare_address_keeps_the_port() =>
        ListenAddress.Resolve(null, name => name == "GREENTIC_GATEWAY_LISTEN_ADDR" ? "0.0.0.0" : null).EndPoint.ToString().ShouldBe("0.0.0.0:8080");

    [Fact]
    [Trait("fact", "worker-runtime:8.13")]
    public void Nonsense_keeps_the_default()
    {
        var resolved = ListenAddress.Resolve(null, name => name == "GREENTIC_GATEWAY_LISTEN_ADDR" ? "nonsense" : null);
        resolved.EndPoint.ToString().ShouldBe("127.0.0.1:8080");
        resolved.Warnings.ShouldHaveSingleItem().ShouldContain("nonsense");
    }
}
