using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Packs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Engine;

public sealed class FlowRunning
{
    [Fact]
    [Trait("fact", "flows-and-components:8.1")]
    public void A_flow_without_nodes_answers_the_error_of_the_seed_to_the_letter()
    {
        using var runtime = Flow.Runtime(Flow.Open(File.ReadAllText(Upstream.Path("decoded/perf-smoke-pack.manifest.json"))));
        var activity = InboundActivity.FromBody("""{"text":"hi"}"""u8, CallerIdentity.Untrusted).Value;

        var reply = runtime.Handle(activity, Flow.Context, TestContext.Current.CancellationToken).Value;

        Encoding.UTF8.GetString(reply.WriteActivities().Span).ShouldBe(
            """[{"kind":{"kind":"custom","action":"response"},"tenant":"acme","payload":{"metadata":{"error_kind":"flow_execution_failed","error_message":"flow main has no start node","flow_id":"main"}}}]""");
        (reply.PackId, reply.FlowId, reply.HasFailed).ShouldBe(("perf.smoke.pack", "main", true));
    }

    /// <summary>Upstream answers <c>Echo: </c>: it knows no <c>in.input</c>. Here <c>input</c> names the entry itself.</summary>
    [Fact]
    [Trait("fact", "flows-and-components:8.3")]
    public void The_real_event_app_echoes_and_lists_its_payload_twice()
    {
        using var runtime = FlowRuntime.Open([Upstream.Path("msg-event-app.gtpack")], NullLogger.Instance).Value;

        var reply = runtime.Handle(Flow.Message("""{"text":"x"}"""), Flow.Context, TestContext.Current.CancellationToken).Value;

        reply.FlowId.ShouldBe("on_message");
        reply.Texts().ShouldBe(Enumerable.Repeat("""{"messages":[{"text":"Echo: x","type":"text"}]}""", 2));
    }

    [Fact]
    [Trait("fact", "flows-and-components:8.4")]
    public void A_template_alone_keeps_the_type_and_inside_a_text_becomes_text()
        => Flow.Run(
            Flow.Node("a", "emit.log", """{"count":3}""", """{"Next":{"node_id":"b"}}""") + ","
            + Flow.Node("b", "emit.log", """{"whole":"{{prev.count}}","mixed":"n={{prev.count}}"}""")).Texts().ShouldBe(["""{"whole":3,"mixed":"n=3"}"""]);

    /// <summary>Upstream never reaches the second node: it knows <c>to</c> alone. Here <c>next</c> routes as well.</summary>
    [Fact]
    [Trait("fact", "flows-and-components:8.6")]
    public void A_custom_route_with_next_alone_leads_on()
        => Flow.Run(
            Flow.Node("a", "emit.log", """{"at":"a"}""", """{"Custom":[{"next":"b"}]}""") + ","
            + Flow.Node("b", "emit.log", """{"at":"b"}""")).Texts().ShouldBe(["""{"at":"b"}"""]);

    [Fact]
    [Trait("fact", "flows-and-components:8.7")]
    public void A_component_that_is_not_in_the_pack_is_an_error_in_the_reply()
        => Flow.Run(Flow.Node("a", "my.tool", """{"op":"x"}""")).Error().ShouldBe("component `my.tool` (node `a`) is not in pack `p`");

    [Theory]
    [InlineData("component.exec", """{"component":"my.tool","op":"x"}""", "component `my.tool` (node `a`) is not in pack `p`")]
    [InlineData("component.exec", """{"component_ref":"{{entry.text}}","op":"x"}""", "component `x` (node `a`) is not in pack `p`")]
    [InlineData("component.exec", "{}", "component.exec node `a` names no component")]
    [InlineData("session.wait", "{}", "session.wait node a requires a non-empty route")]
    [InlineData("flow.call", "{}", "flow.call node `a` names no flow")]
    [InlineData("flow.goto", """{"flow":"gone"}""", "pack `p` has no flow `gone`")]
    [InlineData("dw.agent", "{}", "unsupported node kind `dw.agent` (node `a`)")]
    [InlineData("approval.call", "{}", "unsupported node kind `approval.call` (node `a`)")]
    public void A_node_that_cannot_run_says_why(string component, string mapping, string message)
        => Flow.Run(Flow.Node("a", component, mapping)).Error().ShouldBe(message);

    [Fact]
    public void A_component_that_is_listed_and_not_packed_is_named_with_its_file()
    {
        using var runtime = Flow.Runtime(Flow.Pack("p", Flow.Entry("f", Flow.Node("a", "my.tool", """{"op":"x"}""")), "\"components\":[{\"id\":\"my.tool\",\"version\":\"1\"}],"));

        runtime.Handle(Flow.Message("{}"), Flow.Context, TestContext.Current.CancellationToken).Value.Error()
            .ShouldBe("component `my.tool` (node `a`) is listed in pack `p`, but the pack has no components/my.tool.wasm");
    }

    [Theory]
    [InlineData("emit.response", """{"input":{"a":1},"payload":2,"b":3}""", """{"a":1}""")]
    [InlineData("emit.response", """{"payload":2,"b":3}""", "2")]
    [InlineData("emit.response", """{"b":3}""", """{"b":3}""")]
    [InlineData("emit.card", """{"b":3}""", """{"b":3}""")]
    [InlineData("component.exec", """{"component":"emit.response","payload":{"t":"{{entry.text}}"}}""", """{"t":"x"}""")]
    public void An_emitted_payload_comes_as_egress_and_again_as_the_result(string component, string mapping, string payload)
        => Flow.Run(Flow.Node("a", component, mapping)).Texts().ShouldBe([payload, payload]);

    [Fact]
    public void Lists_are_flattened_once_and_nulls_are_dropped_when_something_was_emitted()
        => Flow.Run(
            Flow.Node("a", "emit.response", """{"payload":[1,null,[2]]}""", """{"Next":{"node_id":"b"}}""") + ","
            + Flow.Node("b", "emit.log", """{"payload":null}""")).Texts().ShouldBe(["1", "[2]"]);

    [Theory]
    [InlineData("""{"payload":[1,2]}""", new[] { "1", "2" })]
    [InlineData("""{"payload":[]}""", new string[0])]
    [InlineData("""{"payload":null}""", new[] { "null" })]
    public void Without_egress_the_last_payload_is_the_result(string mapping, string[] payloads)
        => Flow.Run(Flow.Node("a", "emit.log", mapping)).Texts().ShouldBe(payloads);

    [Fact]
    public void A_node_that_logs_writes_its_payload_to_the_log_and_replies_nothing()
    {
        var log = new Lines();
        using var runtime = FlowRuntime.Load([Flow.Pack("p", Flow.Entry("f", Flow.Node("a", "emit.log", """{"heard":"{{entry.text}}"}""")))], log).Value;

        runtime.Handle(Flow.Message("""{"text":"hi"}"""), Flow.Context, TestContext.Current.CancellationToken).IsOk.ShouldBeTrue();

        log.Written.ShouldBe(["""Information 4301 Flow p/f node a logs {"heard":"hi"}"""]);
    }

    [Theory]
    [InlineData("{}", null, "first")]
    [InlineData("""{"default":"second"}""", null, "second")]
    [InlineData("""{"default":7}""", null, "first")]
    [InlineData("""{"other":"second"}""", null, "first")]
    [InlineData("""{"default":"second"}""", "first", "first")]
    public void A_flow_starts_where_the_rule_says(string entrypoints, string? entryNode, string expected)
        => Start(entrypoints, entryNode).Texts().ShouldBe([$"\"{expected}\""]);

    [Theory]
    [InlineData("""{"default":"gone"}""", null)]
    [InlineData("{}", "gone")]
    public void A_start_that_the_flow_does_not_have_is_named(string entrypoints, string? entryNode)
        => Start(entrypoints, entryNode).Error().ShouldBe("flow f has no node `gone`");

    [Fact]
    public void A_flow_that_never_ends_is_stopped()
        => Flow.Run(Flow.Node("a", "emit.log", "{}", """{"Next":{"node_id":"a"}}""")).Error().ShouldBe("flow f ran 10000 nodes without an end");

    [Fact]
    public void A_payload_that_grows_is_stopped_by_size_depth_and_sum()
    {
        const string Again = """{"Next":{"node_id":"a"}}""";
        var limits = new FlowLimits(10_000, 64 << 10, 256 << 10);

        Flow.Run(Flow.Node("a", "emit.log", """["{{prev}}","{{prev}}"]""", Again), limits: limits).Error().ShouldContain("larger than 65536 bytes");
        Flow.Run(Flow.Node("a", "emit.log", """{"t":"{{prev.t}}{{prev.t}}!"}""", Again), limits: limits).Error().ShouldContain("larger than 65536 bytes");
        Flow.Run(Flow.Node("a", "emit.log", """["{{prev}}"]""", Again), limits: limits).Error().ShouldContain("nests deeper than 128");
        Flow.Run(Flow.Node("a", "emit.log", $"\"{new string('x', 1000)}\"", Again), limits: limits).Error().ShouldContain("rendered more than 262144 bytes");
        Flow.Run(Flow.Node("a", "emit.log", """["{{state}}"]""", Again), limits: limits).Error().ShouldNotBeEmpty();
    }

    [Fact]
    public void A_run_can_be_cancelled()
    {
        using var runtime = Flow.Runtime(Flow.Pack("p", Flow.Entry("f", Flow.Node("a", "emit.log", "{}", """{"Next":{"node_id":"a"}}"""))));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Should.Throw<OperationCanceledException>(() => runtime.Handle(Flow.Message("{}"), Flow.Context, cancelled.Token));
    }

    [Fact]
    public async Task Many_callers_are_answered_at_once()
    {
        using var runtime = Flow.Runtime(Flow.Pack("p", Flow.Entry("f", Flow.Node("a", "emit.log", """{"t":"{{entry.text}}","s":"{{state.nodes.a}}"}"""))));

        var replies = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() =>
            runtime.Handle(Flow.Message($$"""{"text":"{{i}}"}"""), Flow.Context, CancellationToken.None).Value)));

        replies.Select(reply => reply.Payloads[0].GetProperty("t").GetString()).ShouldBe(Enumerable.Range(0, 500).Select(i => $"{i}"));
    }

    private static FlowReply Start(string entrypoints, string? entryNode)
    {
        var nodes = Flow.Node("first", "emit.log", "\"first\"") + "," + Flow.Node("second", "emit.log", "\"second\"");
        using var runtime = Flow.Runtime(Flow.Pack("p", Flow.Entry("f", nodes, entrypoints: entrypoints)));
        return runtime.Handle(Flow.Message("{}") with { EntryNode = entryNode }, Flow.Context, TestContext.Current.CancellationToken).Value;
    }

    private sealed class Lines : ILogger
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add($"{logLevel} {eventId.Id} {formatter(state, exception)}");
    }
}
