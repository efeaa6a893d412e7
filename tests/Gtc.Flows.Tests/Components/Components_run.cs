using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Components;

public sealed class Components_run
{
    private const string Mapping = """{"operation":"card","input":{"text":"{{entry.text}}","n":[1,2.5,null]}}""";

    [Theory]
    [InlineData(TestComponents.Node06)]
    [InlineData(TestComponents.Node05)]
    [InlineData(TestComponents.Node04)]
    public void A_node_gets_its_input_and_its_answer_is_the_payload(string id)
        => Run(TestComponents.EchoOf(id), Mapping, """{"text":"Zoë"}""").Texts()
            .ShouldBe([JsonSerializer.Serialize(JsonElement.Parse("""{"text":"Zoë","n":[1,2.5,null]}"""))]);

    [Fact]
    public void A_runtime_gets_the_whole_envelope()
    {
        var envelope = Run(
            TestComponents.EchoOf(TestComponents.Runtime),
            """{"channel":"webchat","input":"M3 hello","metadata":{"trace_id":"m3"},"operation":"messaging.send"}""").Payloads.ShouldHaveSingleItem();

        envelope.GetRawText().ShouldBe(
            """{"ctx":{"env":"local","tenant":"acme","tenant_id":"acme","attempt":1},"flow_id":"f","node_id":"a","op":"messaging.send","payload":["""
            + string.Join(',', "\"M3 hello\""u8.ToArray()) + "],\"metadata\":[" + string.Join(',', """{"trace_id":"m3"}"""u8.ToArray()) + "]}");
    }

    [Theory]
    [InlineData("my.tool", """{"op":"x","input":1}""", "1")]
    [InlineData("my.tool", """{"op":"x","input":1,"config":{"c":2}}""", "1")]
    [InlineData("my.tool", """{"op":"x","input":1,"more":2}""", """{"op":"x","input":1,"more":2}""")]
    [InlineData("my.tool", """{"op":"x","text":"t"}""", """{"op":"x","text":"t"}""")]
    [InlineData("my.tool", """{"op":"x","payload":{"p":1},"metadata":{}}""", """{"p":1}""")]
    [InlineData("component.exec", """{"component":"my.tool","operation":"x","input":[1]}""", "[1]")]
    [InlineData("component.exec", """{"component_ref":"my.tool","operation":"x","input":{"ok":true}}""", """{"ok":true}""")]
    public void The_mapping_says_what_is_the_payload(string component, string mapping, string payload)
    {
        using var runtime = Runtime(TestComponents.Echo(), Flow.Node("a", component, mapping, """{"Next":{"node_id":"b"}}""") + "," + Flow.Node("b", "emit.log", """["{{prev}}"]"""));

        Handle(runtime).Texts().ShouldBe([payload]);
    }

    [Fact]
    public void The_configuration_goes_along_as_metadata()
    {
        Run(TestComponents.EchoMetadata(), """{"op":"x","input":1,"config":{"c":2}}""").Texts().ShouldBe(["""{"c":2}"""]);
        Run(TestComponents.EchoMetadata(), """{"op":"x","input":1}""").Error().ShouldStartWith("component my.tool failed: INVALID_OUTPUT: its output is not well-formed CBOR");
    }

    [Fact]
    public void Without_an_operation_nothing_is_called()
    {
        var reply = Run(TestComponents.Echo(), """{"input":1}""");

        reply.Error().ShouldStartWith("missing operation for node `a` (component `my.tool`)");
    }

    [Fact]
    public void An_answer_routes_like_any_payload_and_counts_as_a_call()
    {
        using var runtime = Runtime(
            TestComponents.Echo(),
            Flow.Node("a", "my.tool", """{"op":"x","input":{"status":"{{entry.text}}"}}""", """{"Branch":{"on_status":{"good":"b"},"default":"c"}}""") + ","
            + Flow.Node("b", "emit.log", "\"went well\"") + "," + Flow.Node("c", "emit.log", "\"did not\""));

        Handle(runtime, """{"text":"good"}""").Texts().ShouldBe(["\"went well\""]);
        Handle(runtime, """{"text":"bad"}""").Texts().ShouldBe(["\"did not\""]);
        Handle(runtime).ComponentCalls.ShouldBe(2);
    }

    [Theory]
    [InlineData("NotOk", """{"op":"x","input":{"why":1}}""", """component my.tool failed: COMPONENT_INVOCATION_FAILED: {"why":1}""")]
    [InlineData("Failing", """{"op":"INVALID_INPUT","input":1}""", "component my.tool failed: INVALID_INPUT: f")]
    [InlineData("FailingOverJson", """{"op":"INVALID_INPUT","input":"no"}""", "component my.tool failed: INVALID_INPUT: \"no\"")]
    [InlineData("Trapping", """{"op":"x"}""", "component my.tool failed: COMPONENT_TRAPPED: unreachable")]
    [InlineData("Greedy", """{"op":"x"}""", "component my.tool failed: COMPONENT_TRAPPED: unreachable")]
    [InlineData("Echo", """{"op":"x","input":{"ok":false,"error":{"code":"E1","message":"gone"}}}""", "component my.tool failed: E1: gone")]
    public void A_component_that_fails_is_reported_in_the_reply(string component, string mapping, string message)
    {
        byte[] bytes = component switch
        {
            "NotOk" => TestComponents.NotOk(),
            "Failing" => TestComponents.Failing(),
            "FailingOverJson" => TestComponents.FailingOverJson(),
            "Trapping" => TestComponents.Trapping(),
            "Greedy" => TestComponents.Greedy(),
            _ => TestComponents.Echo(),
        };

        Run(bytes, mapping).Error().ShouldBe(message);
    }

    [Fact]
    public void A_refusal_without_code_is_a_payload()
        => Run(TestComponents.Echo(), """{"op":"x","input":{"ok":false,"error":"unsupported op"}}""").Texts().ShouldBe(["""{"ok":false,"error":"unsupported op"}"""]);

    [Fact]
    public void A_component_that_never_ends_is_stopped()
    {
        var limits = FlowLimits.Standard with { ComponentTime = TimeSpan.FromMilliseconds(200) };

        Run(TestComponents.Looping(), """{"op":"x"}""", options: new FlowOptions { Limits = limits }).Error()
            .ShouldBe("component my.tool failed: DEADLINE_EXCEEDED: it was stopped after 0.2 s");
    }

    [Fact]
    public void A_caller_that_leaves_ends_the_component()
    {
        using var runtime = Runtime(TestComponents.Looping(), Flow.Node("a", "my.tool", """{"op":"x"}"""));
        using var leaving = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        Should.Throw<OperationCanceledException>(() => runtime.Handle(Flow.Message("{}"), Flow.Context, leaving.Token));
    }

    [Fact]
    public void Every_import_that_nobody_serves_is_named()
    {
        var message = Run(TestComponents.Importing("test:a/one@1.0.0", "greentic:other/two@1.0.0"), """{"op":"x"}""").Error();

        message.ShouldStartWith("component `my.tool` of pack `p` needs what this host does not have");
        message.ShouldContain("test:a/one@1.0.0");
        message.ShouldContain("greentic:other/two@1.0.0");
    }

    [Fact]
    public void What_is_no_component_or_exports_nothing_known_is_refused()
    {
        Run(TestComponents.Other(), """{"op":"x"}""").Error().ShouldEndWith("it exports test:other/thing@1.0.0");
        Run([0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0], """{"op":"x"}""").Error().ShouldContain("is not a WebAssembly component");
        Run(TestComponents.Echo()[..^9], """{"op":"x"}""").Error().ShouldContain("is not sound");
    }

    [Fact]
    public void A_function_of_another_shape_is_an_error_and_no_crash()
    {
        Run(TestComponents.OddlyShaped(), """{"op":"x"}""").Error().ShouldBe("component my.tool failed: INVALID_OUTPUT: what it returned is neither a success nor an error");
        Run(TestComponents.ShortOfArguments(), """{"op":"x"}""").Error().ShouldContain("expected were 2 parameters");
    }

    [Fact]
    public void A_payload_that_names_a_member_twice_is_refused()
        => Run(TestComponents.Echo(), """{"op":"x","input":"{{entry}}"}""", """{"a":1,"a":2}""").Error().ShouldBe("the payload of node `a` holds a member twice");

    [Fact]
    public void An_answer_is_bounded_like_a_payload()
    {
        var limits = new FlowLimits(10, 1000, 100_000);

        Run(TestComponents.EchoOf(TestComponents.Runtime), $$"""{"op":"x","text":"{{new string('x', 500)}}"}""", options: new FlowOptions { Limits = limits }).Error()
            .ShouldBe("the payload is larger than 1000 bytes");
    }

    [Fact]
    public async Task Many_calls_at_once_do_not_see_each_other()
    {
        using var runtime = Runtime(TestComponents.Echo(), Flow.Node("a", "my.tool", """{"op":"x","input":"{{entry.text}}"}"""));

        var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() =>
            runtime.Handle(Flow.Message($$"""{"text":"{{i}}"}"""), Flow.Context, CancellationToken.None).Value)));

        replies.Select(reply => reply.Payloads[0].GetString()).ShouldBe(Enumerable.Range(0, 100).Select(i => $"{i}"));
    }

    private static FlowReply Run(byte[] component, string mapping, string entry = """{"text":"x"}""", FlowOptions? options = null)
    {
        using var runtime = Runtime(component, Flow.Node("a", "my.tool", mapping), options);
        return Handle(runtime, entry);
    }

    private static FlowRuntime Runtime(byte[] component, string nodes, FlowOptions? options = null) =>
        FlowRuntime.Load([Flow.PackWith(component, nodes)], NullLogger.Instance, options).Value;

    private static FlowReply Handle(FlowRuntime runtime, string entry = """{"text":"x"}""") =>
        runtime.Handle(Flow.Message(entry), Flow.Context, TestContext.Current.CancellationToken).Value;
}
