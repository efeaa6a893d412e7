using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Sessions;

public sealed class Flows_wait_for_the_next_message
{
    private static readonly string Menu = string.Join(
        ',',
        Flow.Node("welcome", "emit.log", "\"What would you like to explore?\"", """
            {"Custom":[{"condition":"response.action == \"about\"","to":"about"},{"condition":"response.text == \"help\"","to":"welcome"}]}
            """),
        Flow.Node("about", "emit.log", """{"about":"{{entry.metadata.action}}","before":"{{node.welcome}}"}""", """
            {"Custom":[{"condition":"response.action == \"about\"","to":"welcome"}]}
            """));

    [Fact]
    public void Where_no_route_fits_the_next_message_goes_on_at_the_same_node()
    {
        using var runtime = Runtime(Menu);

        Say(runtime, """{"text":"hi"}""").Texts().ShouldBe(["\"What would you like to explore?\""]);
        Say(runtime, """{"metadata":{"action":"about"}}""").Texts().ShouldBe(["""{"about":"about","before":"What would you like to explore?"}"""]);
    }

    [Fact]
    public void Sessions_tenants_and_callers_without_a_name_are_kept_apart()
    {
        const string About = """{"metadata":{"action":"about"}}""";
        using var runtime = Runtime(Flow.Node("a", "session.wait", "{}", """{"Next":{"node_id":"b"}}""") + "," + Flow.Node("b", "emit.log", "\"resumed\""));

        Say(runtime, "{}").Texts().ShouldBeEmpty();
        Say(runtime, About, "other").Texts().ShouldBeEmpty();
        Say(runtime, About, null).Texts().ShouldBeEmpty();
        Say(runtime, About, null).Texts().ShouldBeEmpty();
        runtime.Handle(Message(About, "s"), Flow.Context with { Tenant = "rival" }, TestContext.Current.CancellationToken).Value.Texts().ShouldBeEmpty();
        Say(runtime, About).Texts().ShouldBe(["\"resumed\""]);
        Say(runtime, About).Texts().ShouldBeEmpty();
    }

    [Fact]
    public void A_pause_answers_what_was_emitted_and_goes_on_with_what_was_known()
    {
        using var runtime = Runtime(string.Join(
            ',',
            Flow.Node("ask", "emit.response", "\"Your name?\"", """{"Next":{"node_id":"wait"}}"""),
            Flow.Node("wait", "session.wait", "\"a name\"", """{"Custom":[{"to":"greet"}]}"""),
            Flow.Node("greet", "emit.log", "\"Hello {{entry.text}}; you were asked: {{node.ask}}\"")));

        Say(runtime, """{"text":"hi"}""").Texts().ShouldBe(["\"Your name?\""]);
        Say(runtime, """{"text":"Ada"}""").Texts().ShouldBe(["\"Hello Ada; you were asked: Your name?\""]);
    }

    [Fact]
    public void A_flow_that_fails_is_not_gone_on_with()
    {
        using var runtime = Runtime(Flow.Node("a", "session.wait", "{}", """{"Next":{"node_id":"b"}}""") + "," + Flow.Node("b", "gone", """{"op":"x"}"""));

        Say(runtime, "{}").HasFailed.ShouldBeFalse();
        Say(runtime, "{}").HasFailed.ShouldBeTrue();
        Say(runtime, "{}").HasFailed.ShouldBeFalse();
    }

    [Fact]
    public void A_message_that_was_given_up_can_be_sent_again()
    {
        using var runtime = Runtime(Flow.Node("a", "session.wait", "{}", """{"Next":{"node_id":"b"}}""") + "," + Flow.Node("b", "emit.log", "\"resumed\""));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Say(runtime, "{}").Texts().ShouldBeEmpty();
        Should.Throw<OperationCanceledException>(() => runtime.Handle(Message("{}", "s"), Flow.Context, cancelled.Token));
        Say(runtime, "{}").Texts().ShouldBe(["\"resumed\""]);
    }

    [Fact]
    public void A_message_for_a_certain_node_starts_there_and_can_wait_there()
    {
        using var runtime = Runtime(
            Flow.Node("a", "session.wait", "{}", """{"Next":{"node_id":"b"}}""") + "," + Flow.Node("b", "emit.log", "\"b\"") + ","
            + Flow.Node("c", "session.wait", "{}", """{"Next":{"node_id":"d"}}""") + "," + Flow.Node("d", "emit.log", "\"d\""));

        Say(runtime, "{}").Texts().ShouldBeEmpty();
        runtime.Handle(Message("{}", "s") with { EntryNode = "c" }, Flow.Context, TestContext.Current.CancellationToken).Value.Texts().ShouldBeEmpty();
        Say(runtime, "{}").Texts().ShouldBe(["\"d\""]);
    }

    [Fact]
    public void A_flow_that_waits_cannot_be_called()
    {
        using var runtime = Flow.Runtime(Flow.Pack(
            "p",
            Flow.Entry("f", Flow.Node("a", "flow.call", """{"flow":"g"}"""), tags: "\"default\"") + ","
            + Flow.Entry("g", Flow.Node("b", "session.wait", "{}", """{"Next":{"node_id":"b"}}"""))));

        Say(runtime, "{}").Error().ShouldBe("flow.call cannot pause: flow g waits at node `b`");
    }

    [Fact]
    public void What_waits_in_another_edition_of_a_pack_is_forgotten()
    {
        var sessions = new ParkedInMemory(TimeProvider.System, ParkingLimits.Standard);
        using (var before = Runtime(Flow.Node("a", "session.wait", "{}", """{"Next":{"node_id":"gone"}}""") + "," + Flow.Node("gone", "emit.log", "1"), sessions))
        {
            Say(before, "{}").Texts().ShouldBeEmpty();
        }

        using var after = Runtime(Flow.Node("a", "emit.log", "\"from the start\""), sessions);
        Say(after, "{}").Texts().ShouldBe(["\"from the start\""]);
    }

    private static FlowRuntime Runtime(string nodes, IParkedSessions? sessions = null) =>
        FlowRuntime.Load([Flow.Pack("p", Flow.Entry("f", nodes))], NullLogger.Instance, new FlowOptions { Sessions = sessions }).Value;

    private static FlowReply Say(FlowRuntime runtime, string payload, string? session = "s") =>
        runtime.Handle(Message(payload, session), Flow.Context, TestContext.Current.CancellationToken).Value;

    private static InboundActivity Message(string payload, string? session) =>
        new() { Payload = JsonElement.Parse(payload), FlowType = "messaging", SessionId = session };
}
