using System.Text.Json;

namespace Gtc.Flows.Tests.Templates;

public sealed class Templating
{
    private const string Entry = """{"text":"Ada","n":3,"f":1.0,"t":true,"z":null,"list":[1,{"k":"v"}],"obj":{"a b":1,"x.y":2,"ü":"é"},"html":"<b>&"}""";

    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("{{entry.text}}", "\"Ada\"")]
    [InlineData("{{ entry.text }}", "\"Ada\"")]
    [InlineData("{{in.text}}", "\"Ada\"")]
    [InlineData("{{this.entry.text}}", "\"Ada\"")]
    [InlineData("{{entry.n}}", "3")]
    [InlineData("{{entry.f}}", "1.0")]
    [InlineData("{{entry.t}}", "true")]
    [InlineData("{{entry.z}}", "null")]
    [InlineData("{{entry.list}}", """[1,{"k":"v"}]""")]
    [InlineData("{{entry.list[1].k}}", "\"v\"")]
    [InlineData("{{entry.list.[1].k}}", null)]
    [InlineData("{{entry.list.1.k}}", "\"v\"")]
    [InlineData("{{entry.list[9]}}", "\"\"")]
    [InlineData("{{entry.obj[\"a b\"]}}", "1")]
    [InlineData("{{entry['obj'][\"x.y\"]}}", "2")]
    [InlineData("{{entry.obj.ü}}", "\"é\"")]
    [InlineData("{{entry.missing.deep}}", "\"\"")]
    [InlineData("{{nothing}}", "\"\"")]
    [InlineData("{{entry.text.deeper}}", "\"\"")]
    [InlineData("{{in.input.text}}", "\"Ada\"")]
    [InlineData("{{entry.input}}", Entry)]
    [InlineData("{{runtime.revision_id}}", "\"01J9REV7Q\"")]
    [InlineData("{{runtime.tenant}}/{{runtime.env_id}}", "\"acme/local\"")]
    [InlineData("n={{entry.n}}", "\"n=3\"")]
    [InlineData(" {{entry.n}}", "\" 3\"")]
    [InlineData("{{entry.n}}{{entry.t}}", "\"3true\"")]
    [InlineData("a{{entry.missing}}b", "\"ab\"")]
    [InlineData("a{{entry.z}}b", "\"ab\"")]
    [InlineData("{{{entry.html}}}", "\"<b>&\"")]
    [InlineData("x{{entry.html}}", "\"x<b>&\"")]
    [InlineData("l={{entry.list}}", "\"l=[1,{\\\"k\\\":\\\"v\\\"}]\"")]
    [InlineData("{{! a note }}x", "\"x\"")]
    [InlineData("{{i18n:hello}}", "\"\"")]
    [InlineData("{{open", "\"{{open\"")]
    [InlineData("a{{entry.n}} {{open", "\"a3 {{open\"")]
    [InlineData("} }} {", "\"} }} {\"")]
    [InlineData("{{prev.x}}", "\"\"")]
    [InlineData("{{prev}}", "{}")]
    [InlineData("{{state.entry.n}}", "3")]
    [InlineData("{{state.input.n}}", "3")]
    [InlineData("{{state.nodes}}", "{}")]
    [InlineData("{{node}}", "{}")]
    [InlineData("{{#if entry.t}}x{{/if}}", null)]
    [InlineData("{{> partial}}", null)]
    [InlineData("{{upper entry.text}}", null)]
    [InlineData("{{}}", null)]
    [InlineData("x{{ }}", null)]
    [InlineData("{{entry[}}", null)]
    [InlineData("{{entry[\"a\"}}", null)]
    [InlineData("{{entry[x]}}", null)]
    [InlineData("{{entry..n}}", null)]
    [InlineData("{{entry.}}", null)]
    public void A_text_renders_as(string template, string? json)
    {
        var reply = Flow.Run(Flow.Node("a", "emit.log", JsonSerializer.Serialize(new[] { template })), Entry);

        if (json is null)
        {
            reply.Error().ShouldContain("is not a path; blocks and helpers are not supported");
        }
        else
        {
            reply.Payloads.ShouldHaveSingleItem().GetRawText().ShouldBe(JsonElement.Parse(json).GetRawText(), json);
        }
    }

    [Fact]
    public void Templates_are_rendered_at_every_depth_and_never_in_names_or_twice()
        => Flow.Run(Flow.Node("a", "emit.log", """{"{{entry.t}}":[{"x":"{{entry.t}}"},"{{entry.loop}}"],"n":1.50}"""), """{"t":"v","loop":"{{entry.t}}"}""")
            .Payloads[0].GetRawText().ShouldBe("""{"{{entry.t}}":[{"x":"v"},"{{entry.t}}"],"n":1.5}""");

    [Fact]
    public void Outputs_of_finished_nodes_are_seen_by_name_as_previous_and_as_state()
    {
        var nodes = string.Join(
            ',',
            Flow.Node("a-1", "emit.log", """{"v":1}""", """{"Next":{"node_id":"b"}}"""),
            Flow.Node("b", "emit.log", """{"v":2}""", """{"Next":{"node_id":"c"}}"""),
            Flow.Node("c", "emit.log", """
                {"a":"{{node.a-1.v}}","prev":"{{prev.v}}","ok":"{{state.nodes.b.ok}}","value":"{{state.nodes.b.payload.v}}",
                 "node":"{{state.nodes.b}}","all":"{{node}}","meta":"{{state.nodes.b.meta}}","none":"{{node.z.v}}{{state.nodes.z}}{{state.other}}"}
                """));

        Flow.Run(nodes).Texts().ShouldBe(
            ["""{"a":1,"prev":2,"ok":true,"value":2,"node":{"ok":true,"payload":{"v":2},"meta":{}},"all":{"a-1":{"v":1},"b":{"v":2}},"meta":{},"none":""}"""]);
    }

    [Fact]
    public void The_whole_state_is_an_object_of_its_parts()
        => Flow.Run(Flow.Node("a", "emit.log", """{"s":"{{state}}"}"""), """{"x":1}""").Texts().ShouldBe(["""{"s":{"entry":{"x":1},"input":{"x":1},"nodes":{}}}"""]);

    [Fact]
    public void An_input_member_of_the_entry_hides_the_alias()
        => Flow.Run(Flow.Node("a", "emit.log", "\"{{in.input.text}}|{{in.text}}\""), """{"text":"outer","input":{"text":"inner"}}""").Texts().ShouldBe(["\"inner|outer\""]);
}
