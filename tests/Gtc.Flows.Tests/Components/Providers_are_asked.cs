using System.Text.Json;
using Gtc.Artifacts.Packs;
using Gtc.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Components;

public sealed class Providers_are_asked
{
    private static readonly JsonElement Input = JsonElement.Parse("""{"to":"100","text":"héllo"}""");

    [Fact]
    public void An_operation_gets_its_input_and_answers_json()
    {
        using var runtime = Runtime(TestProviders.Pack(TestProviders.Echo()));
        var provider = runtime.Providers.ShouldHaveSingleItem();

        provider.PackId.ShouldBe("p");
        provider.Declared.Type.ShouldBe(TestProviders.Type);
        provider.Declared.Operations.ShouldBe(["send"]);
        provider.Invoke("send", Input, Flow.Context, TestContext.Current.CancellationToken).Value.GetRawText().ShouldBe(Input.GetRawText());
    }

    [Fact]
    public void What_it_is_and_how_it_is_can_be_asked()
    {
        using var runtime = Runtime(TestProviders.Pack(TestProviders.Echo()));
        var provider = runtime.Providers[0];

        provider.Describe(Flow.Context, TestContext.Current.CancellationToken).Value.GetProperty("status").GetString().ShouldBe("healthy");
        provider.CheckHealth(Flow.Context, TestContext.Current.CancellationToken).Value.GetProperty("status").GetString().ShouldBe("healthy");
        provider.ValidateConfig(Input, Flow.Context, TestContext.Current.CancellationToken).Value.GetRawText().ShouldBe(Input.GetRawText());
    }

    [Fact]
    public void It_may_know_which_instance_a_request_is_for()
    {
        using var knowing = Runtime(TestProviders.Pack(TestProviders.Echo()));
        using var other = Runtime(TestProviders.Pack(TestProviders.Echo(knowsInstances: false)));

        knowing.Providers[0].IdentifyInstance(Input, Flow.Context, TestContext.Current.CancellationToken).Value.ShouldBe(Input.GetRawText());
        other.Providers[0].IdentifyInstance(Input, Flow.Context, TestContext.Current.CancellationToken).Value.ShouldBeNull();
    }

    [Fact]
    public void What_fails_is_a_refusal()
    {
        Refusal(TestProviders.Pack(TestProviders.Trapping())).ShouldBeOfType<Refusal.Conflict>().Message.ShouldBe("component my.provider failed: COMPONENT_TRAPPED: unreachable");
        Refusal(TestProviders.Pack(TestProviders.Saying("no json"))).ShouldBeOfType<Refusal.MalformedArtifact>().Message.ShouldStartWith("what the provider answered is not JSON");
        Refusal(TestProviders.Pack(TestComponents.Echo())).ShouldBeOfType<Refusal.Conflict>().Message.ShouldStartWith("component `my.provider` of pack `p` cannot be asked: ");
        Refusal(TestProviders.Pack(TestProviders.Echo(), runtime: "gone")).ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain("is not in pack `p`");
    }

    [Fact]
    public void Time_and_size_are_bounded()
    {
        Refusal(TestProviders.Pack(TestProviders.Looping()), FlowLimits.Standard with { ComponentTime = TimeSpan.FromMilliseconds(200) })
            .Message.ShouldBe("component my.provider failed: DEADLINE_EXCEEDED: it was stopped after 0.2 s");
        Refusal(TestProviders.Pack(TestProviders.Echo()), new FlowLimits(10, 16, 1000)).ShouldBeOfType<Refusal.InvalidArgument>().Message.ShouldBe("the input of `send` is larger than 16 bytes");
        Refusal(TestProviders.Pack(TestProviders.Saying($"\"{new string('x', 100)}\"")), new FlowLimits(10, 64, 1000)).ShouldBeOfType<Refusal.MalformedArtifact>();
    }

    [Fact]
    public void A_node_asks_a_provider()
        => Run($$$"""{"provider_type":"{{{TestProviders.Type}}}","op":"send","input":{"text":"{{entry.text}}"}}""").Texts().ShouldBe(["""{"text":"hi"}"""]);

    [Fact]
    public void Maps_point_into_what_the_flow_knows_and_into_the_answer()
    {
        var reply = Run(
            $$$"""
            {"provider_type":"{{{TestProviders.Type}}}","operation":"send","input":{"n":7},
             "in_map":{"text":"/entry/text","list":["/input/n","{{input.n}}"],"slash":"{{entry.slash}}","same":"/state/entry/text"},
             "out_map":{"sent":"/result/text","n":"/input/list/0","all":"{{result.list}}","odd":"/result/slash","short":"/text"}}
            """,
            """{"text":"hi","slash":"/state"}""");

        reply.Texts().ShouldBe(["""{"sent":"hi","n":7,"all":[7,7],"odd":"/state","short":"hi"}"""]);
    }

    [Theory]
    [InlineData("a~1b", "1")]
    [InlineData("m~0n", "2")]
    [InlineData("list/1", "4")]
    public void Pointers_are_json_pointers(string path, string found)
        => Run($$$"""{"provider_type":"{{{TestProviders.Type}}}","op":"send","in_map":"/entry/{{{path}}}"}""", """{"a/b":1,"m~n":2,"list":[3,4]}""").Texts().ShouldBe([found]);

    [Fact]
    public void What_a_map_points_at_must_be_there()
        => Run($$$"""{"provider_type":"{{{TestProviders.Type}}}","op":"send","in_map":{"to":"/entry/gone"}}""").Error().ShouldBe("mapping path `/entry/gone` not found");

    [Fact]
    public void A_failure_is_the_flows_unless_the_node_maps_it()
    {
        var trapping = TestProviders.Trapping();
        var reporting = TestProviders.Saying("""{"ok":false,"error":{"code":"E1","message":"gone"}}""");
        var mapped = $$$"""{"provider_type":"{{{TestProviders.Type}}}","op":"send","input":1,"err_map":{"status":"failed","why":"/error/code","same":"/code","asked":"/input"}}""";
        var plain = $$$"""{"provider_type":"{{{TestProviders.Type}}}","op":"send"}""";

        Run(plain, component: trapping).Error().ShouldBe("component my.provider failed: COMPONENT_TRAPPED: unreachable");
        Run(plain, component: reporting).Error().ShouldBe("component my.provider failed: E1: gone");
        Run(mapped, component: trapping).Texts().ShouldBe(["""{"status":"failed","why":"COMPONENT_TRAPPED","same":"COMPONENT_TRAPPED","asked":1}"""]);
        Run(mapped, component: reporting).Texts().ShouldBe(["""{"status":"failed","why":"E1","same":"E1","asked":1}"""]);
    }

    [Fact]
    public void The_maps_of_the_node_itself_count_too()
    {
        const string Maps = ""","output":{"mapping":{"got":"/result/a"}},"err_map":{"mapping":"/error/message"}""";
        var node = Flow.Node("a", "provider.invoke", $$$"""{"provider_type":"{{{TestProviders.Type}}}","op":"send","input":{"a":1}}""").Replace(""","routing":""", Maps + ""","routing":""", StringComparison.Ordinal);

        Run(TestProviders.Pack(TestProviders.Echo(), Flow.Entry("f", node))).Texts().ShouldBe(["""{"got":1}"""]);
        Run(TestProviders.Pack(TestProviders.Trapping(), Flow.Entry("f", node))).Texts().ShouldBe(["\"unreachable\""]);
    }

    [Theory]
    [InlineData("""{"op":"send"}""", "provider.invoke node `a` names no provider: `provider_type` or `provider_id` is expected")]
    [InlineData("""{"op":"send","provider_type":"other"}""", "no pack declares the provider `other` (node `a`)")]
    [InlineData("""{"provider_type":"messaging.test.bot"}""", "missing operation for node `a` (component `provider.invoke`): name it in the node or as `operation` in its mapping")]
    public void A_node_must_say_what_it_wants(string mapping, string message) => Run(mapping).Error().ShouldBe(message);

    [Theory]
    [InlineData("messaging.test.bot")]
    [InlineData("my.provider")]
    public void A_provider_can_be_named_by_its_id(string id) => Run($$$"""{"provider_id":"{{{id}}}","op":"send","input":"x"}""").Texts().ShouldBe(["\"x\""]);

    [Fact]
    public void The_provider_may_be_in_another_pack_and_ones_own_comes_first()
    {
        var entry = Flow.Entry("f", Flow.Node("a", "provider.invoke", $$$"""{"provider_type":"{{{TestProviders.Type}}}","op":"send"}"""));

        Run([TestProviders.Pack(TestProviders.Saying("\"other\""), id: "other"), Flow.Pack("p", entry)]).Texts().ShouldBe(["\"other\""]);
        Run([TestProviders.Pack(TestProviders.Saying("\"other\""), id: "other"), TestProviders.Pack(TestProviders.Saying("\"own\""), entry)]).Texts().ShouldBe(["\"own\""]);
    }

    private static FlowReply Run(string mapping, string entry = """{"text":"hi"}""", byte[]? component = null) =>
        Run([TestProviders.Pack(component ?? TestProviders.Echo(), Flow.Entry("f", Flow.Node("a", "provider.invoke", mapping)))], entry);

    private static FlowReply Run(params PackFile[] packs) => Run(packs, """{"text":"hi"}""");

    private static FlowReply Run(PackFile[] packs, string entry)
    {
        using var runtime = Runtime(packs);
        return runtime.Handle(new InboundActivity { Payload = JsonElement.Parse(entry), FlowId = "f" }, Flow.Context, TestContext.Current.CancellationToken).Value;
    }

    private static Refusal Refusal(PackFile pack, FlowLimits? limits = null)
    {
        using var runtime = FlowRuntime.Load([pack], NullLogger.Instance, new FlowOptions { Limits = limits ?? FlowLimits.Standard }).Value;
        return runtime.Providers[0].Invoke("send", Input, Flow.Context, TestContext.Current.CancellationToken).Refusal!;
    }

    private static FlowRuntime Runtime(params PackFile[] packs) => FlowRuntime.Load(packs, NullLogger.Instance).Value;
}
