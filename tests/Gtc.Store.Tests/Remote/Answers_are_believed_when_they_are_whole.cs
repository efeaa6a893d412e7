using Gtc.Model;

namespace Gtc.Store.Tests.Remote;

public sealed class Answers_are_believed_when_they_are_whole
{
    private const string Line =
        """
        {"schema":"greentic.audit.event.v1","event_id":"01J8A1A1A1A1A1A1A1A1A1A1A1","ts":"2026-11-21T19:00:00Z","actor":{"kind":"bearer-token","user":"ci"},"env_id":"shop.eu","noun":"env","verb":"update",
         "target":{},"idempotency_key":"k","authorization":{"decision":"allow","policy":"static-tokens","reason":"r"},"result":{"outcome":"ok"}}
        """;

    private static readonly EnvId Env = EnvId.TryParse("shop.eu", out var id) ? id : default;

    [Fact]
    public async Task A_whole_one_tells_result_tag_and_generation()
    {
        var transport = new CannedTransport(200, Envelope(Line));
        using var store = Store(transport);
        var change = (await ChangeAsync(store)).Value;
        change.Generation.ShouldBe(7ul);
        change.Etag.ShouldBe("e7");
        change.IsReplay.ShouldBeTrue();
        transport.Last!.RequestUri!.OriginalString.ShouldContain("environments/shop%2Eeu");
        transport.Last.Headers.Contains("If-Match").ShouldBeFalse();

        await ChangeAsync(store);
        transport.Last.Headers.GetValues("If-Match").Single().ShouldBe("\"e7\"");
    }

    [Theory]
    [InlineData("\"decision\":\"allow\"", "\"decision\":\"deny\"")]
    [InlineData("\"outcome\":\"ok\"", "\"outcome\":\"error\",\"kind\":\"x\"")]
    [InlineData("\"env_id\":\"shop.eu\"", "\"env_id\":\"other\"")]
    [InlineData("\"idempotency_key\":\"k\"", "\"idempotency_key\":\"other\"")]
    [InlineData("\"noun\"", "\"nuon\"")]
    public async Task One_that_is_about_something_else_is_not_believed(string part, string instead)
    {
        using var store = Store(new CannedTransport(200, Envelope(Line.Replace(part, instead, StringComparison.Ordinal))));
        (await ChangeAsync(store)).Refusal.ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain("same key");
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("7")]
    public async Task One_that_is_not_whole_is_not_believed(string body)
    {
        using var store = Store(new CannedTransport(200, body));
        (await ChangeAsync(store)).Refusal.ShouldBeOfType<Refusal.Conflict>();
        (await store.ListAsync(TestContext.Current.CancellationToken)).IsOk.ShouldBeFalse();
        (await store.ShowAsync(Env, null, TestContext.Current.CancellationToken)).IsOk.ShouldBeFalse();
    }

    [Fact]
    public async Task The_end_of_a_convergence_may_be_a_failure()
    {
        var line = Line.Replace("\"verb\":\"update\"", "\"verb\":\"reconcile-complete\"", StringComparison.Ordinal).Replace("\"outcome\":\"ok\"", "\"outcome\":\"error\",\"kind\":\"reconcile-failed\"", StringComparison.Ordinal);
        using var store = Store(new CannedTransport(200, Envelope(line)));
        (await store.ChangeAsync(new RemoteRequest(Env, "env", "reconcile-complete") { Method = HttpMethod.Post, Segments = ["reconcile", "complete"], Key = "k" }, TestContext.Current.CancellationToken)).IsOk.ShouldBeTrue();
    }

    [Theory]
    [InlineData(404, """{"kind":"not-found"}""", "not-found")]
    [InlineData(404, """{"kind":"dependent-not-found","detail":"d"}""", "not-found")]
    [InlineData(400, """{"kind":"invalid-request","detail":"d"}""", "invalid-argument")]
    [InlineData(401, """{"kind":"unauthorized","policy":"p","reason":"r"}""", "unauthorized")]
    [InlineData(403, """{"kind":"unauthorized","policy":"p","reason":"r"}""", "unauthorized")]
    [InlineData(409, """{"kind":"already-exists","detail":"d"}""", "conflict")]
    [InlineData(412, """{"kind":"precondition-failed","expected_etag":"a","actual_etag":"b","changes":[{"verb":"traffic.set","by":"ci","at":"t"}]}""", "conflict")]
    [InlineData(200, """{"kind":"conflict"}""", "conflict")]
    [InlineData(409, """{"kind":"not-found"}""", "conflict")]
    [InlineData(503, """{"kind":"unavailable","message":"m"}""", "transport")]
    [InlineData(404, "<html>", "not-found")]
    [InlineData(403, "<html>", "unauthorized")]
    [InlineData(502, "<html>", "transport")]
    [InlineData(418, "<html>", "conflict")]
    public async Task Errors_are_those_of_the_local_store(int status, string body, string kind)
    {
        using var store = Store(new CannedTransport(status, body));
        ErrorKinds.Of((await ChangeAsync(store)).Refusal!).ShouldBe(kind);
    }

    [Theory]
    [InlineData(200, "{}", true)]
    [InlineData(200, "not json", true)]
    [InlineData(500, """{"kind":"internal","message":"m"}""", true)]
    [InlineData(502, "<html>", true)]
    [InlineData(503, """{"kind":"unavailable","message":"m"}""", true)]
    [InlineData(409, """{"kind":"conflict","detail":"d"}""", false)]
    [InlineData(412, """{"kind":"precondition-failed"}""", false)]
    [InlineData(429, """{"kind":"rate-limited","detail":"d"}""", false)]
    [InlineData(501, """{"kind":"not-yet-implemented","detail":"d"}""", false)]
    [InlineData(302, "<html>", false)]
    public async Task What_does_not_tell_how_a_change_ended_says_so(int status, string body, bool mayStand)
    {
        using var store = Store(new CannedTransport(status, body));
        (await ChangeAsync(store)).Refusal!.MayStand.ShouldBe(mayStand);
        (await store.ShowAsync(Env, null, TestContext.Current.CancellationToken)).Refusal!.MayStand.ShouldBeFalse("nothing is changed by looking");
    }

    [Fact]
    public async Task A_change_that_stands_and_was_not_audited_is_known_as_that()
    {
        using var store = Store(new CannedTransport(500, """{"kind":"internal","message":"m","refusal":{"kind":"audit","message":"the change stands","details":[],"next":null}}"""));
        (await ChangeAsync(store)).Refusal.ShouldBeOfType<Refusal.AuditFailed>().MayStand.ShouldBeFalse();
    }

    private static string Envelope(string line) => $$$"""{"result":{},"etag":"e7","generation":7,"idempotency":{"idempotency":"replayed"},"audit":{{{line}}}}""";

    private static RemoteStore Store(CannedTransport transport) => new(StoreTarget.Of("https://store.example", null).Value, transport);

    private static Task<Outcome<RemoteChange>> ChangeAsync(RemoteStore store) =>
        store.ChangeAsync(new RemoteRequest(Env, "env", "update") { Method = HttpMethod.Patch, Body = "{}"u8.ToArray(), Key = "k" }, TestContext.Current.CancellationToken);
}
