using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;

namespace Gtc.Artifacts.Building;

/// <summary>Writes the flows of a manifest, with component and node ids as indices into its symbol tables.</summary>
internal sealed class FlowManifestWriter(ImmutableArray<string> components, ImmutableArray<string> nodes)
{
    public void Flow(Utf8JsonWriter json, PackFlow flow)
    {
        json.WriteString("id", flow.Id);
        json.WriteString("kind", flow.Kind);
        json.WriteStartObject("flow");
        json.WriteString("schema_version", "flow-v1");
        json.WriteString("id", flow.Id);
        json.WriteString("kind", flow.Kind);
        json.WriteStartObject("entrypoints");
        foreach (var (name, node) in flow.Entrypoints)
        {
            json.WriteString(name, node);
        }

        json.WriteEndObject();
        PackManifestWriter.List(json, "nodes", flow.Nodes, Node);
        json.WriteStartObject("metadata");
        Text(json, "title", flow.Title);
        Text(json, "description", flow.Description);
        json.WriteTexts("tags", []);
        json.WritePropertyName("extra");
        Object(json, flow.Extra);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteTexts("tags", flow.Tags);
        json.WriteTexts("entrypoints", flow.EntryNames);
    }

    private void Node(Utf8JsonWriter json, FlowNode node)
    {
        json.WriteNumber("id", nodes.IndexOf(node.Id));
        json.WriteStartObject("component");
        json.WriteNumber("id", components.IndexOf(node.ComponentId));
        json.WriteString("pack_alias", node.PackAlias);
        json.WriteString("operation", node.Operation);
        json.WriteEndObject();
        Mapping(json, "input", node.Input);
        Mapping(json, "output", node.Output);
        if (node.ErrorMapping is { } errors)
        {
            Mapping(json, "err_map", errors);
        }

        if (node.Variables is { } variables)
        {
            json.WritePropertyName("vars_out");
            variables.WriteTo(json);
        }

        json.WritePropertyName("routing");
        Routing(json, node.Routing);
        json.WritePropertyName("telemetry");
        if (node.Telemetry is { } telemetry)
        {
            telemetry.WriteTo(json);
        }
        else
        {
            json.WriteStartObject();
            json.WriteStartObject("attributes");
            json.WriteEndObject();
            json.WriteEndObject();
        }
    }

    private void Routing(Utf8JsonWriter json, FlowRouting routing)
    {
        switch (routing)
        {
            case FlowRouting.Finish:
                json.WriteStringValue("End");
                break;
            case FlowRouting.Reply:
                json.WriteStringValue("Reply");
                break;
            case FlowRouting.Always always:
                json.WriteStartObject();
                json.WriteStartObject("Next");
                json.WriteNumber("node_id", nodes.IndexOf(always.NodeId));
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            case FlowRouting.Branch branch:
                Branch(json, branch);
                break;
            case FlowRouting.Custom custom:
                json.WriteStartObject();
                PackManifestWriter.Value(json, "Custom", custom.Routes);
                json.WriteEndObject();
                break;
        }
    }

    private void Branch(Utf8JsonWriter json, FlowRouting.Branch branch)
    {
        json.WriteStartObject();
        json.WriteStartObject("Branch");
        json.WriteStartObject("on_status");
        foreach (var (status, node) in branch.OnStatus)
        {
            json.WriteNumber(status, nodes.IndexOf(node));
        }

        json.WriteEndObject();
        json.WritePropertyName("default");
        if (branch.Default is { } otherwise)
        {
            json.WriteNumberValue(nodes.IndexOf(otherwise));
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Mapping(Utf8JsonWriter json, string name, JsonElement? mapping)
    {
        json.WriteStartObject(name);
        json.WritePropertyName("mapping");
        Object(json, mapping);
        json.WriteEndObject();
    }

    private static void Object(Utf8JsonWriter json, JsonElement? value)
    {
        if (value is { } present)
        {
            present.WriteTo(json);
        }
        else
        {
            json.WriteStartObject();
            json.WriteEndObject();
        }
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
