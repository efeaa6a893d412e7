using Gtc.Wasm.Components;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Components;

public sealed class Host_interfaces_are_served
{
    private const string Secrets = "greentic:secrets-store/secrets-store@1.0.0";
    private const string State = "greentic:state/state-store@1.0.0";

    private static readonly WitType Bytes = WitType.ListOf(WitType.U8);
    private static readonly WitType Pairs = WitType.ListOf(WitType.TupleOf(WitType.Text, WitType.Text));
    private static readonly WitType Context = WitType.OptionOf(WitType.Text);
    private static readonly WitType Done = WitType.EnumOf("ok");
    private static readonly WitType SecretResult = WitType.ResultOf(WitType.OptionOf(Bytes), WitType.EnumOf("not-found", "denied", "invalid-key", "internal"));
    private static readonly WitType Response = WitType.RecordOf(("status", WitType.U16), ("headers", Pairs), ("body", WitType.OptionOf(Bytes)));
    private static readonly WitType Request = WitType.RecordOf(("method", WitType.Text), ("url", WitType.Text), ("headers", Pairs), ("body", WitType.OptionOf(Bytes)));
    private static readonly WitType Options = WitType.OptionOf(WitType.RecordOf(
        ("timeout-ms", WitType.OptionOf(WitType.U32)), ("allow-insecure", WitType.OptionOf(WitType.Bool)), ("follow-redirects", WitType.OptionOf(WitType.Bool))));

    [Fact]
    public void Without_a_host_http_is_denied_in_both_editions_and_under_its_other_name()
    {
        const string Denied = "component my.tool failed: denied: no HTTP is granted to this component";

        Run(TestComponents.Refused("greentic:http/http-client@1.0.0", "send", [Request, Context], 12, Response)).Error().ShouldBe(Denied);
        Run(TestComponents.Refused("greentic:http/http-client@1.1.0", "send", [Request, Options, Context], null, Response)).Error().ShouldBe(Denied);
        Run(TestComponents.Refused("greentic:http/client@1.1.0", "send", [Request, Options, Context], null, Response)).Error().ShouldBe(Denied);
    }

    [Fact]
    public void Without_a_host_state_is_unavailable_and_secrets_are_not_found()
    {
        const string Unavailable = "component my.tool failed: unavailable: no state store is granted to this component";

        Run(TestComponents.Refused(State, "read", [WitType.Text, Context], 5, Bytes)).Error().ShouldBe(Unavailable);
        Run(TestComponents.Refused(State, "write", [WitType.Text, Bytes, Context], 7, Done)).Error().ShouldBe(Unavailable);
        Run(TestComponents.Refused(State, "delete", [WitType.Text, Context], 5, Done)).Error().ShouldBe(Unavailable);
        Run(TestComponents.Probe(Secrets, "get", [WitType.Text], 2, SecretResult)).Texts().ShouldBe(["1", "0"]);
    }

    [Fact]
    public void What_a_host_grants_reaches_the_component()
    {
        var host = new Granting();

        Run(TestComponents.Probe(Secrets, "get", [WitType.Text], 2, SecretResult), host).Texts().ShouldBe(["0", "1"]);
        Run(TestComponents.Probe("greentic:http/http-client@1.0.0", "send", [Request, Context], 12, WitType.ResultOf(Response, TestComponents.HostError)), host).Texts().ShouldBe(["0", "7"]);
        Run(TestComponents.Probe(State, "write", [WitType.Text, Bytes, Context], 7, WitType.ResultOf(Done, TestComponents.HostError)), host).Texts().ShouldBe(["0", "0"]);
        host.Callers.ShouldAllBe(caller => caller.Context == Flow.Context && caller.PackId == "p" && caller.FlowId == "f" && caller.NodeId == "a" && caller.ComponentId == "my.tool");
        host.Callers.Count.ShouldBe(3);
    }

    [Fact]
    public void Settings_come_as_text_or_as_bytes_and_may_be_absent()
    {
        var errors = WitType.EnumOf("not-found", "denied", "invalid-key", "internal");
        const string Settings = "greentic:runtime-config/runtime-config@1.0.0";

        Run(TestComponents.Probe(Settings, "get", [WitType.Text], 2, WitType.ResultOf(WitType.OptionOf(WitType.Text), errors)), new Granting()).Texts().ShouldBe(["0", "1"]);
        Run(TestComponents.Probe(Settings, "get", [WitType.Text], 2, WitType.ResultOf(WitType.OptionOf(Bytes), errors)), new Granting()).Texts().ShouldBe(["0", "1"]);
        Run(TestComponents.Probe(Settings, "get", [WitType.Text], 2, WitType.ResultOf(WitType.OptionOf(WitType.Text), errors))).Texts().ShouldBe(["0", "0"]);
    }

    [Fact]
    public void A_guest_cannot_make_the_host_hold_more_than_it_has_itself()
        => Run(TestComponents.Swelling(Request, Response), new Granting()).Error().ShouldBe("component my.tool failed: COMPONENT_TRAPPED: strings and byte lists of more than 268435455 bytes in one call");

    [Fact]
    public void A_secret_is_written_or_the_component_is_stopped_with_the_reason()
    {
        Run(TestComponents.Writing("token", "ghunter2"), new Granting()).Texts().ShouldBe(["\"hunter2\""]);
        Run(TestComponents.Writing("token", "ghunter2")).Error()
            .ShouldBe("component my.tool failed: COMPONENT_TRAPPED: the secret was not written: denied: no secret is granted to this component");
        Run(TestComponents.Repeating("greentic:secrets-store/secrets-store@1.1.0", "put", [WitType.Text, Bytes], 4, SecretResult, 8), new Granting()).HasFailed.ShouldBeFalse();
        Run(TestComponents.Repeating("greentic:secrets-store/secrets-store@1.1.0", "put", [WitType.Text, Bytes], 4, SecretResult, 9), new Granting()).Error()
            .ShouldContain("a component writes at most 8 secrets in one call");
    }

    [Fact]
    public void A_component_sends_a_bounded_number_of_requests_in_one_call()
    {
        var host = new Granting();
        var limits = FlowLimits.Standard with { ComponentRequests = 5 };

        Run(TestComponents.Repeating("greentic:http/http-client@1.0.0", "send", [Request, Context], 12, WitType.ResultOf(Response, TestComponents.HostError), 200), host, limits)
            .Texts().ShouldBe(["1", "0"]);
        host.Callers.Count.ShouldBe(5);
    }

    [Theory]
    [InlineData("0.4.0")]
    [InlineData("0.5.0")]
    [InlineData("0.6.0")]
    public void Nobody_asks_a_component_to_stop(string version)
        => Run(TestComponents.Probe($"greentic:component/control@{version}", "should-cancel", [], 0, WitType.Bool)).Texts().ShouldBe(["0", "0"]);

    [Fact]
    public void The_log_takes_what_it_is_given()
    {
        var span = WitType.RecordOf(("tenant", WitType.Text), ("flow-id", WitType.Text));

        Run(TestComponents.Probe("greentic:telemetry/logger-api@1.0.0", "log", [span, Pairs, Context], 9, WitType.ResultOf(Done, TestComponents.HostError))).Texts().ShouldBe(["0", "0"]);
    }

    [Fact]
    public void Interfaces_of_types_alone_need_no_host()
        => Run(TestComponents.ImportingTypes("greentic:types-core/core@0.6.0")).Texts().ShouldBe(["1"]);

    private static FlowReply Run(byte[] component, IComponentHost? host = null, FlowLimits? limits = null)
    {
        var options = new FlowOptions { Host = host ?? DenyAll.Instance, Limits = limits ?? FlowLimits.Standard, Retries = new RetryPolicy(1, TimeSpan.Zero) };
        using var runtime = FlowRuntime.Load([Flow.PackWith(component, Flow.Node("a", "my.tool", """{"op":"x","input":1}"""))], NullLogger.Instance, options).Value;
        return runtime.Handle(Flow.Message("{}"), Flow.Context, TestContext.Current.CancellationToken).Value;
    }

    private sealed class Granting : IComponentHost
    {
        public List<ComponentCaller> Callers { get; } = [];

        public async Task<HostAnswer<HostHttpResponse>> SendAsync(ComponentCaller caller, HostHttpRequest request, CancellationToken cancellationToken)
        {
            await Task.Yield();
            Callers.Add(caller);
            return new HostHttpResponse(7, [new("a", "b")], "body"u8.ToArray());
        }

        public HostAnswer<string?> ReadSetting(ComponentCaller caller, string key, CancellationToken cancellationToken) => "\"set\"";

        public HostFault? WriteSecret(ComponentCaller caller, string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) => null;

        public HostAnswer<ReadOnlyMemory<byte>> ReadSecret(ComponentCaller caller, string key, CancellationToken cancellationToken)
        {
            Callers.Add(caller);
            return new ReadOnlyMemory<byte>("secret"u8.ToArray());
        }

        public HostAnswer<ReadOnlyMemory<byte>> ReadState(ComponentCaller caller, string key, CancellationToken cancellationToken) => new ReadOnlyMemory<byte>([1]);

        public HostFault? WriteState(ComponentCaller caller, string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
        {
            Callers.Add(caller);
            return null;
        }

        public HostFault? DeleteState(ComponentCaller caller, string key, CancellationToken cancellationToken) => null;
    }
}
