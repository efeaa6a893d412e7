using System.Text;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Cbor;

public sealed class BoundedJsonTests
{
    [Theory]
    [InlineData("""{"a":"\ud800"}""", "surrogate")]
    [InlineData("""{"\udc00":1}""", "surrogate")]
    [InlineData("""{"a":1,"a":2}""", "not JSON")]
    [InlineData("""{"a":1""", "not JSON")]
    [InlineData("", "not JSON")]
    [InlineData("// comment\n{}", "not JSON")]
    public void What_is_not_sound_json_is_refused(string json, string because)
        => BoundedJson.Parse(Encoding.UTF8.GetBytes(json), "it", 1000).Refusal.ShouldBeOfType<Refusal.MalformedArtifact>().Message.ShouldContain(because);

    [Fact]
    public void A_repeated_member_is_accepted_only_on_request()
        => BoundedJson.Parse("""{"a":1,"a":2}"""u8, "it", 1000, allowDuplicates: true).Value.GetProperty("a").GetInt32().ShouldBe(2);

    [Fact]
    public void Depth_and_size_are_bounded()
    {
        BoundedJson.Parse(Encoding.UTF8.GetBytes(new string('[', 100_000)), "it", 1 << 20).IsOk.ShouldBeFalse();
        BoundedJson.Parse(Encoding.UTF8.GetBytes(new string('[', 64) + new string(']', 64)), "it", 1000).IsOk.ShouldBeTrue();
        BoundedJson.Parse(Encoding.UTF8.GetBytes(new string('[', 65) + new string(']', 65)), "it", 1000).IsOk.ShouldBeFalse();
        BoundedJson.Parse("      {}"u8, "it", 7).Refusal!.Message.ShouldBe("it is larger than 7 bytes");
    }
}
