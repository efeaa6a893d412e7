using System.Net;

namespace Gtc.Store.Server.Tests.Access;

public sealed class Rules_are_followed_while_the_server_runs : IAsyncLifetime
{
    private const string Env = "staging";

    private readonly FileLab _lab = new();
    private readonly ManualTime _time = new();
    private StoreClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var path = Tokens.Write(_lab, Tokens.Entry("root", "admin"), Tokens.Entry("eve", "read-only"), Tokens.Entry("short", "admin", "\"not_after\":\"2026-11-20T14:03:00Z\""));
        _client = await _lab.StartAsync(options => options with { Tokens = path, Time = _time, StrangerLimit = new RateLimit(100_000, 1) });
        _client.Token = "root";
        (await _client.CreateAsync(Env)).Must(200);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _lab.DisposeAsync();
    }

    [Fact]
    public async Task A_token_that_is_taken_out_is_refused_and_its_watches_end()
    {
        using var watch = await WatchAsync("eve");
        _client.Token = "eve";
        var waiting = _client.GetAsync($"/environments/{Env}/watch?from=1&timeout=300");

        Tokens.Write(_lab, Tokens.Entry("root", "admin"));
        (await watch.ReadToEndAsync(Token)).ShouldNotContain("id:");

        // Whether the second request had arrived before the change is the machine's to say.
        (await waiting).Status.ShouldBeOneOf(204, 401);
        (await _client.GetAsync($"/environments/{Env}")).MustBe(401, "unauthorized");
    }

    [Fact]
    public async Task A_watch_goes_on_when_the_rules_change_and_still_permit_it()
    {
        using var watch = await WatchAsync("root");
        Tokens.Write(_lab, Tokens.Entry("root", "read-only"), Tokens.Entry("new", "admin"));
        _client.Token = "new";
        await Eventually.HoldsAsync(async () => (await _client.GetAsync("/environments")).Status == 200);
        (await _client.RenameAsync(Env, "x")).Must(200);
        (await NextAsync(watch)).ShouldBe("id: 2");
    }

    [Fact]
    public async Task A_scope_that_leaves_an_environment_ends_its_watches()
    {
        using var watch = await WatchAsync("eve");
        Tokens.Write(_lab, Tokens.Entry("root", "admin"), Tokens.Entry("eve", "read-only", "\"env_ids\":[\"prod\"]"));
        (await watch.ReadToEndAsync(Token)).ShouldNotContain("id:");
    }

    [Fact]
    public async Task A_token_that_ends_ends_its_watches()
    {
        using var watch = await WatchAsync("short");
        _time.Advance(TimeSpan.FromMinutes(2));

        // The wait was measured when it began; a change of the file has it asked again.
        Tokens.Write(_lab, Tokens.Entry("root", "admin"), Tokens.Entry("short", "admin", "\"not_after\":\"2026-11-20T14:03:01Z\""));
        (await watch.ReadToEndAsync(Token)).ShouldNotContain("id:");
        _client.Token = "short";
        (await _client.GetAsync("/environments")).Must(401);
    }

    [Fact]
    public async Task A_file_that_is_wrong_changes_nothing_and_is_counted()
    {
        // By a rename: a file that is written in place may be seen half written, and would be counted twice.
        var path = Path.Combine(_lab.Folder, "tokens.json");
        File.WriteAllText(path + ".new", "{}");
        File.Move(path + ".new", path, overwrite: true);
        await Eventually.HoldsAsync(async () => (await _client.GetAsync("/metrics")).Text.Contains("gtc_store_file_reloads_total{file=\"access\",result=\"refused\"} 1", StringComparison.Ordinal));
        (await _client.GetAsync("/environments")).Must(200);

        File.Delete(path);
        await Eventually.HoldsAsync(async () => (await _client.GetAsync("/metrics")).Text.Contains("result=\"refused\"} 2", StringComparison.Ordinal));
        (await _client.GetAsync("/environments")).Must(200);

        Tokens.Write(_lab, Tokens.Entry("new", "admin"));
        await Eventually.HoldsAsync(async () => (await _client.GetAsync("/environments")).Status == 401);
        (await _client.GetAsync("/metrics")).Text.ShouldContain("gtc_store_file_reloads_total{file=\"access\",result=\"taken\"} 1");
    }

    private async Task<StreamReader> WatchAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/environments/{Env}/watch");
        request.Headers.Add("Accept", "text/event-stream");
        request.Headers.Add("Authorization", $"Bearer {token}");
        var response = await _client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        (await NextAsync(reader)).ShouldBe("id: 1");
        (await reader.ReadLineAsync(Token)).ShouldBe("event: generation");
        return reader;
    }

    private static async Task<string?> NextAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(Token) is { } line)
        {
            if (line.StartsWith("id:", StringComparison.Ordinal))
            {
                return line;
            }
        }

        return null;
    }
}
