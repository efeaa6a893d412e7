using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Engine;

public sealed class Runs_are_observed
{
    [Fact]
    public void Every_node_tells_what_it_ran_and_where_the_flow_goes()
        => Seen(Flow.Entry(
            "f",
            $$"""
            {{Flow.Node("a", "emit.log", """{"x":1}""", """{"Next":{"node_id":"b"}}""")}},
            {{Flow.Node("b", "flow.call", """{"flow":"g","op":"inner"}""", """{"Custom":[{"condition":"x == \"1\"","to":"c"},{"to":"out"}]}""")}},
            {{Flow.Node("c", "emit.response", "{}")}}
            """) + "," + Flow.Entry("g", Flow.Node("i", "emit.log", """{"x":2}"""), tags: "\"internal\"")).ShouldBe(
        [
            "0 f/a emit.log  Node b",
            "1 g/i emit.log  End ",
            "0 f/b flow.call inner End ",
        ]);

    [Fact]
    public void Jumps_waits_and_failures_are_told_as_such()
    {
        Seen(Flow.Entry("f", Flow.Node("a", "flow.goto", """{"flow":"g"}""")) + "," + Flow.Entry("g", Flow.Node("i", "emit.log", "{}"), tags: "\"internal\""))
            .ShouldBe(["0 f/a flow.goto  Jump g/i", "0 g/i emit.log  End "]);
        Seen(Flow.Entry("f", Flow.Node("w", "session.wait", "{}", """{"Next":{"node_id":"a"}}""") + "," + Flow.Node("a", "emit.log", "{}")))
            .ShouldBe(["0 f/w session.wait  Park a"]);
        Seen(Flow.Entry("f", Flow.Node("a", "component.exec", """{"component":"no.tool","op":"x"}""")))
            .ShouldBe(["0 f/a no.tool x component `no.tool` (node `a`) is not in pack `p`"]);
    }

    private static string[] Seen(string flows)
    {
        var observer = new Observer();
        using var runtime = FlowRuntime.Load([Flow.Pack("p", flows)], NullLogger.Instance, new FlowOptions { Observer = observer }).Value;
        _ = runtime.Handle(Flow.Message("{}") with { FlowId = "f", FlowType = null }, Flow.Context, TestContext.Current.CancellationToken);
        return [.. observer.Lines];
    }

    private sealed class Observer : IFlowObserver
    {
        public List<string> Lines { get; } = [];

        public void Ran(FlowNodeRun run) => Lines.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Depth} {run.FlowId}/{run.NodeId} {run.Component} {run.Operation} {(run.Error is { } error ? error : $"{run.Next!.Kind} {run.Next.Target}")}"));
    }
}
