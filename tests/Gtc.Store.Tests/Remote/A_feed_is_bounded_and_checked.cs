using System.Net;
using System.Text;
using Gtc.Model;

namespace Gtc.Store.Tests.Remote;

public sealed class A_feed_is_bounded_and_checked
{
    private static readonly EnvId Env = EnvId.TryParse("shop", out var id) ? id : default;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_environment_is_taken_byte_by_byte_and_one_that_is_known_is_not_sent_again()
    {
        var document = Document("\"later\":{\"than\":\"this gtc\"},");
        using var feed = Feed(request => request.Headers.IfNoneMatch.Count > 0 ? new(HttpStatusCode.NotModified) : Body($$"""{"environment":{{document}},"etag":"tag","generation":7}"""));
        var read = (await feed.ReadAsync(Env, null, Token)).Value.ShouldNotBeNull();
        Encoding.UTF8.GetString(read.Document.Span).ShouldBe(document);
        (read.Etag, read.Generation).ShouldBe(("tag", 7ul));
        (await feed.ReadAsync(Env, "tag", Token)).Value.ShouldBeNull();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"environment":{},"etag":"t","generation":1}""")]
    [InlineData("""{"etag":"t","generation":1}""")]
    [InlineData("""{"environment":OTHER,"etag":"t","generation":1}""")]
    [InlineData("""{"environment":DOCUMENT,"etag":"t","generation":-1}""")]
    [InlineData("""{"environment":DOCUMENT,"etag":7,"generation":1}""")]
    public async Task What_is_no_environment_is_not_taken(string body)
    {
        var text = body.Replace("DOCUMENT", Document(""), StringComparison.Ordinal).Replace("OTHER", Document("").Replace("shop", "else", StringComparison.Ordinal), StringComparison.Ordinal);
        using var feed = Feed(_ => Body(text));
        (await feed.ReadAsync(Env, null, Token)).Refusal.ShouldBeOfType<Refusal.Unreachable>().Message.ShouldContain("cannot be taken over");
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, typeof(Refusal.Unauthorized))]
    [InlineData(HttpStatusCode.Forbidden, typeof(Refusal.Unauthorized))]
    [InlineData(HttpStatusCode.NotFound, typeof(Refusal.Missing))]
    [InlineData(HttpStatusCode.Found, typeof(Refusal.Unreachable))]
    [InlineData(HttpStatusCode.BadGateway, typeof(Refusal.Unreachable))]
    public async Task A_status_says_why(HttpStatusCode status, Type refusal)
    {
        using var feed = Feed(_ => new(status));
        (await feed.ReadAsync(Env, null, Token)).Refusal.ShouldBeOfType(refusal);
        (await feed.WatchAsync(Env, 1, _ => Task.FromResult<Refusal?>(null), Token)).ShouldBeOfType(refusal);
    }

    [Fact]
    public async Task Events_and_signs_of_life_are_told_in_their_order()
    {
        var told = new List<ulong?>();
        using var feed = Feed(request =>
        {
            request.RequestUri!.PathAndQuery.ShouldBe("/environments/shop/watch?from=4");
            return Body("id: 5\r\nevent: generation\ndata: {\"generation\":5}\n\n:\n\nid: 6\nevent: generation\n\nid: nonsense\n\n");
        });
        var ended = await feed.WatchAsync(Env, 4, generation =>
        {
            told.Add(generation);
            return Task.FromResult<Refusal?>(null);
        }, Token);
        ended.ShouldBeOfType<Refusal.Unreachable>().Message.ShouldContain("ended the watch");
        told.ShouldBe([5, null, 6, null]);
    }

    [Fact]
    public async Task A_line_without_end_ends_the_watch_and_so_does_who_is_told()
    {
        using (var feed = Feed(_ => Body(new string('x', 100_000))))
        {
            (await feed.WatchAsync(Env, 4, _ => Task.FromResult<Refusal?>(null), Token)).ShouldBeOfType<Refusal.Unreachable>().Message.ShouldContain("longer than");
        }

        var enough = new Refusal.Conflict("enough");
        using var other = Feed(_ => Body("id: 5\n\nid: 6\n\n"));
        (await other.WatchAsync(Env, 4, _ => Task.FromResult<Refusal?>(enough), Token)).ShouldBeSameAs(enough);
    }

    private static string Document(string more)
    {
        var document = EnvironmentVerbs.CreateLocal() with { EnvironmentId = Env, HostConfig = new HostConfig { EnvId = Env } };
        return "{" + more + Encoding.UTF8.GetString(Documents.Environment.ToLine(document))[1..].TrimEnd('\n');
    }

    private static HttpResponseMessage Body(string text) => new(HttpStatusCode.OK) { Content = new StringContent(text) };

    private static StoreFeed Feed(Func<HttpRequestMessage, HttpResponseMessage> answer) => new(StoreTarget.Of("http://127.0.0.1:1", null).Value, new Answering(answer), TimeProvider.System);

    private sealed class Answering(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }
}
