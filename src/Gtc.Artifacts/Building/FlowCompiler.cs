using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;
using Gtc.Model;

namespace Gtc.Artifacts.Building;

/// <summary>
/// Compiles a flow's source (<c>.ygtc</c>, flows-and-components.md §1) into what a pack carries. Refusals are
/// <see cref="Refusal.InvalidDocument"/> with one of the codes <c>UnknownFlowType</c>, <c>InvalidIdentifier</c>, <c>Routing</c>,
/// <c>MissingNode</c>, <c>Internal</c>; a source that is not YAML is a <see cref="Refusal.MalformedArtifact"/>.
/// </summary>
public static partial class FlowCompiler
{
    private static readonly JsonElement EmptyObject = JsonElement.Parse("{}"u8);

    /// <summary>Compiles one flow.</summary>
    /// <param name="yaml">The source.</param>
    /// <param name="what">Its path, for the refusal.</param>
    public static Outcome<PackFlow> Compile(ReadOnlyMemory<byte> yaml, string what) => YamlDocument.Parse(yaml, what).Then<PackFlow>(document =>
    {
        try
        {
            return Compile(new DocumentValue(document));
        }
        catch (CompileFault fault)
        {
            return fault.Refusal with { Details = [new("in", what)] };
        }
        catch (MalformedDocumentException exception)
        {
            return new Refusal.MalformedArtifact($"{what}: {exception.Message}");
        }
    });

    private static PackFlow Compile(DocumentValue flow)
    {
        flow.Only("id", "type", "title", "description", "tags", "schema_version", "start", "parameters", "entrypoints", "nodes");
        var id = flow.Text("id");
        if (!FlowId().IsMatch(id))
        {
            throw new CompileFault("InvalidIdentifier", $"the flow id `{id}` does not match {FlowId()}");
        }

        var version = flow.Optional("schema_version")?.Count() ?? 1;
        if (version is not (1 or 2))
        {
            throw flow.Required("schema_version").Wrong("1 or 2");
        }

        var sources = (flow.Optional("nodes")?.Members() ?? []).ToImmutableArray();
        var nodeIds = sources.Select(node => node.Key).ToImmutableHashSet(StringComparer.Ordinal);
        return new PackFlow
        {
            Id = id,
            Kind = Kind(flow.Text("type")),
            Title = flow.OptionalText("title"),
            Description = flow.OptionalText("description"),
            Tags = flow.Texts("tags"),
            Extra = flow.Optional("parameters") is { } parameters ? Parameters(parameters) : null,
            Entrypoints = Entrypoints(flow, sources, nodeIds),
            Nodes = [.. sources.Select(node => Node(node.Key, node.Value, version, nodeIds))],
        };
    }

    private static string Kind(string type) => type switch
    {
        "messaging" or "job" or "http" => type,
        "event" or "events" => "event",
        "component-config" => "component_config",
        _ => throw new CompileFault("UnknownFlowType", $"the flow type `{type}` is not one of messaging, event, component-config, job, http"),
    };

    private static ImmutableSortedDictionary<string, string> Entrypoints(
        DocumentValue flow, ImmutableArray<KeyValuePair<string, DocumentValue>> nodes, ImmutableHashSet<string> nodeIds)
    {
        var named = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, node) in flow.Optional("entrypoints")?.Members() ?? [])
        {
            named[name] = node.Text();
        }

        if (flow.OptionalText("start") is { } start)
        {
            named["default"] = start;
        }
        else if (!nodes.IsEmpty && !named.ContainsKey("default"))
        {
            named["default"] = nodeIds.Contains("in") ? "in" : nodes[0].Key;
        }

        foreach (var (name, node) in named)
        {
            if (!nodeIds.Contains(node))
            {
                throw new CompileFault("MissingNode", $"the entry point `{name}` names node `{node}`, which the flow does not have");
            }
        }

        return named.ToImmutable();
    }

    private static FlowNode Node(string id, DocumentValue node, int version, ImmutableHashSet<string> nodeIds)
    {
        if (!NodeId().IsMatch(id))
        {
            throw new CompileFault("InvalidIdentifier", $"the node id `{id}` does not match {NodeId()}");
        }

        var keys = node.Members().Select(member => member.Key)
            .Where(key => key is not ("routing" or "in_map" or "out_map" or "output" or "err_map" or "vars_out" or "telemetry" or "pack_alias" or "operation"))
            .ToArray();
        if (keys.Length != 1)
        {
            throw new CompileFault("Internal", keys.Length == 0
                ? $"node `{id}`: missing operation key"
                : $"node `{id}`: one operation key is expected, found {string.Join(", ", keys)}");
        }

        var operation = node.OptionalText("operation");
        var isLiteral = version < 2 || keys[0] is "questions" or "template" || BuiltInComponents.Contains(keys[0]);
        return new FlowNode
        {
            Id = id,
            ComponentId = isLiteral ? keys[0] : BuiltInComponents.ComponentExec,
            Operation = isLiteral ? operation : operation ?? keys[0],
            PackAlias = node.OptionalText("pack_alias"),
            Input = Input(id, keys[0], node),
            Output = (node.Optional("out_map") ?? node.Optional("output"))?.Element ?? EmptyObject,
            ErrorMapping = node.Optional("err_map")?.Element,
            Variables = node.Optional("vars_out")?.Element,
            Telemetry = node.Optional("telemetry")?.Element,
            Routing = RoutingCompiler.Compile(id, node.Optional("routing"), nodeIds),
        };
    }

    // Only provider.invoke maps its input twice; it finds the second map inside its body.
    private static JsonElement Input(string id, string key, DocumentValue node)
    {
        var body = node.Element.GetProperty(key);
        if (node.Optional("in_map") is not { } map)
        {
            return body;
        }

        if (key != BuiltInComponents.ProviderInvoke || body.ValueKind != JsonValueKind.Object)
        {
            throw new CompileFault("Internal", $"node `{id}`: in_map belongs to {BuiltInComponents.ProviderInvoke} alone");
        }

        return DocumentText.Build(json =>
        {
            foreach (var member in body.EnumerateObject().Where(member => member.Name != "in_map"))
            {
                member.WriteTo(json);
            }

            json.WritePropertyName("in_map");
            map.Element.WriteTo(json);
        });
    }

    private static JsonElement Parameters(DocumentValue parameters) => parameters.IsObject
        ? DocumentText.Build(json =>
        {
            json.WritePropertyName("parameters");
            parameters.Element.WriteTo(json);
        })
        : throw parameters.Wrong("an object");

    [GeneratedRegex(@"^[a-zA-Z_][a-zA-Z0-9_.-]*\z")]
    private static partial Regex FlowId();

    [GeneratedRegex(@"^[a-zA-Z_][a-zA-Z0-9_-]*\z")]
    private static partial Regex NodeId();
}
