using System.Net;
using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Flows.Tests.Components.Egress;

public sealed class The_way_out_is_named
{
    private static readonly Uri Anywhere = new("https://example.com/");

    [Theory]
    [InlineData("public", "https://api.example.com/x", "93.184.216.34", true)]
    [InlineData("public", "http://api.example.com/x", "93.184.216.34", false)]
    [InlineData("public", "https://api.example.com/x", "10.0.0.1", false)]
    [InlineData("public", "https://api.example.com/x", "169.254.169.254", false)]
    [InlineData("public", "https://api.example.com/x", "::1", false)]
    [InlineData("public", "https://api.example.com/x", "::ffff:127.0.0.1", false)]
    [InlineData("public", "https://api.example.com/x", "2606:2800:220:1:248:1893:25c8:1946", true)]
    [InlineData("public", "https://api.example.com/x", "2002:7f00:1::", false)]
    [InlineData("public", "https://api.example.com/x", "64:ff9b::7f00:1", false)]
    [InlineData("public", "https://api.example.com/x", "fe80::1", false)]
    [InlineData("public", "https://93.184.216.34/", "93.184.216.34", true)]
    [InlineData("none", "https://api.example.com/x", "93.184.216.34", false)]
    [InlineData("api.example.com", "https://api.example.com/x", "93.184.216.34", true)]
    [InlineData("api.example.com", "http://API.Example.com/x", "93.184.216.34", true)]
    [InlineData("api.example.com", "https://api.example.com./x", "93.184.216.34", true)]
    [InlineData("api.example.com", "https://other.example.com/x", "93.184.216.34", false)]
    [InlineData("api.example.com:8443", "https://api.example.com:8443/x", "93.184.216.34", true)]
    [InlineData("api.example.com:8443", "https://api.example.com/x", "93.184.216.34", false)]
    [InlineData("api.example.com", "http://api.example.com/x", "127.0.0.1", false)]
    [InlineData("*.example.com", "https://api.example.com/x", "93.184.216.34", true)]
    [InlineData("*.example.com", "https://a.b.example.com/x", "93.184.216.34", true)]
    [InlineData("*.example.com", "https://example.com/x", "93.184.216.34", false)]
    [InlineData("*.example.com", "https://evilexample.com/x", "93.184.216.34", false)]
    [InlineData("127.0.0.1:8080", "http://127.0.0.1:8080/x", "127.0.0.1", true)]
    [InlineData("127.0.0.1:8080", "http://localhost:8080/x", "127.0.0.1", true)]
    [InlineData("127.0.0.1:8080", "http://127.0.0.1:8081/x", "127.0.0.1", false)]
    [InlineData("127.0.0.1:8080", "http://localhost:8080/x", "::1", false)]
    [InlineData("10.0.0.0/8", "http://intranet/x", "10.20.30.40", true)]
    [InlineData("10.0.0.0/8", "http://intranet/x", "11.0.0.1", false)]
    [InlineData("10.0.0.0/8:80", "http://intranet/x", "::ffff:10.1.1.1", true)]
    [InlineData("[::1]:8080", "http://localhost:8080/x", "::1", true)]
    [InlineData("::1", "http://localhost:9999/x", "::1", true)]
    [InlineData("fd00::/8", "http://intranet/x", "fd12::1", true)]
    [InlineData("public, 127.0.0.1", "https://api.example.com/x", "93.184.216.34", true)]
    public void An_address_is_granted_or_not(string policy, string url, string address, bool expected)
    {
        EgressPolicy.TryParse(policy, out var read).ShouldBeTrue();
        var target = new Uri(url);

        (read.MayReach(target) && read.Allows(target, IPAddress.Parse(address))).ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("public,")]
    [InlineData("http://example.com")]
    [InlineData("example.com/path")]
    [InlineData("example.com:0")]
    [InlineData("example.com:65536")]
    [InlineData("*")]
    [InlineData("*.*.com")]
    [InlineData("exa mple.com")]
    [InlineData("none,public")]
    [InlineData("10.0.0.0/33")]
    public void What_cannot_be_read_is_refused(string policy) => EgressPolicy.TryParse(policy, out _).ShouldBeFalse();

    [Fact]
    public void No_address_of_a_private_network_is_public()
    {
        var octet = Gen.Choose(0, 255);
        var address = from a in octet from b in octet from c in octet from d in octet select new byte[] { (byte)a, (byte)b, (byte)c, (byte)d };

        Prop.ForAll(Arb.From(address), bytes => EgressPolicy.Public.Allows(Anywhere, new IPAddress(bytes)) == !IsSpecial(bytes)
            && EgressPolicy.Public.Allows(Anywhere, new IPAddress(bytes).MapToIPv6()) == !IsSpecial(bytes)).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    // Written down a second time, in another way.
    private static bool IsSpecial(byte[] a) =>
        a[0] is 0 or 10 or 127 or >= 224
        || (a[0], a[1]) is (169, 254) or (192, 168) or (198, 18) or (198, 19)
        || (a[0] == 100 && a[1] is >= 64 and < 128)
        || (a[0] == 172 && a[1] is >= 16 and < 32)
        || (a[0], a[1], a[2]) is (192, 0, 0) or (192, 0, 2) or (192, 88, 99) or (198, 51, 100) or (203, 0, 113);
}
