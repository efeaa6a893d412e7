using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Redis.Tests;

public class Replies_are_read
{
    [Fact]
    public void Any_reply_written_is_read_whatever_the_pieces_it_comes_in() =>
        Prop.ForAll(ReplyOf(3).ToArbitrary(), Gen.Choose(1, 64).ToArbitrary(), (reply, piece) =>
        {
            var wire = ReplyWriter.Write(reply);
            var read = Read(wire, piece);
            return read.Count == 1 && ReplyWriter.Write(read[0]).AsSpan().SequenceEqual(wire);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Any_damage_is_refused_or_read_and_never_more() =>
        Prop.ForAll(ReplyOf(3).ToArbitrary(), Gen.Choose(0, 10_000).Two().ToArbitrary(), (reply, damage) =>
        {
            var wire = ReplyWriter.Write(reply);
            wire[damage.Item1 % wire.Length] = (byte)damage.Item2;
            try
            {
                Read(wire, 7);
            }
            catch (RedisProtocolException error)
            {
                return error.Message.Length > 0;
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Replies_follow_each_other()
    {
        var read = Read("+OK\r\n$-1\r\n*-1\r\n:-12\r\n$0\r\n\r\n*2\r\n+a\r\n*0\r\n-ERR no\r\n"u8, 3);
        read.Select(reply => reply.Kind).ShouldBe([RedisKind.Text, RedisKind.Null, RedisKind.Null, RedisKind.Number, RedisKind.Bulk, RedisKind.Array, RedisKind.Error]);
        read[3].Number.ShouldBe(-12);
        read[5].Items[1].Items.ShouldBeEmpty();
    }

    [Fact]
    public void An_attribute_is_passed_over_wherever_it_stands()
    {
        var read = Read("|1\r\n+ttl\r\n:3600\r\n*2\r\n|1\r\n+a\r\n*1\r\n+b\r\n:1\r\n:2\r\n"u8, 1);
        read.ShouldHaveSingleItem().Items.Select(item => item.Number).ShouldBe([1, 2]);
    }

    [Theory]
    [InlineData("?\r\n", "0x3f")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", "0x48")]
    [InlineData("\r\n", "empty")]
    [InlineData("+OK\n", "CR LF")]
    [InlineData(":12x\r\n", "`12x` is no number")]
    [InlineData(":9223372036854775808\r\n", "no number")]
    [InlineData("$-2\r\n", "length -2")]
    [InlineData("$?\r\n", "no number")]
    [InlineData("$1048577\r\n", "longer than 1048576")]
    [InlineData("$9223372036854775807\r\n", "longer than 1048576")]
    [InlineData("$2\r\nabc\r\n", "its length is wrong")]
    [InlineData("*65537\r\n", "more than 65536 members")]
    [InlineData("%32769\r\n", "more than 65536 members")]
    [InlineData("*9223372036854775807\r\n", "more than 65536 members")]
    [InlineData("*-2\r\n", "count -2")]
    [InlineData("#x\r\n", "neither t nor f")]
    [InlineData("_x\r\n", "null")]
    [InlineData(",one\r\n", "wrong characters")]
    [InlineData("=3\r\ntxt\r\n", "format")]
    public void What_is_no_reply_is_refused_with_its_fault(string wire, string fault) =>
        Should.Throw<RedisProtocolException>(() => Read(Encoding.ASCII.GetBytes(wire), 64)).Message.ShouldContain(fault);

    [Fact]
    public void Depth_members_lines_and_bytes_are_bounded()
    {
        string Deep(int depth) => string.Concat(Enumerable.Repeat("*1\r\n", depth)) + ":1\r\n";
        Read(Encoding.ASCII.GetBytes(Deep(16)), 64).ShouldHaveSingleItem();
        Fault(Deep(17)).ShouldContain("deeper than 16");
        Fault(string.Concat(Enumerable.Repeat("*60000\r\n", 2))).ShouldContain("more than 65536 members");
        Fault("+" + new string('x', 20_000)).ShouldContain("a line is longer than 16384");
        Fault("*3\r\n" + string.Concat(Enumerable.Repeat($"$500000\r\n{new string('x', 500_000)}\r\n", 3))).ShouldContain("a reply is longer than 1048576");
    }

    [Fact]
    public void What_is_announced_takes_no_memory()
    {
        var parser = new ReplyParser(new RedisLimits { Members = int.MaxValue, ReplyBytes = int.MaxValue });
        var before = GC.GetAllocatedBytesForCurrentThread();
        ReadOnlySpan<byte> input = "*1000000000\r\n$2000000000\r\nabc"u8;
        parser.TryRead(ref input, out _).ShouldBeFalse();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(16 * 1024);
    }

    private static string Fault(string wire) => Should.Throw<RedisProtocolException>(() => Read(Encoding.ASCII.GetBytes(wire), 1000)).Message;

    /// <summary>Reads as a connection does: what is not taken is offered again with more behind it.</summary>
    private static List<RedisReply> Read(ReadOnlySpan<byte> wire, int piece)
    {
        var parser = new ReplyParser(new RedisLimits());
        var read = new List<RedisReply>();
        var taken = 0;
        for (var come = 0; come < wire.Length;)
        {
            come = Math.Min(wire.Length, come + piece);
            var input = wire[taken..come];
            while (parser.TryRead(ref input, out var reply))
            {
                read.Add(reply);
            }

            taken = come - input.Length;
        }

        return read;
    }

    private static Gen<RedisReply> ReplyOf(int depth)
    {
        var bytes = Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf();
        var line = Gen.Elements("abc XYZ09:-".ToCharArray()).ArrayOf().Select(text => Encoding.ASCII.GetBytes(text));
        var number = ArbMap.Default.GeneratorFor<long>();
        var flat = Gen.OneOf(
            Gen.Constant(RedisReply.Null),
            line.Select(text => RedisReply.Of(RedisKind.Text, text)),
            bytes.Select(text => RedisReply.Of(RedisKind.Error, text)),
            bytes.Select(text => RedisReply.Of(RedisKind.Bulk, text)),
            bytes.Select(text => RedisReply.Of(RedisKind.Verbatim, (byte[])[.. "txt:"u8, .. text])),
            number.Select(value => RedisReply.Of(RedisKind.Number, value)),
            number.Select(value => RedisReply.Of(RedisKind.BigNumber, Encoding.ASCII.GetBytes($"{value}000"))),
            number.Select(value => RedisReply.Of(RedisKind.Real, Encoding.ASCII.GetBytes($"{value}.5e3"))),
            Gen.Elements(0L, 1L).Select(value => RedisReply.Of(RedisKind.Boolean, value)));
        if (depth == 0)
        {
            return flat;
        }

        var items = Gen.Choose(0, 5).SelectMany(count => ReplyOf(depth - 1).ArrayOf(count));
        return Gen.OneOf(
            flat,
            Gen.Elements(RedisKind.Array, RedisKind.Set, RedisKind.Push).SelectMany(kind => items.Select(list => RedisReply.Of(kind, [.. list]))),
            items.Select(list => RedisReply.Of(RedisKind.Map, [.. list, .. list])));
    }
}
