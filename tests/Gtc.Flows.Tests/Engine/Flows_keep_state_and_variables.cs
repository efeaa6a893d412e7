using System.Text;
using System.Text.Json;
using Gtc.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Engine;

public sealed class Flows_keep_state_and_variables : IDisposable
{
    private readonly StateInMemory _state = new(new StateLimits(64, 1000, 10, 5000));
    private readonly ComponentHost _host;

    public Flows_keep_state_and_variables() => _host = new()
    {
        State = _state,
        Secrets = new NoSecrets(),
        Http = new HttpEgress(EgressPolicy.None, EgressLimits.Standard, TimeProvider.System),
        Packs = new Dictionary<string, PackSetting>(),
        Discovered = _ => null,
    };

    public void Dispose() => _host.Http.Dispose();

    [Fact]
    public void What_is_set_is_got_by_the_next_message_and_null_removes_it()
    {
        const string Set = """{"key":"seen","value":"{{entry}}"}""";

        Run(Flow.Node("a", "state.get", """{"key":"seen","default":{"none":true}}""")).Texts().ShouldBe(["""{"none":true}"""]);
        Run(Flow.Node("a", "state.get", """{"key":"seen"}""")).Texts().ShouldBe(["null"]);
        Run(Flow.Node("a", "state.set", Set), """{"n":[1,2.50,"é"]}""").Texts().ShouldBe([Line("""{"n":[1,2.50,"é"]}""")]);
        Run(Flow.Node("a", "state.get", """{"key":"seen"}""")).Texts().ShouldBe([Line("""{"n":[1,2.50,"é"]}""")]);
        Run(Flow.Node("a", "state.set", """{"key":"seen","value":null}""")).Texts().ShouldBe(["null"]);
        Run(Flow.Node("a", "state.get", """{"key":"seen"}""")).Texts().ShouldBe(["null"]);
    }

    [Fact]
    public void What_a_component_wrote_that_is_no_json_is_a_text()
    {
        _state.Write(new StateKey("acme", "p", "f", "raw"), Encoding.UTF8.GetBytes("say \"hi\""), CancellationToken.None).ShouldBeNull();

        Run(Flow.Node("a", "state.get", """{"key":"raw"}""")).Payloads[0].GetString().ShouldBe("say \"hi\"");
    }

    [Fact]
    public void Flows_and_tenants_have_their_own()
    {
        Run(Flow.Node("a", "state.set", """{"key":"k","value":1}"""));

        Run(Flow.Node("a", "state.get", """{"key":"k"}"""), flow: "g").Texts().ShouldBe(["null"]);
        Run(Flow.Node("a", "state.get", """{"key":"k"}"""), tenant: "rival").Texts().ShouldBe(["null"]);
        Run(Flow.Node("a", "state.get", """{"key":"k"}""")).Texts().ShouldBe(["1"]);
    }

    [Theory]
    [InlineData("state.get", "{}", "state.get node `a` names no key")]
    [InlineData("state.set", """{"key":7}""", "state.set node `a` names no key")]
    [InlineData("vars.set", "7", "vars.set node `a` must be given an object of variables")]
    public void A_node_must_say_what_it_wants(string component, string mapping, string message) => Run(Flow.Node("a", component, mapping)).Error().ShouldBe(message);

    [Fact]
    public void A_store_that_refuses_is_the_flows_error()
        => Run(Flow.Node("a", "state.set", $$"""{"key":"k","value":"{{new string('x', 1000)}}"}""")).Error()
            .ShouldBe("state.set node `a` failed: internal: a value of state has 1002 bytes, the most is 1000");

    [Fact]
    public void Without_a_host_there_is_no_state()
        => Flow.Run(Flow.Node("a", "state.get", """{"key":"k"}""")).Error().ShouldBe("state.get node `a` failed: unavailable: no state store is granted to this component");

    [Fact]
    public void Variables_are_seen_by_what_follows()
    {
        var nodes = string.Join(
            ',',
            Flow.Node("a", "vars.set", """{"n":7,"who":"{{entry.text}}","gone":1}""", """{"Next":{"node_id":"b"}}"""),
            Flow.Node("b", "vars.set", """{"n":"{{vars.n}}","gone":null}""", """{"Next":{"node_id":"c"}}"""),
            Flow.Node("c", "emit.log", """{"n":"{{vars.n}}","text":"{{vars.who}} {{vars.gone}}","all":"{{vars}}"}"""));

        Run(nodes, """{"text":"Ada"}""").Texts().ShouldBe(["""{"n":7,"text":"Ada ","all":{"n":7,"who":"Ada"}}"""]);
    }

    [Fact]
    public void A_node_keeps_parts_of_its_result_in_variables()
    {
        var first = Flow.Node("a", "emit.log", """{"status":"good","list":[{"id":5}]}""", """{"Next":{"node_id":"b"}}""")
            .Replace(""","routing":""", ""","vars_out":{"id":"/result/list/0/id","said":"it went {{result.status}}"},"routing":""", StringComparison.Ordinal);
        var missing = first.Replace("/list/0/id", "/list/1/id", StringComparison.Ordinal);
        var second = Flow.Node("b", "emit.log", """["{{vars.id}}","{{vars.said}}"]""");

        Run(first + "," + second).Texts().ShouldBe(["5", "\"it went good\""]);
        Run(missing + "," + second).Error().ShouldBe("mapping path `/result/list/1/id` not found");
    }

    [Fact]
    public void A_called_flow_has_variables_of_its_own()
    {
        using var runtime = Runtime(
            Flow.Entry("f", Flow.Node("a", "vars.set", """{"n":1}""", """{"Next":{"node_id":"b"}}""") + "," + Flow.Node("b", "flow.call", """{"flow":"g"}""", """{"Next":{"node_id":"c"}}""") + ","
                + Flow.Node("c", "emit.log", """["{{prev}}","{{vars.n}}"]"""), tags: "\"default\"") + ","
            + Flow.Entry("g", Flow.Node("x", "emit.log", "\"[{{vars.n}}]\"", """{"Next":{"node_id":"y"}}""") + "," + Flow.Node("y", "vars.set", """{"n":2}""")));

        runtime.Handle(Flow.Message("{}"), Flow.Context, TestContext.Current.CancellationToken).Value.Texts().ShouldBe(["""{"n":2}""", "1"]);
    }

    private static string Line(string json) => JsonSerializer.Serialize(JsonElement.Parse(json));

    private FlowReply Run(string nodes, string entry = """{"text":"x"}""", string flow = "f", string tenant = "acme")
    {
        using var runtime = Runtime(Flow.Entry(flow, nodes));
        return runtime.Handle(Flow.Message(entry), Flow.Context with { Tenant = tenant }, TestContext.Current.CancellationToken).Value;
    }

    private FlowRuntime Runtime(string flows) => FlowRuntime.Load([Flow.Pack("p", flows)], NullLogger.Instance, new FlowOptions { Host = _host }).Value;

    private sealed class NoSecrets : IComponentSecrets
    {
        public HostAnswer<ReadOnlyMemory<byte>> Read(SecretUri secret) => new HostFault("not-found", "none");

        public Task<HostFault?> WriteAsync(SecretUri secret, ReadOnlyMemory<byte> value, ComponentCaller caller, CancellationToken cancellationToken) =>
            Task.FromResult<HostFault?>(new HostFault("denied", "none"));
    }
}
