namespace Gtc.Flows.Tests.Engine;

public sealed class Routing
{
    [Theory]
    [InlineData("\"End\"", "start")]
    [InlineData("\"Reply\"", "start")]
    [InlineData("""{"Next":{"node_id":"a"}}""", "a")]
    [InlineData("""{"Branch":{"on_status":{"ok":"a","bad":"b"},"default":"c"}}""", "a")]
    [InlineData("""{"Branch":{"on_status":{"bad":"b"},"default":"c"}}""", "c")]
    [InlineData("""{"Branch":{"on_status":{"bad":"b"},"default":null}}""", "start")]
    [InlineData("""{"Custom":[]}""", "start")]
    [InlineData("""{"Custom":{"to":"a"}}""", "start")]
    [InlineData("""{"Custom":[{"to":"a"},{"to":"b"}]}""", "a")]
    [InlineData("""{"Custom":[{"next":"a"}]}""", "a")]
    [InlineData("""{"Custom":[{"to":"b","next":"a"}]}""", "b")]
    [InlineData("""{"Custom":["a",{},{"to":"b"}]}""", "b")]
    [InlineData("""{"Custom":[{"to":"out"},{"to":"b"}]}""", "start")]
    [InlineData("""{"Custom":[{"out":true},{"to":"b"}]}""", "start")]
    [InlineData("""{"Custom":[{"status":"bad","to":"a"},{"status":"ok","to":"b"}]}""", "b")]
    [InlineData("""{"Custom":[{"condition":"status == \"bad\"","to":"a"},{"condition":"status == \"OK\"","to":"b"}]}""", "b")]
    [InlineData("""{"Custom":[{"condition":"status != \"ok\"","to":"a"},{"to":"c"}]}""", "c")]
    [InlineData("""{"Custom":[{"condition":"status == \"bad\"","to":"a"}]}""", "start")]
    public void A_route_leads_where_it_says(string routing, string expected)
        => Run(routing).Texts().ShouldBe([$$$"""{"at":"{{{expected}}}","status":"ok","n":7,"deep":{"list":[{"k":"v"}]}}"""]);

    [Theory]
    [InlineData("at == \"start\"", true)]
    [InlineData("at == 'START'", true)]
    [InlineData("at == start", true)]
    [InlineData("n == \"7\"", true)]
    [InlineData("deep.list[0].k == \"v\"", true)]
    [InlineData("missing == \"\"", true)]
    [InlineData("missing != \"x\"", true)]
    [InlineData("entry.text == \"help me\"", true)]
    [InlineData("in.text == \"HELP ME\"", true)]
    [InlineData("response.text == \"help me\"", true)]
    [InlineData("response.action == \"about_card\"", true)]
    [InlineData("response.flag == \"true\"", true)]
    [InlineData("response.missing == \"x\"", false)]
    [InlineData("entry.metadata.action != \"about_card\"", false)]
    [InlineData("at == \"a == b\"", false)]
    public void A_condition_compares_texts_without_case(string condition, bool holds)
    {
        var routing = $$"""{"Custom":[{"condition":{{System.Text.Json.JsonSerializer.Serialize(condition)}},"to":"a"},{"to":"b"}]}""";

        Run(routing).Texts()[0].ShouldStartWith($$"""{"at":"{{(holds ? "a" : "b")}}""");
    }

    [Fact]
    public void A_response_is_also_found_in_the_input_of_an_envelope()
    {
        const string Entry = """{"input":{"text":"hi","metadata":{"action":"go"}}}""";
        const string Routes = """{"Custom":[{"condition":"response.action == \"go\"","to":"a"}]}""";
        const string ByText = """{"Custom":[{"condition":"response.text == \"hi\"","to":"a"}]}""";

        Run(Routes, Entry).Texts()[0].ShouldStartWith("""{"at":"a""");
        Run(ByText, Entry).Texts()[0].ShouldStartWith("""{"at":"a""");
    }

    [Theory]
    [InlineData("at > \"a\"")]
    [InlineData("at")]
    [InlineData("== \"a\"")]
    [InlineData("a b == \"a\"")]
    public void A_condition_of_another_form_is_an_error(string condition)
        => Run($$"""{"Custom":[{"condition":{{System.Text.Json.JsonSerializer.Serialize(condition)}},"to":"a"}]}""").Error().ShouldContain("is not of the form");

    [Theory]
    [InlineData("""{"Next":{"node_id":"gone"}}""")]
    [InlineData("""{"Custom":[{"to":"gone"}]}""")]
    [InlineData("""{"Branch":{"on_status":{"ok":"gone"},"default":"a"}}""")]
    public void A_target_that_is_not_in_the_flow_is_named(string routing) => Run(routing).Error().ShouldBe("flow f has no node `gone`");

    private static FlowReply Run(string routing, string entry = """{"text":"help me","metadata":{"action":"about_card","flag":true}}""")
    {
        static string Node(string id, string routing) =>
            Flow.Node(id, "emit.log", $$$"""{"at":"{{{id}}}","status":"ok","n":7,"deep":{"list":[{"k":"v"}]}}""", routing);

        return Flow.Run(string.Join(',', Node("start", routing), Node("a", "\"End\""), Node("b", "\"End\""), Node("c", "\"End\"")), entry);
    }
}
