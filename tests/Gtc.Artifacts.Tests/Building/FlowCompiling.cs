using System.Text;
using Gtc.Artifacts.Building;
using Gtc.Artifacts.Packs;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Building;

public sealed class FlowCompiling
{
    [Theory]
    [InlineData("out", "Finish")]
    [InlineData("reply", "Reply")]
    [InlineData("null", "Finish")]
    [InlineData("[]", "Finish")]
    [InlineData("[{to: b}]", "Always b")]
    [InlineData("[{to: out}]", "Finish")]
    [InlineData("[{out: true}]", "Finish")]
    [InlineData("[{status: ok, to: b}]", "Custom")]
    [InlineData("[{status: ok, to: b}, {status: bad, to: c}]", "Branch bad=c ok=b else -")]
    [InlineData("[{status: ok, to: b}, {to: c}]", "Branch ok=b else c")]
    [InlineData("[{status: ok, to: b}, {status: bad, to: c}, {to: a}]", "Branch bad=c ok=b else a")]
    [InlineData("[{status: ok, to: b}, {to: out}]", "Branch ok=b else -")]
    [InlineData("[{to: b}, {status: ok, to: c}]", "Custom")]
    [InlineData("[{to: b}, {to: c}]", "Custom")]
    [InlineData("[{condition: 'a == \"b\"', to: b}]", "Custom")]
    [InlineData("[{condition: 'a == \"b\"', to: b}, {to: out}]", "Custom")]
    [InlineData("[{next: b}]", "Custom")]
    public void Routing_compiles_by_the_table(string routing, string expected) => Shown(Compiled(routing).Value.Nodes[0].Routing).ShouldBe(expected);

    [Theory]
    [InlineData("[{to: nowhere}]", "MissingNode")]
    [InlineData("[{next: nowhere}]", "MissingNode")]
    [InlineData("[{condition: 'a == \"b\"', to: nowhere}]", "MissingNode")]
    [InlineData("[{status: ok, to: nowhere}, {to: b}]", "MissingNode")]
    [InlineData("[{status: ok, to: b}, {to: nowhere}]", "MissingNode")]
    [InlineData("somewhere", "Routing")]
    [InlineData("{to: b}", "Routing")]
    [InlineData("[b]", "Routing")]
    [InlineData("[{goto: b}]", "Routing")]
    [InlineData("[{status: ok, to: out}, {to: b}]", "Routing")]
    [InlineData("[{status: ok, to: b}, {status: ok, to: c}]", "Routing")]
    public void Routing_that_does_not_compile_says_why(string routing, string code)
        => Compiled(routing).Refusal.ShouldBeOfType<Refusal.InvalidDocument>().Code.ShouldBe(code);

    [Theory]
    [InlineData(1, "questions: {}", "questions", null)]
    [InlineData(2, "questions: {}", "questions", null)]
    [InlineData(2, "template: x", "template", null)]
    [InlineData(1, "my.component: {}", "my.component", null)]
    [InlineData(1, "my.component: {}\n    operation: run", "my.component", "run")]
    [InlineData(2, "my.component: {}", "component.exec", "my.component")]
    [InlineData(2, "my.component: {}\n    operation: run", "component.exec", "run")]
    [InlineData(2, "emit.response: {}", "emit.response", null)]
    [InlineData(2, "component.exec: {}\n    operation: run", "component.exec", "run")]
    [InlineData(2, "flow.call: {}", "flow.call", null)]
    [InlineData(2, "mcp: {}", "mcp", null)]
    public void The_operation_key_becomes_the_component(int version, string node, string component, string? operation)
    {
        var compiled = Compile($"id: f\ntype: job\nschema_version: {version}\nnodes:\n  a:\n    {node}\n").Value.Nodes.ShouldHaveSingleItem();

        (compiled.ComponentId, compiled.Operation).ShouldBe((component, operation));
    }

    [Theory]
    [InlineData("messaging", "messaging")]
    [InlineData("event", "event")]
    [InlineData("events", "event")]
    [InlineData("component-config", "component_config")]
    [InlineData("job", "job")]
    [InlineData("http", "http")]
    public void Flow_types_have_one_kind(string type, string kind) => Compile($"id: f\ntype: {type}\n").Value.Kind.ShouldBe(kind);

    [Theory]
    [InlineData("id: f\ntype: webhook\n", "UnknownFlowType")]
    [InlineData("id: f\ntype: job\nnodes:\n  1a:\n    emit.log: {}\n", "InvalidIdentifier")]
    [InlineData("id: 'f g'\ntype: job\n", "InvalidIdentifier")]
    [InlineData("id: f\ntype: job\nnodes:\n  a:\n    routing: out\n", "Internal")]
    [InlineData("id: f\ntype: job\nnodes:\n  a:\n    emit.log: {}\n    emit.response: {}\n", "Internal")]
    [InlineData("id: f\ntype: job\nnodes:\n  a:\n    emit.log: {}\n    in_map: {x: /y}\n", "Internal")]
    [InlineData("id: f\ntype: job\nstart: b\nnodes:\n  a:\n    emit.log: {}\n", "MissingNode")]
    [InlineData("id: f\ntype: job\nentrypoints: {x: b}\nnodes:\n  a:\n    emit.log: {}\n", "MissingNode")]
    public void What_does_not_compile_has_the_code_of_the_specification(string source, string code)
    {
        var refusal = Compile(source).Refusal.ShouldBeOfType<Refusal.InvalidDocument>();

        refusal.Code.ShouldBe(code);
        refusal.Details.ShouldHaveSingleItem().Value.ShouldBe("f.ygtc");
    }

    [Theory]
    [InlineData("start: b", "b")]
    [InlineData("", "a")]
    [InlineData("entrypoints: {default: b}", "b")]
    [InlineData("start: a\nentrypoints: {default: b, other: b}", "a")]
    public void The_start_is_what_the_author_says_or_the_first_node(string head, string start)
        => Compile($"id: f\ntype: job\n{head}\nnodes:\n  a:\n    emit.log: {{}}\n  b:\n    emit.log: {{}}\n").Value.Entrypoints["default"].ShouldBe(start);

    [Fact]
    public void A_node_called_in_is_the_start_when_nothing_else_is_said()
        => Compile("id: f\ntype: job\nnodes:\n  a:\n    emit.log: {}\n  in:\n    emit.log: {}\n").Value.Entrypoints["default"].ShouldBe("in");

    [Fact]
    public void The_maps_of_a_node_are_kept()
    {
        var node = Compile("""
            id: f
            type: job
            title: T
            description: D
            tags: [default]
            parameters: {limit: 3}
            nodes:
              a:
                provider.invoke: {provider_id: p, op: send}
                in_map: {to: /entry/to}
                out_map: {id: /id}
                err_map: {code: /code}
                vars_out: {sent: /id}
                pack_alias: other
                telemetry: {span_name: s}
            """).Value.Nodes.ShouldHaveSingleItem();

        node.Input.GetRawText().ShouldBe("""
            {
              "provider_id": "p",
              "op": "send",
              "in_map": {
                "to": "/entry/to"
              }
            }
            """);
        node.Output!.Value.GetProperty("id").GetString().ShouldBe("/id");
        node.ErrorMapping!.Value.GetProperty("code").GetString().ShouldBe("/code");
        node.Variables!.Value.GetProperty("sent").GetString().ShouldBe("/id");
        node.PackAlias.ShouldBe("other");
        node.Telemetry!.Value.GetProperty("span_name").GetString().ShouldBe("s");
    }

    [Theory]
    [InlineData("id: f\n", "type is missing")]
    [InlineData("id: f\ntype: job\nnode: {}\n", "node is not a known member")]
    [InlineData("id: f\ntype: job\nschema_version: 3\n", "schema_version must be 1 or 2")]
    [InlineData("[]", "must be an object")]
    [InlineData("a: [", "is not YAML")]
    public void A_source_that_is_no_flow_says_where(string source, string message)
        => Compile(source).Refusal.ShouldBeOfType<Refusal.MalformedArtifact>().Message.ShouldContain(message);

    private static Outcome<PackFlow> Compiled(string routing) => Compile($$"""
        id: f
        type: messaging
        schema_version: 2
        nodes:
          a:
            emit.log: {}
            routing: {{routing}}
          b:
            emit.log: {}
          c:
            emit.log: {}
        """);

    private static Outcome<PackFlow> Compile(string source) => FlowCompiler.Compile(Encoding.UTF8.GetBytes(source), "f.ygtc");

    private static string Shown(FlowRouting routing) => routing switch
    {
        FlowRouting.Always always => $"Always {always.NodeId}",
        FlowRouting.Branch branch => $"Branch {string.Join(' ', branch.OnStatus.Select(status => $"{status.Key}={status.Value}"))} else {branch.Default ?? "-"}",
        _ => routing.GetType().Name,
    };
}
