using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Nats.Tests;

public sealed class Headers_are_kept
{
    private static CancellationToken Token => Clients.Token;

    [Fact]
    public void What_is_written_is_read_again()
    {
        var name = Gen.NonEmptyListOf(Gen.Choose('!', '~').Where(letter => letter != ':').Select(letter => (char)letter)).Select(letters => string.Concat(letters));
        var value = Gen.ListOf(Gen.Frequency((20, Gen.Choose(' ', '~')), (1, Gen.Choose(0x80, 0x7ff))).Select(letter => (char)letter)).Select(letters => string.Concat(letters).Trim(' ', '\t'));
        var pairs = Gen.ListOf(name.Zip(value));
        Prop.ForAll(pairs.ToArbitrary(), written =>
        {
            var headers = new NatsHeaders();
            foreach (var (header, text) in written)
            {
                headers.Add(header, text);
            }

            var options = new PublishOptions { Headers = headers };
            var block = new byte[options.WireLength];
            return (headers.Count == 0) == (block.Length == 0)
                && (headers.Count == 0 || (options.WriteTo(block) == block.Length && NatsHeaders.Read(block).SequenceEqual(headers)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Theory]
    [InlineData("", "v")]
    [InlineData("a b", "v")]
    [InlineData("a:", "v")]
    [InlineData("ä", "v")]
    [InlineData("a", "v\r\nB: c")]
    [InlineData("a", "v\n")]
    public void A_header_that_would_become_another_is_refused(string name, string value) => Should.Throw<ArgumentException>(() => new NatsHeaders { { name, value } });

    [Fact]
    public void Names_differ_by_case_and_values_lose_blanks_around_them()
    {
        var headers = NatsHeaders.Read("NATS/1.0\r\nA:1\r\na:  2 \r\nno header\r\n: none\r\nEmpty:\r\nColon: a:b\r\n\r\n"u8);

        headers.ShouldBe([new("A", "1"), new("a", "2"), new("Empty", ""), new("Colon", "a:b")]);
    }

    [Theory]
    [InlineData("NATS/1.0 503\r\n\r\n", 503, "")]
    [InlineData("NATS/1.0 404 Message Not Found\r\n\r\n", 404, "Message Not Found")]
    [InlineData("NATS/1.0\r\n\r\n", 0, "")]
    [InlineData("NATS/1.0 5\r\n\r\n", 0, "")]
    [InlineData("NATS/2.0 503\r\n\r\n", 0, "")]
    [InlineData("", 0, "")]
    public void The_status_is_read(string block, int status, string text)
    {
        NatsHeaders.ReadStatus(Encoding.ASCII.GetBytes(block)).ShouldBe(status);
        if (status != 0)
        {
            NatsHeaders.ReadStatusText(Encoding.ASCII.GetBytes(block)).ShouldBe(text);
        }
    }

    [Fact]
    public void Conditions_become_headers()
    {
        var options = new PublishOptions
        {
            Headers = new NatsHeaders { { "Own", "1" } },
            MessageId = "id",
            ExpectedStream = "S",
            ExpectedLastSequence = 0,
            ExpectedLastSubjectSequence = ulong.MaxValue,
            RollUp = RollUp.All,
        };
        var block = new byte[options.WireLength];

        options.WriteTo(block).ShouldBe(block.Length);
        Encoding.ASCII.GetString(block).ShouldBe(
            "NATS/1.0\r\nNats-Msg-Id: id\r\nNats-Expected-Stream: S\r\nNats-Expected-Last-Sequence: 0\r\n"
            + "Nats-Expected-Last-Subject-Sequence: 18446744073709551615\r\nNats-Rollup: all\r\nOwn: 1\r\n\r\n");
        new PublishOptions { MessageId = "a\r\nNats-Rollup: all" }.Check().ShouldNotBeNull();
        new PublishOptions { ExpectedStream = "a\nb" }.Check().ShouldNotBeNull();
    }

    [Fact]
    public async Task A_block_that_another_client_garbled_does_not_harm_the_connection()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await using var subscription = await connection.SubscribeAsync("x", Token).Ok();
        using var raw = new System.Net.Sockets.TcpClient("127.0.0.1", server.Port);
        await raw.GetStream().WriteAsync("CONNECT {\"headers\":true}\r\nHPUB x 11 13\r\n\0garbage\r\r\nhi\r\nPING\r\n"u8.ToArray(), Token);

        var message = (await subscription.ReadAsync(Token)).ShouldNotBeNull();

        message.Headers.ShouldNotBeNull().ShouldBeEmpty();
        connection.Status.Connects.ShouldBe(1);
    }
}
