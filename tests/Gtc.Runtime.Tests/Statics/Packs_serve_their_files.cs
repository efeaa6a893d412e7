using System.Net;
using System.Net.Sockets;
using System.Text;
using Gtc.Model;

namespace Gtc.Runtime.Tests.Statics;

public sealed class Packs_serve_their_files : IDisposable
{
    private readonly WorkerLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Files_come_with_their_type_and_what_is_no_file_does_not()
    {
        await using var worker = await ServeAsync();
        using var client = Client(worker);

        await ShouldBeAsync(client, "/v1/web/docs/", 200, "<h1>docs one</h1>", "text/html; charset=utf-8");
        await ShouldBeAsync(client, "/v1/web/docs/sub/", 200, "<h1>sub one</h1>", "text/html; charset=utf-8");
        await ShouldBeAsync(client, "/v1/web/docs/letters.txt?v=1", 200, "abcdefghij", "text/plain; charset=utf-8");
        await ShouldBeAsync(client, "/v1/web/docs/a%20b.css", 200, "body{}", "text/css; charset=utf-8");
        await ShouldBeAsync(client, "/v1/web/docs/blob", 200, "?", "application/octet-stream");
        await ShouldBeAsync(client, "/v1/web/docs/gone.txt", 404, "no such file", "text/plain; charset=utf-8");
        await ShouldBeAsync(client, "/v1/web/docs/gone/", 404, "no such file", "text/plain; charset=utf-8");
        await ShouldBeAsync(client, "/v1/web/docs//letters.txt", 404, "no such file", "text/plain; charset=utf-8");
        await ShouldBeAsync(client, "/v1/web/docsx/letters.txt", 405, "only POST is supported for the generic revision ingress", "text/plain; charset=utf-8");
    }

    [Fact]
    public async Task Only_get_and_head_are_served_and_head_says_the_length()
    {
        await using var worker = await ServeAsync();
        using var client = Client(worker);

        using var request = new HttpRequestMessage(HttpMethod.Head, "/v1/web/docs/letters.txt") { Headers = { { "Range", "bytes=0-1" } } };
        using var head = await client.SendAsync(request, Token);
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        head.Content.Headers.ContentLength.ShouldBe(10);
        head.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        (await head.Content.ReadAsByteArrayAsync(Token)).ShouldBeEmpty();
        using var posted = await client.PostAsync("/v1/web/docs/letters.txt", new StringContent("{}"), Token);
        posted.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        posted.Content.Headers.Allow.ShouldBe(["GET", "HEAD"]);
    }

    [Fact]
    public async Task A_folder_without_its_slash_leads_to_the_one_with_it()
    {
        await using var worker = await ServeAsync();
        using var client = Client(worker);

        (await LocationAsync(client, "/v1/web/docs")).ShouldBe("docs/");
        (await LocationAsync(client, "/v1/web/docs/sub?a=b")).ShouldBe("sub/?a=b");
    }

    [Fact]
    public async Task What_did_not_change_is_not_sent_again()
    {
        await using var worker = await ServeAsync();
        using var client = Client(worker);
        using var first = await client.GetAsync("/v1/web/docs/letters.txt", Token);
        var tag = first.Headers.ETag!;
        tag.IsWeak.ShouldBeFalse();
        first.Headers.CacheControl!.ToString().ShouldBe("public, max-age=60");

        foreach (var (given, expected) in new[] { (tag.ToString(), 304), ($"\"other\", W/{tag}", 304), ("*", 304), ("\"other\"", 200) })
        {
            using var again = await AskAsync(client, "/v1/web/docs/letters.txt", ("If-None-Match", given));
            ((int)again.StatusCode).ShouldBe(expected, given);
            again.Headers.ETag.ShouldBe(tag);
        }
    }

    [Theory]
    [InlineData("bytes=2-4", 206, "cde", "bytes 2-4/10")]
    [InlineData("bytes=7-", 206, "hij", "bytes 7-9/10")]
    [InlineData("bytes=-3", 206, "hij", "bytes 7-9/10")]
    [InlineData("bytes=-99", 206, "abcdefghij", "bytes 0-9/10")]
    [InlineData("bytes=8-99", 206, "ij", "bytes 8-9/10")]
    [InlineData("bytes=10-", 416, "the range is not in the file", "bytes */10")]
    [InlineData("bytes=-0", 416, "the range is not in the file", "bytes */10")]
    [InlineData("bytes=0-1,3-4", 200, "abcdefghij", null)]
    [InlineData("bytes=4-2", 200, "abcdefghij", null)]
    [InlineData("lines=1-2", 200, "abcdefghij", null)]
    public async Task A_range_is_answered_when_it_is_one(string range, int status, string text, string? place)
    {
        await using var worker = await ServeAsync();
        using var client = Client(worker);

        using var answer = await AskAsync(client, "/v1/web/docs/letters.txt", ("Range", range));
        ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Token), answer.Content.Headers.ContentRange?.ToString()).ShouldBe((status, text, place));
        using var changed = await AskAsync(client, "/v1/web/docs/letters.txt", ("Range", range), ("If-Range", "\"another\""));
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Pages_of_an_application_are_its_own_affair_and_missing_files_are_missing()
    {
        await using var worker = await ServeAsync();
        using var client = Client(worker);

        await ShouldBeAsync(client, "/v1/web/shop/default/", 200, "<h1>shop one</h1>", "text/html; charset=utf-8");
        await ShouldBeAsync(client, "/v1/web/shop/default/orders/7", 200, "<h1>shop one</h1>", "text/html; charset=utf-8");
        await ShouldBeAsync(client, "/v1/web/shop/default/app.old.js", 404, "no such file", "text/plain; charset=utf-8");
        using var page = await AskAsync(client, "/v1/web/shop/default/v1.2", ("Accept", "text/html,*/*"));
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        page.Headers.CacheControl!.ToString().ShouldBe("no-cache, private");
        using var other = await client.GetAsync("/v1/web/shop/rival/", Token);
        other.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task Below_a_prefix_they_are_found_there_and_by_their_tenant()
    {
        await using var worker = await ServeAsync("/site");
        using var client = Client(worker);

        await ShouldBeAsync(client, "/site/v1/web/docs/", 200, "<h1>docs one</h1>", "text/html; charset=utf-8");
        await ShouldBeAsync(client, "/site/v1/web/shop/default/app.js", 200, "1", "text/javascript; charset=utf-8");
        await ShouldBeAsync(client, "/v1/web/shop/default/app.js", 200, "1", "text/javascript; charset=utf-8");
        await ShouldBeAsync(client, "/v1/web/docs/", 404, "no deployment is bound to this host and path", "text/plain; charset=utf-8");
    }

    [Fact]
    public async Task No_path_leads_out_of_the_routes_folder()
    {
        await using var worker = await ServeAsync();

        foreach (var path in new[]
        {
            "/v1/web/docs/../hidden.txt", "/v1/web/docs/%2e%2e/hidden.txt", "/v1/web/docs/..%2fhidden.txt", "/v1/web/docs/..%5chidden.txt", "/v1/web/docs/sub/../../hidden.txt",
            "/v1/web/docs/%2e%2e/%2e%2e/manifest.cbor", "/v1/web/docs//../hidden.txt", "/v1/web/docs/%00", "/v1/web/docs/\\..\\hidden.txt", "/v1/web/docs/./././../hidden.txt",
        })
        {
            var answer = await RawAsync(worker, path);
            answer.ShouldStartWith("HTTP/1.1 4", customMessage: path);
            answer.ShouldNotContain("hidden\r\n", customMessage: path);
            answer.ShouldNotEndWith("hidden", customMessage: path);
        }
    }

    [Fact]
    public async Task A_page_and_its_files_come_from_the_callers_revision()
    {
        var deployment = _lab.Deploy();
        var revisions = new List<RevisionId>();
        foreach (var word in new[] { "one", "two" })
        {
            var path = (await SiteLab.BuildAsync(_lab, word)).Value.Path;
            revisions.Add(await _lab.StageAsync(deployment, path, path));
        }

        _lab.Route(deployment, (revisions[0], 5_000), (revisions[1], 5_000));
        _lab.Save();
        var random = 0UL;
        await using var worker = (await _lab.BootAsync(options => options with { Random = () => random += 0x9E37_79B9_7F4A_7C15 })).Value;
        var seen = new HashSet<string>();
        for (var caller = 0; caller < 64; caller++)
        {
            using var handler = new HttpClientHandler { CookieContainer = new() };
            using var client = new HttpClient(handler) { BaseAddress = new Uri($"http://{worker.Address}") };
            var first = await client.GetStringAsync("/v1/web/shop/default/", Token);
            seen.Add(first);
            for (var again = 0; again < 4; again++)
            {
                (await client.GetStringAsync("/v1/web/shop/default/", Token)).ShouldBe(first);
            }
        }

        seen.ShouldBe(["<h1>shop one</h1>", "<h1>shop two</h1>"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("- {public_path: /web/docs, source_root: assets/docs}", "public_path")]
    [InlineData("- {public_path: /v1/web/../docs, source_root: assets/docs}", "public_path")]
    [InlineData("- {public_path: \"/v1/web/{user}\", source_root: assets/docs}", "public_path")]
    [InlineData("- {public_path: /v1/web/docs, source_root: ../docs}", "source_root")]
    [InlineData("- {public_path: /v1/web/docs, source_root: assets/../docs}", "source_root")]
    [InlineData("- {public_path: /v1/web/docs, source_root: assets/gone}", "assets/gone")]
    [InlineData("- {public_path: /v1/web/docs, source_root: assets/docs, index_file: ../index.html}", "index_file")]
    [InlineData("- {public_path: /v1/web/docs, source_root: assets/docs, cache: {strategy: forever}}", "strategy")]
    [InlineData("- {public_path: /v1/web/docs, source_root: assets/docs}\n        - {public_path: /v1/web/docs/, source_root: assets/shop}", "once")]
    public async Task Routes_that_cannot_be_served_are_refused_when_the_pack_is_built(string routes, string word) =>
        (await SiteLab.BuildAsync(_lab, "bad", "        " + routes)).Refusal!.Message.ShouldContain(word);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<WorkerHost> ServeAsync(string prefix = "/")
    {
        var built = await SiteLab.BuildAsync(_lab, "one");
        built.Refusal?.Message.ShouldBeNull();
        var deployment = _lab.Deploy(prefix: prefix);
        _lab.Route(deployment, (await _lab.StageAsync(deployment, built.Value.Path, built.Value.Path), 10_000));
        _lab.Save();
        var booted = await _lab.BootAsync();
        booted.Refusal?.Message.ShouldBeNull();
        return booted.Value;
    }

    private static HttpClient Client(WorkerHost worker) => new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri($"http://{worker.Address}") };

    private static async Task<string?> LocationAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.TemporaryRedirect);
        return answer.Headers.Location?.OriginalString;
    }

    private static async Task ShouldBeAsync(HttpClient client, string path, int status, string text, string type)
    {
        using var answer = await client.GetAsync(path, Token);
        ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Token), answer.Content.Headers.ContentType?.ToString()).ShouldBe((status, text, type), path);
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient client, string path, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in fields)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request, Token);
    }

    // A client of the base library would tidy the path up first.
    private static async Task<string> RawAsync(WorkerHost worker, string path)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(worker.Address, Token);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), Token);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(Token);
    }
}
