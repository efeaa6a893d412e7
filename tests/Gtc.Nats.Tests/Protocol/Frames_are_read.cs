using System.Buffers;
using System.Text;

namespace Gtc.Nats.Tests;

public sealed class Frames_are_read
{
    private const string Stream =
        "INFO {\"server_id\":\"X\",\"max_payload\":1048576}\r\n"
        + "PING\r\nmsg a.b 7 5\r\nhello\r\n"
        + "MSG a.b 18446744073709551615 _INBOX.x.1 0\r\n\r\n"
        + "HMSG a 9 16 18\r\nNATS/1.0\r\nA: b\r\n\r\n"
        + "\r\n+OK\r\n"
        + "MSG x\t1\tr  12\r\n\r\nPING\r\nMSG \r\n"
        + "hmsg a 9 r.e 30 33\r\nNATS/1.0 503\r\nName: v 1234\r\n\r\nxyz\r\nPONG\r\n-ERR 'Permissions Violation for Publish to \"a b\"'\r\n";

    private static readonly byte[] Bytes = Encoding.Latin1.GetBytes(Stream);

    [Fact]
    public void A_stream_is_read_the_same_in_one_piece_and_cut_at_every_byte()
    {
        var whole = new ReadOnlySequence<byte>(Bytes);
        var expected = new FrameReader().ReadAll(ref whole);
        expected.Count.ShouldBe(10);
        expected[2].ShouldBe("a.b|7|||hello");
        expected[3].ShouldBe("a.b|18446744073709551615|_INBOX.x.1||");
        expected[6].ShouldBe("x|1|r||\r\nPING\r\nMSG ");
        expected[7].ShouldBe("a|9|r.e|NATS/1.0 503\r\nName: v 1234\r\n\r\n|xyz");
        whole.Length.ShouldBe(0);

        for (var cut = 0; cut <= Bytes.Length; cut++)
        {
            var pieces = Pieces.Cut(Bytes, cut);
            new FrameReader().ReadAll(ref pieces).ShouldBe(expected, $"cut at {cut}");
        }
    }

    [Fact]
    public void Bytes_that_come_one_by_one_are_read_as_soon_as_a_frame_is_whole_and_no_sooner()
    {
        var whole = new ReadOnlySequence<byte>(Bytes);
        var expected = new FrameReader().ReadAll(ref whole);
        var reader = new FrameReader();
        var read = new List<string>();
        var from = 0;
        for (var to = 0; to <= Bytes.Length; to++)
        {
            var rest = Pieces.Cut(Bytes[from..to], [.. Enumerable.Range(0, to - from)]);
            read.AddRange(reader.ReadAll(ref rest));
            from = to - (int)rest.Length;
        }

        read.ShouldBe(expected);
        from.ShouldBe(Bytes.Length);
    }

    [Theory]
    [InlineData("HELLO\r\n")]
    [InlineData("\r\n")]
    [InlineData("PING\n")]
    [InlineData("MSG\r\n")]
    [InlineData("MSG a 1\r\n")]
    [InlineData("MSG a x 1\r\na\r\n")]
    [InlineData("MSG a 1 -1\r\n")]
    [InlineData("MSG a 1 r 1 1\r\n")]
    [InlineData("MSG a 1 9999999999\r\n")]
    [InlineData("MSG a 18446744073709551616 1\r\na\r\n")]
    [InlineData("MSG a 1 3\r\nabcd\r\n")]
    [InlineData("HMSG a 1 5 4\r\nabcd\r\n")]
    [InlineData("HMSG a 1 5\r\nabcde\r\n")]
    [InlineData("MSG a 1 104857600\r\n")]
    [InlineData("MSGX a 1 1\r\na\r\n")]
    public void What_is_no_frame_ends_the_connection(string text)
    {
        Should.Throw<NatsProtocolException>(() =>
        {
            var rest = new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(text));
            return new FrameReader().ReadAll(ref rest);
        });
    }

    [Fact]
    public void A_line_without_end_is_refused_before_it_fills_the_memory()
    {
        var rest = new ReadOnlySequence<byte>(new byte[(64 * 1024) + 1]);
        Should.Throw<NatsProtocolException>(() => new FrameReader().TryRead(ref rest, out _));
        var pieces = Pieces.Cut(new byte[80_000], 1000, 50_000);
        Should.Throw<NatsProtocolException>(() => new FrameReader().TryRead(ref pieces, out _));
    }

    [Fact]
    public void Random_bytes_and_damaged_frames_are_read_or_refused_but_nothing_else()
    {
        var random = new Random(20260101);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = (byte[])Bytes.Clone();
            for (var hit = random.Next(1, 6); hit > 0; hit--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : Bytes[random.Next(Bytes.Length)];
            }

            var from = random.Next(bytes.Length);
            var rest = Pieces.Cut(bytes[from..], random.Next(bytes.Length - from + 1));
            try
            {
                var reader = new FrameReader();
                reader.ReadAll(ref rest);
            }
            catch (NatsProtocolException)
            {
                // Refused.
            }
        }
    }

    [Fact]
    public void Large_bodies_in_many_pieces_are_put_together()
    {
        var payload = new byte[1024 * 1024];
        new Random(3).NextBytes(payload);
        byte[] bytes = [.. "MSG big 1 1048576\r\n"u8, .. payload, .. "\r\nPING\r\n"u8];
        var rest = Pieces.Cut(bytes, [.. Enumerable.Range(1, 200).Select(piece => piece * 5000)]);
        var reader = new FrameReader();

        reader.TryRead(ref rest, out var frame).ShouldBeTrue();
        frame.Payload.SequenceEqual(payload).ShouldBeTrue();
        reader.TryRead(ref rest, out frame).ShouldBeTrue();
        frame.Kind.ShouldBe(FrameKind.Ping);
    }
}
