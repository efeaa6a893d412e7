using System.Collections.Immutable;
using Gtc.Artifacts.Packs;
using Gtc.Flows.Tests.Components;
using Gtc.Wasm.Components;

namespace Gtc.Flows.Tests.Checking;

public sealed class Packs_are_checked
{
    private const string Emit = """{"text":"x"}""";

    [Fact]
    public void A_sound_pack_has_no_findings()
        => Found(Flow.Node("a", "emit.log", Emit, """{"Next":{"node_id":"b"}}"""), Flow.Node("b", "emit.response", """{"text":"{{node.a.text}} {{entry.text}} {{! nothing }}"}""")).ShouldBeEmpty();

    [Theory]
    [InlineData("""{"Next":{"node_id":"nowhere"}}""")]
    [InlineData("""{"Branch":{"on_status":{"ok":"nowhere"},"default":null}}""")]
    [InlineData("""{"Branch":{"on_status":{},"default":"nowhere"}}""")]
    [InlineData("""{"Custom":[{"to":"nowhere"}]}""")]
    [InlineData("""{"Custom":[{"next":"nowhere"}]}""")]
    public void A_route_to_a_node_that_is_not_there_is_an_error(string routing)
    {
        var finding = Found(Flow.Node("a", "emit.log", Emit, routing)).ShouldHaveSingleItem();

        (finding.Severity, finding.Code, finding.Place).ShouldBe((FindingSeverity.Error, "unknown-node", "f/a"));
        finding.Message.ShouldContain("`nowhere`");
        finding.Advice.ShouldBe("name one of its nodes: a");
    }

    [Theory]
    [InlineData("""[{"to":"b"},{"condition":"a == \"1\"","to":"b"}]""", "route 2 is never taken: route 1 has no condition and comes first")]
    [InlineData("""[{"condition":"a == \"1\"","to":"b"},{"condition":"a==\"1\"","to":"a"},{"to":"b"}]""", "route 2 is never taken: an earlier one has the same condition")]
    [InlineData("""[{"condition":"a == \"1\""},{"to":"b"}]""", "route 1 is never taken: it says nowhere to go")]
    [InlineData("""["b",{"to":"b"}]""", "route 1 is never taken: it says nowhere to go")]
    [InlineData("""{"to":"b"}""", "its routes are not a list: the flow ends here")]
    public void A_route_that_is_never_taken_is_a_warning(string routes, string message)
    {
        var findings = Found(Flow.Node("a", "emit.log", Emit, $$"""{"Custom":{{routes}}}"""), Flow.Node("b", "emit.response", Emit));

        var finding = findings.Single(finding => finding.Code == "route-never-taken");
        (finding.Severity, finding.Place, finding.Message).ShouldBe((FindingSeverity.Warning, "f/a", message));
    }

    [Fact]
    public void A_condition_that_cannot_be_read_is_an_error_and_one_that_may_not_fit_a_note()
    {
        Codes(Flow.Node("a", "emit.log", Emit, """{"Custom":[{"condition":"text contains x","to":"a"},{"out":true}]}""")).ShouldBe(["unreadable-condition"]);
        Codes(Flow.Node("a", "emit.log", Emit, """{"Custom":[{"condition":"response.text == \"x\"","to":"out"}]}""")).ShouldBe(["waits-when-nothing-fits"]);
    }

    [Theory]
    [InlineData("{{node.z.text}}", "template-unknown-node", FindingSeverity.Error)]
    [InlineData("{{state.nodes.z.payload}}", "template-unknown-node", FindingSeverity.Error)]
    [InlineData("well, {{node.b.text}}", "template-too-early", FindingSeverity.Warning)]
    [InlineData("{{node.a.text}}", "template-too-early", FindingSeverity.Warning)]
    [InlineData("{{#if entry}}", "template-not-a-path", FindingSeverity.Error)]
    [InlineData("{{entries.text}}", "template-unknown-name", FindingSeverity.Warning)]
    public void Templates_that_name_nothing_are_found(string text, string code, FindingSeverity severity)
    {
        var finding = Found(
            Flow.Node("a", "emit.log", $$"""{"deep":[{"text":"{{text}}"}]}""", """{"Next":{"node_id":"b"}}"""),
            Flow.Node("b", "emit.response", Emit)).ShouldHaveSingleItem();

        (finding.Code, finding.Severity, finding.Place).ShouldBe((code, severity, "f/a"));
    }

    [Fact]
    public void Variables_may_be_set_from_whatever_a_node_gives()
        => Codes(Flow.Node("a", "emit.log", Emit).Replace("\"routing\"", "\"vars_out\":{\"x\":\"{{anything.of.it}}\",\"y\":\"{{node.z}}\"},\"routing\"", StringComparison.Ordinal)).ShouldBe(["template-unknown-node"]);

    [Fact]
    public void What_cannot_start_end_or_be_reached_is_found()
    {
        Codes().ShouldBe(["no-start"]);
        Codes(Flow.Node("a", "emit.log", Emit, """{"Next":{"node_id":"b"}}"""), Flow.Node("b", "emit.log", Emit, """{"Next":{"node_id":"a"}}""")).ShouldBe(["endless", "endless"]);
        Codes(Flow.Node("a", "emit.log", Emit, """{"Next":{"node_id":"b"}}"""), Flow.Node("b", "session.wait", "{}", """{"Next":{"node_id":"a"}}""")).ShouldBeEmpty();
        Codes(Flow.Node("a", "emit.log", Emit), Flow.Node("b", "emit.log", Emit)).ShouldBe(["unreachable"]);
        Codes(Flow.Node("a", "session.wait", "{}")).ShouldBe(["wait-without-route"]);
        Codes(Flow.Node("a", "mcp", "{}")).ShouldBe(["unsupported-node"]);
        Codes(Flow.Node("a", "flow.call", """{"flow":"z"}""")).ShouldBe(["unknown-flow"]);
        Codes(Flow.Node("a", "flow.call", """{"flow":"f"}""")).ShouldBeEmpty();
    }

    [Fact]
    public void Two_flows_that_a_message_cannot_choose_between_are_an_error()
    {
        using var both = Flow.Pack("p", $"{Flow.Entry("f", Flow.Node("a", "emit.log", Emit))},{Flow.Entry("g", Flow.Node("a", "emit.log", Emit))}");
        using var one = Flow.Pack("p", $"{Flow.Entry("f", Flow.Node("a", "emit.log", Emit), tags: "\"default\"")},{Flow.Entry("g", Flow.Node("a", "emit.log", Emit))}");
        using var inner = Flow.Pack("p", $"{Flow.Entry("f", Flow.Node("a", "emit.log", Emit))},{Flow.Entry("g", Flow.Node("a", "emit.log", Emit), tags: "\"internal\"")}");

        Check(both).ShouldHaveSingleItem().Message.ShouldBe("the pack has 2 flows of the type messaging, and none is tagged default: no message can choose between them");
        Check(one).ShouldBeEmpty();
        Check(inner).ShouldBeEmpty();
    }

    [Fact]
    public void Components_and_operations_that_are_not_there_are_found()
    {
        Codes(Flow.Node("a", "component.exec", "{}")).ShouldBe(["missing-component"]);
        Codes(Flow.Node("a", "component.exec", """{"component":"no.tool","op":"x"}""")).ShouldBe(["missing-component"]);
        Codes(Flow.Node("a", "no.tool", "{}")).ShouldBe(["missing-component"]);
        Codes(Flow.Node("a", "component.exec", """{"component":"{{entry.tool}}"}""")).ShouldBeEmpty();
        Of(TestComponents.Echo(), "{}").ShouldBe(["missing-operation"]);
        Of(TestComponents.Echo(), """{"op":"x"}""").ShouldBeEmpty();
        Of(TestComponents.Echo(), """{"op":"x"}""", ""","operations":[{"name":"y"}]""").ShouldBe(["unknown-operation"]);
    }

    [Fact]
    public void Components_that_cannot_run_are_found_also_where_no_node_runs_them()
    {
        Of(TestComponents.Other(), """{"op":"x"}""").ShouldBe(["unknown-interface"]);
        Of(TestComponents.Importing("test:strange/thing@1.0.0"), """{"op":"x"}""").ShouldBe(["component-cannot-run"]);
        Of([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], """{"op":"x"}""").ShouldBe(["component-cannot-run"]);
        using var idle = Pack([1, 2, 3], Flow.Node("a", "emit.log", Emit));
        Check(idle).Select(finding => finding.Code).ShouldBe(["component-cannot-run", "unused-component"]);
    }

    [Fact]
    public void Capabilities_are_compared_with_what_the_code_imports()
    {
        var stateful = TestComponents.Refused("greentic:state/state-store@1.0.0", "read", [WitType.Text, WitType.OptionOf(WitType.Text)], 5, WitType.ListOf(WitType.U8));

        Of(TestComponents.Echo(), """{"op":"x"}""", ""","capabilities":{"host":{"http":{"client":true}}}""").ShouldBe(["unused-capability"]);
        Of(stateful, """{"op":"x"}""", ""","capabilities":{"host":{"state":{"read":true}}}""").ShouldBeEmpty();
        Of(stateful, """{"op":"x"}""").ShouldBe(["undeclared-capability"]);
    }

    private static string[] Of(byte[] component, string mapping, string more = "")
    {
        using var pack = Pack(component, Flow.Node("a", "my.tool", mapping), more);
        return [.. Check(pack).Select(finding => finding.Code)];
    }

    private static PackFile Pack(byte[] component, string nodes, string more = "") => Flow.Open(
        $$"""
        {"schema_version":"pack-v1","pack_id":"p","version":"1.0.0","kind":"application","publisher":"t",
         "components":[{"id":"my.tool","version":"1.0.0"{{more}}}],"flows":[{{Flow.Entry("f", nodes)}}]}
        """,
        ("components/my.tool.wasm", component));

    private static string[] Codes(params string[] nodes) => [.. Found(nodes).Select(finding => finding.Code)];

    private static ImmutableArray<FlowFinding> Found(params string[] nodes)
    {
        using var pack = Flow.Pack("p", Flow.Entry("f", string.Join(',', nodes)));
        return Check(pack);
    }

    private static ImmutableArray<FlowFinding> Check(PackFile pack) => PackCheck.Run(pack, FlowOptions.Standard, TestContext.Current.CancellationToken);
}
