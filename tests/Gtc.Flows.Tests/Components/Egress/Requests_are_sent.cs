using System.Text;

namespace Gtc.Flows.Tests.Components.Egress;

public sealed class Requests_are_sent
{
    private static readonly DeclaredCapabilities Declared = new() { SendsHttp = true };

    [Fact]
    public async Task A_granted_request_reaches_its_server_and_brings_the_answer()
    {
        await using var server = LoopbackServer.Saying(_ => LoopbackServer.Ok("pong", "X-Two: a\r\nX-Two: b\r\n"));
        var answer = await SendAsync(server, Request(server.Url + "/p?q=1") with { Method = "POST", Body = "ping"u8.ToArray(), Headers = [new("X-One", "1"), new("Content-Type", "text/plain"), new("Host", "elsewhere"), new("Content-Length", "999")] });

        answer.Fault.ShouldBeNull();
        answer.Value!.Status.ShouldBe((ushort)200);
        Encoding.UTF8.GetString(answer.Value.Body!.Value.Span).ShouldBe("pong");
        answer.Value.Headers.Where(header => header.Key == "x-two").Select(header => header.Value).ShouldBe(["a", "b"]);
        var request = server.Requests.ShouldHaveSingleItem();
        request.ShouldStartWith("POST /p?q=1 HTTP/1.1\r\n");
        request.ShouldEndWith("\r\n\r\nping");
        request.ShouldContain("X-One: 1\r\n");
        request.ShouldContain("Content-Type: text/plain\r\n");
        request.ShouldContain($"Host: 127.0.0.1:{server.Port}\r\n");
        request.ShouldNotContain("elsewhere");
        request.ShouldNotContain("999");
    }

    [Fact]
    public async Task What_is_not_declared_or_not_granted_is_denied_and_nothing_is_sent()
    {
        await using var server = LoopbackServer.Saying(_ => LoopbackServer.Ok("pong"));
        var request = Request(server.Url);

        (await SendAsync("public", new DeclaredCapabilities(), request)).Fault!.Message.ShouldBe("the pack does not declare that this component sends HTTP requests");
        (await SendAsync("public", Declared, request)).Fault.ShouldBe(new HostFault("denied", $"the environment grants no http requests to 127.0.0.1:{server.Port}"));
        (await SendAsync("none", Declared, request)).Fault!.Code.ShouldBe("denied");
        (await SendAsync($"127.0.0.1:{server.Port}", Declared with { HttpHosts = ["api.example.com"] }, request)).Fault!.Message.ShouldBe("the pack does not declare that this component sends requests to 127.0.0.1");
        (await SendAsync($"127.0.0.1:{server.Port}", Declared with { HttpHosts = ["127.0.0.1"] }, request)).Fault.ShouldBeNull();
        server.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task A_name_that_leads_to_a_private_address_is_denied()
    {
        await using var server = LoopbackServer.Saying(_ => LoopbackServer.Ok("pong"));
        var byName = Request($"http://localhost:{server.Port}/");

        var denied = (await SendAsync($"localhost:{server.Port}", Declared, byName)).Fault!;
        denied.Code.ShouldBe("denied");
        denied.Message.ShouldStartWith("localhost is at ");
        denied.Message.ShouldEndWith(", which is no public address, and the environment does not grant it");
        server.Connections.ShouldBe(0);
        (await SendAsync($"127.0.0.1:{server.Port}", Declared, byName)).Fault.ShouldBeNull();
    }

    [Theory]
    [InlineData("https://169.254.169.254/latest/meta-data/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    [InlineData("https://0x7f.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0/")]
    public async Task No_spelling_of_a_private_address_is_public(string url) => (await SendAsync("public", Declared, Request(url))).Fault!.Code.ShouldBe("denied");

    [Theory]
    [InlineData("GET", "ftp://example.com/")]
    [InlineData("GET", "file:///etc/passwd")]
    [InlineData("GET", "/relative")]
    [InlineData("GET", "")]
    [InlineData("GET", "http://user:secret@127.0.0.1/")]
    [InlineData("", "http://127.0.0.1/")]
    [InlineData("GET\r\nX: y", "http://127.0.0.1/")]
    [InlineData("CONNECT", "http://127.0.0.1/")]
    [InlineData("trace", "http://127.0.0.1/")]
    public async Task What_is_not_well_formed_is_denied(string method, string url)
    {
        var fault = (await SendAsync("127.0.0.1", Declared, Request(url) with { Method = method })).Fault!;

        fault.Code.ShouldBe("denied");
        fault.Message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task Headers_cannot_carry_a_second_request_and_are_bounded_like_the_body()
    {
        await using var server = LoopbackServer.Saying(_ => LoopbackServer.Ok("pong"));
        var request = Request(server.Url);

        (await SendAsync(server, request with { Headers = [new("X", "a\r\nY: b")] })).Fault!.Message.ShouldBe("a header is not well-formed");
        (await SendAsync(server, request with { Headers = [new("X y", "a")] })).Fault!.Message.ShouldBe("a header is not well-formed");
        (await SendAsync(server, request with { Headers = [new("X", new string('a', 40_000))] })).Fault!.Message.ShouldBe("the headers have 40001 characters, the most is 32768");
        (await SendAsync(server, request with { Method = "POST", Body = new byte[(8 << 20) + 1] })).Fault!.Message.ShouldBe("the body has 8388609 bytes, the most is 8388608");
        server.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task Answers_that_are_too_large_or_damaged_are_unavailable()
    {
        await using var flood = LoopbackServer.Doing(async (stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), stop);
            while (true)
            {
                await stream.WriteAsync(new byte[65_536], stop);
            }
        });
        await using var headers = LoopbackServer.Doing(async (stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), stop);
            while (true)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"X-{new string('h', 1000)}: y\r\n"), stop);
            }
        });
        await using var odd = LoopbackServer.Saying(_ => "nonsense\r\n\r\n");
        await using var cut = LoopbackServer.Saying(_ => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");

        (await SendAsync(flood, Request(flood.Url))).Fault.ShouldBe(new HostFault("unavailable", "the body of the answer has more than 8388608 bytes"));
        (await SendAsync(headers, Request(headers.Url))).Fault!.Code.ShouldBe("unavailable");
        (await SendAsync(odd, Request(odd.Url))).Fault!.Code.ShouldBe("unavailable");
        (await SendAsync(cut, Request(cut.Url))).Fault!.Code.ShouldBe("unavailable");
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_waited_for_as_long_as_the_component_says()
    {
        await using var silent = LoopbackServer.Doing((_, stop) => Task.Delay(Timeout.Infinite, stop));
        await using var halting = LoopbackServer.Doing(async (stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"u8.ToArray(), stop);
            await Task.Delay(Timeout.Infinite, stop);
        });

        foreach (var server in new[] { silent, halting })
        {
            (await SendAsync(server, Request(server.Url) with { Timeout = TimeSpan.FromMilliseconds(100) })).Fault
                .ShouldBe(new HostFault("unavailable", "timeout: there was no whole answer within 0.1 s"));
        }
    }

    [Fact]
    public async Task Whoever_leaves_ends_the_request()
    {
        await using var silent = LoopbackServer.Doing((_, stop) => Task.Delay(Timeout.Infinite, stop));
        using var egress = Egress($"127.0.0.1:{silent.Port}");
        using var leaving = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Should.ThrowAsync<OperationCanceledException>(() => egress.SendAsync(Declared, Request(silent.Url), leaving.Token));
    }

    [Fact]
    public async Task Redirects_are_answers_unless_the_component_wants_them_followed()
    {
        await using var target = LoopbackServer.Saying(_ => LoopbackServer.Ok("there"));
        await using var server = LoopbackServer.Saying(_ => $"HTTP/1.1 303 See Other\r\nLocation: {target.Url}/x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        var policy = $"127.0.0.1:{server.Port},127.0.0.1:{target.Port}";
        var request = Request(server.Url) with { Method = "POST", Body = "b"u8.ToArray(), Headers = [new("Authorization", "mine"), new("X-Kept", "1")] };

        (await SendAsync(policy, Declared, request)).Value!.Status.ShouldBe((ushort)303);
        var followed = await SendAsync(policy, Declared, request with { FollowsRedirects = true });
        Encoding.UTF8.GetString(followed.Value!.Body!.Value.Span).ShouldBe("there");
        var asked = target.Requests.ShouldHaveSingleItem();
        asked.ShouldStartWith("GET /x HTTP/1.1");
        asked.ShouldNotContain("mine");
        asked.ShouldContain("X-Kept: 1");
        (await SendAsync($"127.0.0.1:{server.Port}", Declared, request with { FollowsRedirects = true })).Fault!.Code.ShouldBe("denied");
    }

    [Fact]
    public async Task Redirects_without_end_are_given_up()
    {
        await using var server = LoopbackServer.Saying(_ => "HTTP/1.1 307 Again\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        (await SendAsync(server, Request(server.Url) with { FollowsRedirects = true })).Fault.ShouldBe(new HostFault("unavailable", "the answer redirects more than 5 times"));
        server.Requests.Count.ShouldBe(6);
        await using var odd = LoopbackServer.Saying(_ => "HTTP/1.1 302 Found\r\nLocation: http://[::bad/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        (await SendAsync(odd, Request(odd.Url) with { FollowsRedirects = true })).Value!.Status.ShouldBe((ushort)302);
        await using var file = LoopbackServer.Saying(_ => "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        (await SendAsync(file, Request(file.Url) with { FollowsRedirects = true })).Fault!.Code.ShouldBe("denied");
    }

    [Fact]
    public async Task A_component_can_ask_for_https_alone()
    {
        await using var server = LoopbackServer.Saying(_ => LoopbackServer.Ok("pong"));

        (await SendAsync(server, Request(server.Url) with { AllowsInsecure = false })).Fault!.Message.ShouldBe("the request asks for https alone, and its URL is http");
        (await SendAsync(server, Request(server.Url) with { AllowsInsecure = true })).Fault.ShouldBeNull();
    }

    private static HostHttpRequest Request(string url) => new("GET", url, [], null, TimeSpan.FromSeconds(60));

    private static Task<HostAnswer<HostHttpResponse>> SendAsync(LoopbackServer server, HostHttpRequest request) => SendAsync($"127.0.0.1:{server.Port}", Declared, request);

    private static async Task<HostAnswer<HostHttpResponse>> SendAsync(string policy, DeclaredCapabilities declared, HostHttpRequest request)
    {
        using var egress = Egress(policy);
        return await egress.SendAsync(declared, request, TestContext.Current.CancellationToken);
    }

    private static HttpEgress Egress(string policy) =>
        EgressPolicy.TryParse(policy, out var read) ? new(read, EgressLimits.Standard with { MaxTime = TimeSpan.FromSeconds(60) }, TimeProvider.System) : throw new ArgumentException(policy);
}
