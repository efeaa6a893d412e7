using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Cbor;

public sealed class YamlDocumentTests
{
    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: 1.50", """{"a":1.5}""")]
    [InlineData("a: 0.1.0", """{"a":"0.1.0"}""")]
    [InlineData("a: '1'", """{"a":"1"}""")]
    [InlineData("a: yes", """{"a":"yes"}""")]
    [InlineData("a: True", """{"a":true}""")]
    [InlineData("a: ~\nb:", """{"a":null,"b":null}""")]
    [InlineData("a: |\n  x\n  y\n", """{"a":"x\ny\n"}""")]
    [InlineData("[1, {b: c}]", """[1,{"b":"c"}]""")]
    [InlineData("1: x", """{"1":"x"}""")]
    public void Yaml_reads_with_the_types_of_the_core_schema(string yaml, string json)
        => YamlDocument.Parse(Encoding.UTF8.GetBytes(yaml), "it").Value.GetRawText().ShouldBe(json);

    [Theory]
    [InlineData("a: &x 1\nb: *x")]
    [InlineData("a: 1\na: 2")]
    [InlineData("a: [1")]
    [InlineData("{[a]: 1}")]
    [InlineData("--- 1\n--- 2")]
    [InlineData("a:\n\t- b")]
    [InlineData("...\0")]
    [InlineData("!![")]
    public void What_could_surprise_is_refused(string yaml)
        => YamlDocument.Parse(Encoding.UTF8.GetBytes(yaml), "it").Refusal.ShouldBeOfType<Refusal.MalformedArtifact>();

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused()
        => YamlDocument.Parse(new byte[] { 0x61, 0x3a, 0x20, 0xc3, 0x28 }, "it").Refusal!.Message.ShouldBe("it is not UTF-8 text");

    [Fact]
    public void A_document_of_comments_has_no_value()
        => YamlDocument.Parse("# nothing\n"u8.ToArray(), "it").Value.ValueKind.ShouldBe(JsonValueKind.Undefined);

    [Fact]
    public void Nesting_without_end_is_refused_and_does_not_exhaust_the_stack()
    {
        YamlDocument.Parse(Encoding.UTF8.GetBytes(new string('[', 500_000)), "it").IsOk.ShouldBeFalse();
        YamlDocument.Parse(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("- ", 400_000))), "it").IsOk.ShouldBeFalse();
    }
}
