using System.Formats.Cbor;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Cbor;

public sealed class CborDocumentTests
{
    [Theory]
    [InlineData("a0", "{}")]
    [InlineData("f6", "null")]
    [InlineData("f7", "null")]
    [InlineData("1903e8", "1000")]
    [InlineData("3903e7", "-1000")]
    [InlineData("1bffffffffffffffff", "18446744073709551615")]
    [InlineData("3b7fffffffffffffff", "-9223372036854775808")]
    [InlineData("f93c00", "1.0")]
    [InlineData("fb3ff199999999999a", "1.1")]
    [InlineData("f97e00", "null")]
    [InlineData("f97c00", "null")]
    [InlineData("430102ff", "[1,2,255]")]
    [InlineData("9f0102ff", "[1,2]")]
    [InlineData("bf6161019f02ffff", null)]
    [InlineData("bf61610161629f02ffff", """{"a":1,"b":[2]}""")]
    [InlineData("7f61616162ff", "\"ab\"")]
    [InlineData("5f41014102ff", "[1,2]")]
    [InlineData("d9d9f7a0", "{}")]
    [InlineData("a2616101616102", null)]
    [InlineData("a10102", null)]
    [InlineData("0102", null)]
    [InlineData("3bffffffffffffffff", null)]
    [InlineData("62c328", null)]
    [InlineData("e0", null)]
    [InlineData("", null)]
    [InlineData("5bffffffffffffffff", null)]
    [InlineData("9bffffffffffffffff", null)]
    public void Cbor_reads_as_the_json_the_engine_sees(string hex, string? json)
    {
        var read = CborDocument.Read(Convert.FromHexString(hex), "it");

        if (json is null)
        {
            read.Refusal.ShouldBeOfType<Refusal.MalformedArtifact>().Message.ShouldStartWith("it ");
        }
        else
        {
            read.Value.GetRawText().ShouldBe(json);
        }
    }

    [Theory]
    [InlineData(0x81)] // array of one
    [InlineData(0x9f)] // array of any length
    [InlineData(0xc6)] // tag
    [InlineData(0xa1)] // map of one
    public void A_document_that_nests_without_end_is_refused(byte opening)
    {
        var bomb = new byte[1 << 20];
        Array.Fill(bomb, opening);

        CborDocument.Read(bomb, "it").Refusal.ShouldBeOfType<Refusal.MalformedArtifact>();
    }

    [Fact]
    public void Sixty_four_levels_are_read_and_one_more_is_refused()
    {
        CborDocument.Read(Nested(CborDocument.MaxDepth), "it").IsOk.ShouldBeTrue();
        CborDocument.Read(Nested(CborDocument.MaxDepth + 1), "it").Refusal!.Message.ShouldContain("deeper than 64");

        static byte[] Nested(int levels) => [.. Enumerable.Repeat((byte)0x81, levels), 0x01];
    }

    [Fact]
    public void A_byte_string_counts_every_byte_as_a_value()
    {
        var writer = new CborWriter();
        writer.WriteByteString(new byte[CborDocument.MaxItems]);

        CborDocument.Read(writer.Encode(), "it").Refusal!.Message.ShouldContain("more than 1000000 values");
    }

    [Fact]
    public void A_document_above_the_size_bound_is_refused_unread()
        => CborDocument.Read(new byte[CborDocument.MaxBytes + 1], "it").Refusal!.Message.ShouldContain("larger than");

    [Fact]
    public void Whatever_is_written_reads_back_the_same()
    {
        Prop.ForAll(JsonValues.Any.ToArbitrary(), json =>
        {
            var value = JsonElement.Parse(json);
            return JsonElement.DeepEquals(CborDocument.Read(CborDocument.Write(value, sortKeys: false), "it").Value, value)
                && JsonElement.DeepEquals(CborDocument.Read(CborDocument.Write(value, sortKeys: true), "it").Value, value);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }
}
