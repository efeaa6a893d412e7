using System.Globalization;
using System.Text;

namespace Gtc.Nats.Tests;

public sealed class A_hostile_server_is_survived
{
    private static CancellationToken Token => Clients.Token;

    [Theory]
    [InlineData("", NatsErrorKind.Protocol)]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", NatsErrorKind.Protocol)]
    [InlineData("INFO {\r\n", NatsErrorKind.Protocol)]
    [InlineData("INFO null\r\n", NatsErrorKind.Protocol)]
    [InlineData("INFO {\"max_payload\":\"x\"}\r\n", NatsErrorKind.Protocol)]
    [InlineData("PING\r\n", NatsErrorKind.Protocol)]
    [InlineData("-ERR 'maximum connections exceeded'\r\n", NatsErrorKind.Protocol)]
    [InlineData("INFO {}\r\nMSG a 1 1\r\na\r\n", NatsErrorKind.Protocol)]
    [InlineData("INFO {}\r\n-ERR 'Authorization Violation'\r\n", NatsErrorKind.Unauthorized)]
    [InlineData("INFO {}\r\n", NatsErrorKind.NotConnected)]
    public async Task That_greets_wrongly_is_told_apart_from_a_NATS_server(string greeting, NatsErrorKind kind)
    {
        await using var server = new FakeServer(async (_, stream, token) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(greeting), token);
            stream.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            await FakeServer.UntilEndAsync(stream, token);
        });

        var connected = await NatsConnection.ConnectAsync(server.Options, TimeProvider.System, Token);

        connected.Error.ShouldNotBeNull().Kind.ShouldBe(kind);
    }

    [Fact]
    public async Task That_says_nothing_is_given_up_in_time()
    {
        await using var server = new FakeServer((_, stream, token) => FakeServer.UntilEndAsync(stream, token));

        var connected = await NatsConnection.ConnectAsync(server.Options with { ConnectTimeout = TimeSpan.FromMilliseconds(50) }, TimeProvider.System, Token);

        connected.Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.TimedOut);
    }

    [Theory]
    [InlineData("MSG a 99 5\r\nhello\r\n+OK\r\nINFO {\"unknown\":{\"a\":[1]},\"connect_urls\":[\"bad url\",\"[::1]:4222\"]}\r\n", true)]
    [InlineData("PONG\r\n", false)]
    [InlineData("MSG a 1 -5\r\n", false)]
    [InlineData("MSG _INBOX.x.notanumber 1 0\r\n\r\nMSG a 1 0\r\n\r\nHMSG a 2 12 12\r\nNATS/1.0\r\n\r\n\r\n", true)]
    [InlineData("RUBBISH\r\n", false)]
    [InlineData("MSG a 2 999999999\r\n", false)]
    public async Task That_breaks_the_protocol_is_left_and_connected_to_anew(string line, bool isTolerated)
    {
        var again = new TaskCompletionSource();
        await using var server = new FakeServer(async (number, stream, token) =>
        {
            await FakeServer.LetInAsync(stream, token);
            if (number == 1)
            {
                again.TrySetResult();
            }
            else
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(line), token);
                if (isTolerated)
                {
                    await stream.WriteAsync("PING\r\n"u8.ToArray(), token);
                    await FakeServer.UntilAsync(stream, "PONG\r\n", token);
                    again.TrySetResult();
                }
            }

            await FakeServer.UntilEndAsync(stream, token);
        });
        await using var connection = (await NatsConnection.ConnectAsync(server.Options, TimeProvider.System, Token)).Ok();

        await again.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);

        await connection.WaitUntilConnectedAsync(Token).Ok();
        connection.Status.Connects.ShouldBe(isTolerated ? 1 : 2);
    }

    [Fact]
    public async Task An_answer_that_was_not_asked_for_ends_nothing_else()
    {
        await using var server = new FakeServer(async (_, stream, token) =>
        {
            await FakeServer.LetInAsync(stream, token);
            var asked = await FakeServer.UntilAsync(stream, "PUB ask", token);
            var reply = asked.Split("PUB ask ")[1].Split(' ')[0];
            var prefix = reply[..(reply.LastIndexOf('.') + 1)];
            var text = new StringBuilder();
            foreach (var last in "0 1 77 4294967296 18446744073709551615 99999999999999999999999 x".Split(' '))
            {
                if (prefix + last != reply)
                {
                    text.Append(CultureInfo.InvariantCulture, $"MSG {prefix}{last} 1 5\r\nwrong\r\n");
                }
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{text}MSG {reply} 1 5\r\nright\r\nMSG {reply} 1 5\r\nagain\r\n"), token);
            await FakeServer.UntilEndAsync(stream, token);
        });
        await using var connection = (await NatsConnection.ConnectAsync(server.Options, TimeProvider.System, Token)).Ok();

        var answer = await connection.RequestAsync("ask", default, Token).Ok();

        Encoding.ASCII.GetString(answer.Payload.Span).ShouldBe("right");
    }

    [Theory]
    [InlineData("+OK")]
    [InlineData("{}")]
    [InlineData("{\"stream\":\"S\"}")]
    [InlineData("{\"stream\":\"S\", \"seq\":0}")]
    [InlineData("{\"stream\":\"S\", \"seq\":-1}")]
    [InlineData("{\"stream\":\"S\", \"seq\":1")]
    [InlineData("null")]
    public async Task What_is_no_acknowledgement_is_not_taken_for_one(string text)
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await using var subscription = await connection.SubscribeAsync("fake.stream", Token).Ok();
        var publishing = connection.JetStream().PublishAsync("fake.stream", default, default, Token);

        await (await subscription.ReadAsync(Token)).ShouldNotBeNull().ReplyAsync(Encoding.UTF8.GetBytes(text), Token).Ok();

        (await publishing).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Protocol);
    }
}
