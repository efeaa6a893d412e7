using System.Globalization;
using Gtc.Flows.Tests.Components;
using Gtc.Wasm.Components;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Engine;

/// <summary>What is just within a bound of a run works, and one step beyond it is refused with the bound.</summary>
public sealed class Limits_hold_at_their_boundary
{
    private static readonly FlowLimits Standard = FlowLimits.Standard;

    [Fact]
    public void Nodes_of_a_run()
    {
        Flow.Run(Chain(5), limits: Standard with { MaxSteps = 5 }).HasFailed.ShouldBeFalse();
        Flow.Run(Chain(6), limits: Standard with { MaxSteps = 5 }).Error().ShouldBe("flow f ran 5 nodes without an end");
    }

    [Fact]
    public void Nodes_of_called_flows_count_with_those_of_their_caller()
    {
        var caller = Flow.Entry("f", Flow.Node("a", "flow.call", """{"flow":"g"}"""), tags: "\"default\"");
        var called = Flow.Entry("g", Chain(4), tags: "\"internal\"");

        Run([caller, called], Standard with { MaxSteps = 5 }).HasFailed.ShouldBeFalse();
        Run([caller, called], Standard with { MaxSteps = 4 }).Error().ShouldEndWith(" ran 4 nodes without an end");
    }

    [Fact]
    public void Bytes_of_one_payload()
    {
        Flow.Run(Emit(98), limits: Standard with { MaxPayloadBytes = 100 }).HasFailed.ShouldBeFalse();
        Flow.Run(Emit(99), limits: Standard with { MaxPayloadBytes = 100 }).Error().ShouldBe("the payload is larger than 100 bytes");
    }

    [Fact]
    public void Bytes_of_all_payloads()
    {
        var two = Flow.Node("a", "emit.log", $"\"{new string('x', 98)}\"", """{"Next":{"node_id":"b"}}""") + "," + Flow.Node("b", "emit.log", $"\"{new string('x', 98)}\"");

        Flow.Run(two, limits: Standard with { MaxTotalBytes = 200 }).HasFailed.ShouldBeFalse();
        Flow.Run(two, limits: Standard with { MaxTotalBytes = 199 }).Error().ShouldBe("flow f rendered more than 199 bytes");
    }

    [Fact]
    public void Levels_of_a_payload()
    {
        string Nested(int levels) => Flow.Node("a", "emit.log", "1", Next("n1")) + "," + string.Join(',', Enumerable.Range(1, levels).Select(level =>
            Flow.Node($"n{level}", "emit.log", """["{{prev}}"]""", level == levels ? "\"End\"" : Next($"n{level + 1}"))));

        Flow.Run(Nested(128)).HasFailed.ShouldBeFalse();
        Flow.Run(Nested(129)).Error().ShouldBe("the payload nests deeper than 128 levels");
    }

    [Fact]
    public void Flows_inside_each_other()
    {
        string[] flows = [.. Enumerable.Range(0, 4).Select(i => Flow.Entry($"f{i}", Flow.Node("a", i == 3 ? "emit.log" : "flow.call", $$"""{"flow":"f{{i + 1}}"}"""), tags: i == 0 ? "\"default\"" : "\"internal\""))];

        Run(flows, Standard with { MaxDepth = 3 }).HasFailed.ShouldBeFalse();
        Run(flows, Standard with { MaxDepth = 2 }).Error().ShouldBe("flow f2 calls flows more than 2 deep");
    }

    [Fact]
    public void Jumps_between_flows()
    {
        string[] flows = [.. Enumerable.Range(0, 4).Select(i => Flow.Entry($"f{i}", Flow.Node("a", i == 3 ? "emit.log" : "flow.goto", $$"""{"flow":"f{{i + 1}}"}"""), tags: i == 0 ? "\"default\"" : "\"internal\""))];

        Run(flows, Standard with { MaxJumps = 3 }).HasFailed.ShouldBeFalse();
        Run(flows, Standard with { MaxJumps = 2 }).Error().ShouldBe("flow f2 jumped more than 2 times");
    }

    [Theory]
    [InlineData(-1, null)]
    [InlineData(0, "flow f ran longer than 60 s")]
    public void Time_of_a_run(long ticksBeyond, string? error)
    {
        var time = new TurnedTime();
        var options = new FlowOptions { Time = time, Observer = new Turning(time, TimeSpan.FromMinutes(1) + TimeSpan.FromTicks(ticksBeyond)) };
        using var runtime = FlowRuntime.Load([Flow.Pack("p", Flow.Entry("f", Chain(2)))], NullLogger.Instance, options).Value;

        var reply = Answer(runtime);

        (reply.HasFailed ? reply.Error() : null).ShouldBe(error);
    }

    [Theory]
    [InlineData(-1, 2, null)]
    [InlineData(0, 1, "component my.tool failed: DEADLINE_EXCEEDED: it was stopped after 30 s")]
    public void Time_of_a_component(long ticksBeyond, int requests, string? error)
    {
        // Its first request takes that long.
        var time = new TurnedTime();
        var host = new Counting { OnRequest = number => time.Turn(number == 1 ? TimeSpan.FromSeconds(30) + TimeSpan.FromTicks(ticksBeyond) : TimeSpan.Zero) };

        var reply = Requests(2, host, time);

        host.Requests.ShouldBe(requests);
        (reply.HasFailed ? reply.Error() : null).ShouldBe(error);
    }

    [Fact]
    public void Memory_of_a_component()
    {
        const int Page = 65_536;
        FlowReply Grow(int pages, long bytes) => Ask(TestComponents.Growing(pages), new FlowOptions { Limits = Standard with { ComponentMemoryBytes = bytes } });
        var enough = Enumerable.Range(1, 100).First(pages => !Grow(3, pages * Page).HasFailed);

        Grow(3, (enough * Page) - 1).Error().ShouldStartWith("component my.tool failed: COMPONENT_TRAPPED");
        Grow(4, enough * Page).Error().ShouldStartWith("component my.tool failed: COMPONENT_TRAPPED");
        Grow(4, (enough + 1) * Page).HasFailed.ShouldBeFalse();
    }

    [Fact]
    public void Bytes_of_a_components_answer()
    {
        FlowReply Say(int letters) => Ask(
            TestComponents.Reading("greentic:secrets-store/secrets-store@1.0.0", "k", WitType.ListOf(WitType.U8)),
            new FlowOptions { Limits = Standard with { MaxPayloadBytes = 100 }, Host = new Counting { Secret = [0x78, (byte)letters, .. Enumerable.Repeat((byte)'x', letters)] } });

        Say(98).Texts().ShouldBe([$"\"{new string('x', 98)}\""]);
        Say(99).Error().ShouldContain("100 bytes");
    }

    [Fact]
    public void Requests_of_a_component()
    {
        var host = new Counting();
        Requests(3, host).HasFailed.ShouldBeFalse();
        host.Requests.ShouldBe(3);
        Requests(4, host).HasFailed.ShouldBeFalse();
        host.Requests.ShouldBe(6, "the fourth was refused to the component and reached nobody");
    }

    [Fact]
    public void Lines_of_a_components_log()
    {
        foreach (var (said, kept) in new[] { (3, 3), (4, 3) })
        {
            var lines = new Lines();
            using var runtime = FlowRuntime.Load(
                [Flow.PackWith(TestComponents.Repeating("greentic:telemetry/logger-api@1.0.0", "log", [WitType.Text, WitType.ListOf(WitType.TupleOf(WitType.Text, WitType.Text))], 4, WitType.ResultOf(WitType.EnumOf("ok"), TestComponents.HostError), said), Flow.Node("a", "my.tool", """{"op":"x","input":1}"""))],
                lines,
                new FlowOptions { Limits = Standard with { ComponentLines = 3 } }).Value;
            Answer(runtime).HasFailed.ShouldBeFalse();
            lines.Count.ShouldBe(kept);
        }
    }

    [Fact]
    public void Bytes_of_a_message() => Enumerable.Range(0, 2).Select(more =>
        InboundActivity.FromBody(System.Text.Encoding.ASCII.GetBytes($"\"{new string('x', InboundActivity.MaxBodyBytes - 2 + more)}\""), CallerIdentity.Untrusted).IsOk).ShouldBe([true, false]);

    [Fact]
    public void Levels_of_a_message() => Enumerable.Range(64, 2).Select(levels =>
        InboundActivity.FromBody(System.Text.Encoding.ASCII.GetBytes(new string('[', levels) + new string(']', levels)), CallerIdentity.Untrusted).IsOk).ShouldBe([true, false]);

    private static string Next(string node) => $$$"""{"Next":{"node_id":"{{{node}}}"}}""";

    private static string Chain(int nodes) => string.Join(',', Enumerable.Range(1, nodes).Select(i => Flow.Node($"n{i}", "emit.log", i.ToString(CultureInfo.InvariantCulture), i == nodes ? "\"End\"" : Next($"n{i + 1}"))));

    private static string Emit(int letters) => Flow.Node("a", "emit.log", $"\"{new string('x', letters)}\"");

    private static FlowReply Run(string[] flows, FlowLimits limits)
    {
        using var runtime = FlowRuntime.Load([Flow.Pack("p", string.Join(',', flows))], NullLogger.Instance, new FlowOptions { Limits = limits }).Value;
        return Answer(runtime);
    }

    private static FlowReply Requests(int times, IComponentHost host, TimeProvider? time = null)
    {
        var pairs = WitType.ListOf(WitType.TupleOf(WitType.Text, WitType.Text));
        var body = WitType.OptionOf(WitType.ListOf(WitType.U8));
        var request = WitType.RecordOf(("method", WitType.Text), ("url", WitType.Text), ("headers", pairs), ("body", body));
        var response = WitType.RecordOf(("status", WitType.U16), ("headers", pairs), ("body", body));
        var component = TestComponents.Repeating("greentic:http/http-client@1.0.0", "send", [request, WitType.OptionOf(WitType.Text)], 12, WitType.ResultOf(response, TestComponents.HostError), times);
        return Ask(component, new FlowOptions { Host = host, Limits = Standard with { ComponentRequests = 3 }, Time = time ?? TimeProvider.System });
    }

    private static FlowReply Ask(byte[] component, FlowOptions options)
    {
        using var runtime = FlowRuntime.Load([Flow.PackWith(component, Flow.Node("a", "my.tool", """{"op":"x","input":1}"""))], NullLogger.Instance, options).Value;
        return Answer(runtime);
    }

    private static FlowReply Answer(FlowRuntime runtime) => runtime.Handle(Flow.Message("{}"), Flow.Context, TestContext.Current.CancellationToken).Value;

    /// <summary>Turns the clock once, after the first node.</summary>
    private sealed class Turning(TurnedTime time, TimeSpan by) : IFlowObserver
    {
        private bool _isTurned;

        public void Ran(FlowNodeRun run)
        {
            if (!_isTurned)
            {
                _isTurned = true;
                time.Turn(by);
            }
        }
    }

    private sealed class Counting : IComponentHost
    {
        public int Requests { get; private set; }

        public Action<int> OnRequest { get; init; } = static _ => { };

        public byte[]? Secret { get; init; }

        public Task<HostAnswer<HostHttpResponse>> SendAsync(ComponentCaller caller, HostHttpRequest request, CancellationToken cancellationToken)
        {
            Requests++;
            OnRequest(Requests);
            return Task.FromResult<HostAnswer<HostHttpResponse>>(new HostHttpResponse(200, [], null));
        }

        public HostAnswer<ReadOnlyMemory<byte>> ReadSecret(ComponentCaller caller, string key, CancellationToken cancellationToken) =>
            Secret is { } secret ? new ReadOnlyMemory<byte>(secret) : DenyAll.Instance.ReadSecret(caller, key, cancellationToken);

        public HostFault? WriteSecret(ComponentCaller caller, string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) => null;

        public HostAnswer<string?> ReadSetting(ComponentCaller caller, string key, CancellationToken cancellationToken) => (string?)null;

        public HostAnswer<ReadOnlyMemory<byte>> ReadState(ComponentCaller caller, string key, CancellationToken cancellationToken) => DenyAll.Instance.ReadState(caller, key, cancellationToken);

        public HostFault? WriteState(ComponentCaller caller, string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) => null;

        public HostFault? DeleteState(ComponentCaller caller, string key, CancellationToken cancellationToken) => null;
    }

    private sealed class Lines : ILogger
    {
        public int Count { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Count++;
    }
}
