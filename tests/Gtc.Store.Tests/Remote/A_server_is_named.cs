namespace Gtc.Store.Tests.Remote;

public sealed class A_server_is_named
{
    [Fact]
    public void By_the_flag_by_the_environment_or_not_at_all()
    {
        StoreTarget.Find(null, null, _ => null).Value.ShouldBeNull();
        var typed = StoreTarget.Find("https://store.example", "t", _ => "https://other.example").Value!;
        typed.Address.ToString().ShouldBe("https://store.example/");
        typed.Token.ShouldBe("t");
        var standing = StoreTarget.Find(null, null, Standing).Value!;
        standing.Address.ToString().ShouldBe("https://standing.example/base/");
        standing.Token.ShouldBe("secret");
        StoreTarget.Find(null, "given", Standing).Value!.Token.ShouldBe("given");
    }

    [Fact]
    [Trait("fact", "store-server:12.26")]
    public async Task A_standing_token_is_not_sent_to_an_address_that_was_typed()
    {
        var target = StoreTarget.Find("https://x", null, Standing).Value!;
        target.Token.ShouldBeNull();
        var transport = new CannedTransport(200, """{"environments":[]}""");
        using var store = new RemoteStore(target, transport);
        (await store.ListAsync(TestContext.Current.CancellationToken)).IsOk.ShouldBeTrue();
        transport.Last!.Headers.Authorization.ShouldBeNull();
    }

    [Theory]
    [InlineData("http://127.0.0.1:8787", true)]
    [InlineData("http://localhost:8787", true)]
    [InlineData("http://[::1]:8787", true)]
    [InlineData("http://store.example", false)]
    [InlineData("http://localhost.example", false)]
    [InlineData("https://store.example", true)]
    public void A_token_travels_in_clear_text_on_this_machine_only(string url, bool isAllowed) => StoreTarget.Of(url, "t").IsOk.ShouldBe(isAllowed);

    [Theory]
    [InlineData("store.example")]
    [InlineData("ftp://store.example")]
    [InlineData("https://user:password@store.example")]
    [InlineData("https://store.example/?x=1")]
    public void What_is_no_address_is_refused(string url) => StoreTarget.Of(url, null).IsOk.ShouldBeFalse();

    [Fact]
    public void A_token_is_not_printed() => StoreTarget.Of("https://store.example", "secret").Value.ToString().ShouldNotContain("secret");

    private static string? Standing(string name) => name switch
    {
        "GREENTIC_STORE_URL" => "https://standing.example/base",
        "GREENTIC_STORE_TOKEN" => "secret",
        _ => null,
    };
}
