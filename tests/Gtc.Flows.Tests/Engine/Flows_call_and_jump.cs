using Gtc.Flows.Tests.Components;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Engine;

public sealed class Flows_call_and_jump
{
    [Fact]
    public void A_called_flow_gets_its_input_and_gives_its_result()
        => Run(
            Flow.Node("a", "flow.call", """{"flow_id":"g","input":{"n":"{{entry.text}}"}}""", """{"Next":{"node_id":"b"}}""") + "," + Flow.Node("b", "emit.log", """{"got":"{{prev}}","mine":"{{entry.text}}"}"""),
            Flow.Node("x", "emit.log", """{"heard":"{{entry.n}}"}"""))
            .Texts().ShouldBe(["""{"got":{"heard":"x"},"mine":"x"}"""]);

    [Fact]
    public void What_a_called_flow_emits_is_part_of_its_result_alone()
        => Run(Flow.Node("a", "flow.call", """{"flow":"g"}"""), Flow.Node("x", "emit.response", "\"once\"")).Texts().ShouldBe(["\"once\"", "\"once\""]);

    [Fact]
    public void A_jump_changes_flow_and_entry_and_never_comes_back()
        => Run(
            Flow.Node("a", "flow.goto", """{"flow":"g","node":"y","input":{"n":1}}""", """{"Next":{"node_id":"never"}}"""),
            Flow.Node("x", "emit.log", "\"start\"") + "," + Flow.Node("y", "emit.log", """{"n":"{{entry.n}}"}"""))
            .Texts().ShouldBe(["""{"n":1}"""]);

    [Fact]
    public void Flows_that_call_or_jump_to_each_other_are_stopped()
    {
        Run(Flow.Node("a", "flow.call", """{"flow":"f"}"""), "").Error().ShouldBe("flow f calls flows more than 8 deep");
        Run(Flow.Node("a", "flow.goto", """{"flow":"g"}"""), Flow.Node("x", "flow.goto", """{"flow":"f"}""")).Error().ShouldContain("jumped more than 8 times");
    }

    [Fact]
    public void A_component_can_ask_for_a_jump_and_a_template_cannot()
    {
        const string Control = """{"greentic_control":{"v":1,"action":"jump","node":"b","payload":{"from":"a"}}}""";
        var second = Flow.Node("b", "emit.log", """{"entry":"{{entry}}"}""");

        RunWith(Flow.Node("a", "my.tool", $$"""{"op":"x","input":{{Control}}}""") + "," + second).Texts().ShouldBe(["""{"entry":{"from":"a"}}"""]);
        RunWith(Flow.Node("a", "emit.log", Control) + "," + second).Texts().ShouldBe([Control]);
        RunWith(Flow.Node("a", "my.tool", $$"""{"op":"x","input":{{Control.Replace("\"b\"", "\"a\",\"max_redirects\":2", StringComparison.Ordinal)}}}""")).Error()
            .ShouldBe("flow f jumped more than 2 times");
    }

    [Fact]
    public void A_run_that_takes_too_long_is_stopped()
    {
        var options = new FlowOptions { Limits = FlowLimits.Standard with { MaxTime = TimeSpan.Zero } };
        using var runtime = FlowRuntime.Load([Flow.Pack("p", Flow.Entry("f", Flow.Node("a", "emit.log", "1")))], NullLogger.Instance, options).Value;

        runtime.Handle(Flow.Message("{}"), Flow.Context, TestContext.Current.CancellationToken).Value.Error().ShouldBe("flow f ran longer than 0 s");
    }

    [Theory]
    [InlineData("UNAVAILABLE", 3)]
    [InlineData("Some-Timeout", 3)]
    [InlineData("INVALID_INPUT", 1)]
    public void A_reason_that_may_pass_is_tried_again(string code, int calls)
    {
        var retries = new List<int>();
        var options = new FlowOptions
        {
            Retries = new RetryPolicy(3, TimeSpan.FromMilliseconds(50)),
            Random = most =>
            {
                retries.Add(most);
                return 0;
            },
        };
        using var runtime = FlowRuntime.Load([Flow.PackWith(TestComponents.Failing(), Flow.Node("a", "my.tool", $$"""{"op":"{{code}}"}"""))], NullLogger.Instance, options).Value;

        var reply = runtime.Handle(Flow.Message("{}"), Flow.Context, TestContext.Current.CancellationToken).Value;

        reply.Error().ShouldBe($"component my.tool failed: {code}: f");
        retries.Count.ShouldBe(calls - 1);
    }

    [Fact]
    public void Pauses_double_and_jitter_is_bounded()
    {
        var policy = new RetryPolicy(20, TimeSpan.FromMilliseconds(1));

        new uint[] { 1, 2, 3, 11, 19 }.Select(attempt => policy.Delay(attempt, _ => 0).TotalMilliseconds).ShouldBe([50, 100, 200, 51_200, 51_200]);
        policy.Delay(19, most => most - 1).TotalMilliseconds.ShouldBe(52_199);
    }

    private static FlowReply Run(string first, string second)
    {
        using var runtime = Flow.Runtime(Flow.Pack("p", Flow.Entry("f", first, tags: "\"default\"") + (second.Length == 0 ? "" : "," + Flow.Entry("g", second))));
        return runtime.Handle(Flow.Message("""{"text":"x"}"""), Flow.Context, TestContext.Current.CancellationToken).Value;
    }

    private static FlowReply RunWith(string nodes)
    {
        using var runtime = Flow.Runtime(Flow.PackWith(TestComponents.Echo(), nodes));
        return runtime.Handle(Flow.Message("""{"text":"x"}"""), Flow.Context, TestContext.Current.CancellationToken).Value;
    }
}
