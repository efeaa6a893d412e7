using System.Text;

namespace Gtc.Store.Server.Tests.Contract;

public sealed class A_request_has_a_fingerprint
{
    [Fact]
    [Trait("fact", "store-server:12.27")]
    public void It_is_over_the_canonical_request() =>
        RequestBody.Fingerprint("POST", "/environments/local/backups", default).Value.ShouldBe("885ff13fc592629557664e0a420227814a40178c71788ea75a6e17874c35ead8");

    [Fact]
    public void The_order_of_members_does_not_count_and_everything_else_does()
    {
        var one = Of("POST", "/a", """{"x":1,"y":[2]}""");
        Of("POST", "/a", """{ "y":[2], "x":1 }""").ShouldBe(one);
        Of("PUT", "/a", """{"x":1,"y":[2]}""").ShouldNotBe(one);
        Of("POST", "/b", """{"x":1,"y":[2]}""").ShouldNotBe(one);
        Of("POST", "/a", """{"x":1.0,"y":[2]}""").ShouldNotBe(one);
    }

    private static string Of(string method, string path, string body) => RequestBody.Fingerprint(method, path, Encoding.UTF8.GetBytes(body)).Value;
}
