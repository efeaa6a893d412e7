using System.Net;
using System.Net.Sockets;
using System.Text;
using Gtc.Model;
using Microsoft.AspNetCore.Http;

namespace Gtc.Artifacts.Tests.Sources;

public class HttpLimitTests
{
    private static readonly byte[] Content = Bytes.Of(100_000);

    [Fact]
    public async Task A_length_beyond_the_limit_is_refused_before_the_body()
    {
        await using var server = await ScriptedServer.StartAsync(static context => Replies.BytesAsync(context, Content));
        var (outcome, content) = await Pull.RunAsync(server.Address.ToString(), maxBytes: 99_999);

        outcome.Refusal!.Message.ShouldContain("at most 99,999 bytes, 100,000 bytes are announced");
        outcome.Refusal!.Next!.ShouldContain("--max-bundle-bytes");
        content.ShouldBeEmpty();
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_bundle_of_exactly_the_limit_is_accepted()
    {
        await using var server = await ScriptedServer.StartAsync(static context => Replies.BytesAsync(context, Content));
        (await Pull.RunAsync(server.Address.ToString(), maxBytes: 100_000)).Outcome.IsOk.ShouldBeTrue();
    }

    [Fact]
    public async Task An_endless_body_is_stopped_at_the_limit()
    {
        await using var server = await ScriptedServer.StartAsync(static async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(Content, context.RequestAborted);
            }
        });
        var (outcome, content) = await Pull.RunAsync(server.Address.ToString(), maxBytes: 3_000_000);

        outcome.Refusal!.Message.ShouldContain("larger than allowed");
        content.Length.ShouldBeLessThanOrEqualTo(3_000_000);
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up()
    {
        await using var server = await ScriptedServer.StartAsync(static context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var options = Pull.Quick with { StallTimeout = TimeSpan.FromSeconds(1), Attempts = 2 };
        var (outcome, _) = await Pull.RunAsync(server.Address.ToString(), options);

        outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>().Detail("cause").ShouldBe("nothing arrived for 1 s");
        server.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Redirects_are_followed_up_to_five()
    {
        await using var server = await ScriptedServer.StartAsync(static context =>
        {
            var hop = int.Parse(context.Request.Path.Value![1..], System.Globalization.CultureInfo.InvariantCulture);
            if (hop == 0)
            {
                return Replies.BytesAsync(context, Content);
            }

            context.Response.StatusCode = hop % 2 == 0 ? 302 : 307;
            context.Response.Headers.Location = $"/{hop - 1}";
            return Task.CompletedTask;
        });

        (await Pull.RunAsync($"{server.Address}5")).Outcome.Value.Digest.ShouldBe(Content.Digest());
        (await Pull.RunAsync($"{server.Address}6")).Outcome.Refusal!.Message.ShouldContain("more than 5 redirects");
    }

    [Fact]
    public async Task A_redirect_loop_ends()
    {
        await using var server = await ScriptedServer.StartAsync(static context =>
        {
            context.Response.Redirect("/again");
            return Task.CompletedTask;
        });
        var (outcome, _) = await Pull.RunAsync(server.Address.ToString());

        outcome.Refusal!.Message.ShouldContain("redirects");
        server.Requests.Count.ShouldBe(6);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/x")]
    [InlineData("")]
    public async Task A_redirect_to_something_else_than_the_web_is_refused(string location)
    {
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = location;
            return Task.CompletedTask;
        });

        (await Pull.RunAsync(server.Address.ToString())).Outcome.Refusal!.Message.ShouldContain("redirect");
    }

    [Fact]
    public async Task A_redirect_from_https_to_http_is_refused()
    {
        await using var plain = await ScriptedServer.StartAsync(static context => Replies.BytesAsync(context, Content));
        await using var secure = await ScriptedServer.StartAsync(
            context =>
            {
                context.Response.Redirect(plain.Address.ToString());
                return Task.CompletedTask;
            },
            TestCertificates.Loopback);
        using var transport = TestCertificates.Trusting();
        var (outcome, _) = await Pull.RunAsync(secure.Address.ToString(), transport: transport);

        outcome.Refusal!.Message.ShouldContain("from https to http");
        plain.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Credentials_stay_with_their_origin()
    {
        await using var other = await ScriptedServer.StartAsync(static context => Replies.BytesAsync(context, Content));
        await using var first = await ScriptedServer.StartAsync(context =>
        {
            context.Response.Redirect(context.Request.Path == "/a" ? "/b" : other.Address.ToString());
            return Task.CompletedTask;
        });
        var (outcome, _) = await Pull.RunAsync($"http://ada:secret@{first.Authority}/a");

        outcome.IsOk.ShouldBeTrue();
        first.Requests.ShouldAllBe(static request => request["Authorization"] != null);
        first.Requests.Count.ShouldBe(2);
        other.Requests.ShouldHaveSingleItem()["Authorization"].ShouldBeNull();
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_final()
    {
        await using var secure = await ScriptedServer.StartAsync(static context => Replies.BytesAsync(context, Content), TestCertificates.Loopback);
        var (outcome, _) = await Pull.RunAsync(secure.Address.ToString());

        outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>().Detail("attempts").ShouldBe("1");
        secure.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("garbage\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon here\r\n\r\nbody")]
    [InlineData("HTTP/1.1 abc OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("")]
    public async Task Bytes_that_are_not_HTTP_are_refused_in_words(string answer)
    {
        using var server = new RawServer(Encoding.ASCII.GetBytes(answer));
        var (outcome, _) = await Pull.RunAsync($"http://127.0.0.1:{server.Port}/");

        outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>().Detail("attempts").ShouldBe("4");
    }

    [Fact]
    public async Task Endless_headers_are_refused()
    {
        using var server = new RawServer(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nX: " + new string('x', 100_000)));
        var (outcome, _) = await Pull.RunAsync($"http://127.0.0.1:{server.Port}/");

        outcome.Refusal.ShouldBeOfType<Refusal.FetchFailed>();
    }

    /// <summary>Answers every connection with the same bytes, then closes it.</summary>
    private sealed class RawServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public RawServer(byte[] answer)
        {
            _listener.Start();
            _ = ServeAsync(answer);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync(byte[] answer)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptSocketAsync();
                    await client.ReceiveAsync(new byte[4096]);
                    await client.SendAsync(answer);
                    client.Shutdown(SocketShutdown.Send);
                    await client.ReceiveAsync(new byte[1]);
                }
            }
            catch (SocketException)
            {
                // The listener is gone.
            }
        }
    }
}
