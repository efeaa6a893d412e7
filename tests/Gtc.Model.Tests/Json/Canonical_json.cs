using System.Text;
using System.Text.Json;

namespace Gtc.Model.Tests.Json;

public sealed class Canonical_json
{
    [Fact]
    [Trait("fact", "environment-model:6.18")]
    public void Keys_are_sorted_and_the_digest_is_the_recorded_one()
    {
        using var parsed = JsonDocument.Parse("""{"b":[3,1],"a":{"z":null,"c":"é"}}""");
        Encoding.UTF8.GetString(CanonicalJson.Bytes(parsed.RootElement)).ShouldBe("""{"a":{"c":"é","z":null},"b":[3,1]}""");
        CanonicalJson.Digest(parsed.RootElement).Hex.ShouldBe("1d29de77fb1de890d7b61ceb967c22bee0195ecd78408372b7169b0f7b86f9c5");
    }

    [Fact]
    public void Only_what_must_be_escaped_is_escaped()
    {
        using var parsed = JsonDocument.Parse("""{"k":"a\"\\\/\b\f\n\r\t\u0001<>&'+é😀"}""");
        Encoding.UTF8.GetString(CanonicalJson.Bytes(parsed.RootElement)).ShouldBe("{\"k\":\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001<>&'+é😀\"}");
    }

    [Fact]
    public void Keys_are_ordered_by_their_utf8_bytes_not_by_utf16_units()
    {
        using var parsed = JsonDocument.Parse("{\"\uFF5E\":1,\"😀\":2,\"a\":1.0}");
        Encoding.UTF8.GetString(CanonicalJson.Bytes(parsed.RootElement)).ShouldBe("{\"a\":1.0,\"\uFF5E\":1,\"😀\":2}");
    }

    [Fact]
    public void Times_are_written_in_utc_with_a_z()
    {
        Rfc3339Json.Format(new DateTimeOffset(2026, 11, 20, 15, 2, 3, TimeSpan.FromHours(1))).ShouldBe("2026-11-20T14:02:03Z");
        Rfc3339Json.Format(Sample.Now.AddTicks(1)).ShouldBe("2026-11-20T14:02:03.0000001Z");
    }

    [Theory]
    [InlineData("{\"schema\":\"a\",\"schema\":\"b\"}")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1")]
    public void A_document_that_cannot_be_read_says_so(string text) =>
        Documents.Environment.Parse(Encoding.UTF8.GetBytes(text)).Refusal.ShouldBeOfType<Refusal.StoreFailed>().Message.ShouldContain("environment.json");
}
