using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;

namespace Gtc.Artifacts.Building;

/// <summary>Writes <c>manifest.cbor</c> in the <c>pack-v1</c> form: definite lengths, members in the order of packs seen, ids as indices into sorted symbol tables.</summary>
internal sealed class PackManifestWriter
{
    private readonly PackManifest _manifest;
    private readonly ImmutableArray<string> _components;
    private readonly ImmutableArray<string> _nodes;

    private PackManifestWriter(PackManifest manifest)
    {
        _manifest = manifest;
        _components = Table(manifest.Components.Select(component => component.Id).Concat(manifest.Flows.SelectMany(flow => flow.Nodes).Select(node => node.ComponentId)));
        _nodes = Table(manifest.Flows.SelectMany(flow => flow.Nodes).Select(node => node.Id));
    }

    public static byte[] Write(PackManifest manifest) => CborDocument.Write(DocumentText.Build(new PackManifestWriter(manifest).Manifest), sortKeys: false);

    private static ImmutableArray<string> Table(IEnumerable<string> ids) => [.. ids.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private void Manifest(Utf8JsonWriter json)
    {
        json.WriteString("schema_version", "pack-v1");
        json.WriteNumber("pack_id", 0);
        if (_manifest.Name is { } name)
        {
            json.WriteString("name", name);
        }

        json.WriteString("version", _manifest.Version);
        json.WriteString("kind", _manifest.Kind);
        json.WriteString("publisher", _manifest.Publisher);
        json.WriteStartObject("symbols");
        json.WriteTexts("component_ids", _components);
        json.WriteTexts("node_ids", _nodes);
        json.WriteTexts("capability_names", []);
        json.WriteTexts("pack_ids", [_manifest.PackId]);
        json.WriteEndObject();
        List(json, "components", _manifest.Components, Component);
        List(json, "flows", _manifest.Flows, Flow);
        json.WriteTexts("dependencies", []);
        json.WriteTexts("capabilities", []);
        json.WriteStartObject("signatures");
        json.WriteTexts("signatures", []);
        json.WriteEndObject();
        Extensions(json);
    }

    private void Extensions(Utf8JsonWriter json)
    {
        json.WriteStartObject("extensions");
        foreach (var (id, extension) in _manifest.Extensions)
        {
            json.WriteStartObject(id);
            json.WriteString("kind", extension.Kind);
            json.WriteString("version", extension.Version);
            Value(json, "inline", extension.Inline);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private void Component(Utf8JsonWriter json, PackComponent component)
    {
        json.WriteNumber("id", _components.IndexOf(component.Id));
        foreach (var member in component.Definition.EnumerateObject().Where(member => member.Name != "id"))
        {
            member.WriteTo(json);
        }
    }

    private void Flow(Utf8JsonWriter json, PackFlow flow)
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
        List(json, "nodes", flow.Nodes, Node);
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
        json.WriteNumber("id", _nodes.IndexOf(node.Id));
        json.WriteStartObject("component");
        json.WriteNumber("id", _components.IndexOf(node.ComponentId));
        json.WriteString("pack_alias", node.PackAlias);
        json.WriteString("operation", node.Operation);
        json.WriteEndObject();
        Mapping(json, "input", node.Input);
        Mapping(json, "output", node.Output);
        if (node.ErrorMapping is { } errors)
        {
            Mapping(json, "err_map", errors);
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
                json.WriteNumber("node_id", _nodes.IndexOf(always.NodeId));
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            case FlowRouting.Branch branch:
                Branch(json, branch);
                break;
            case FlowRouting.Custom custom:
                json.WriteStartObject();
                Value(json, "Custom", custom.Routes);
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
            json.WriteNumber(status, _nodes.IndexOf(node));
        }

        json.WriteEndObject();
        json.WritePropertyName("default");
        if (branch.Default is { } otherwise)
        {
            json.WriteNumberValue(_nodes.IndexOf(otherwise));
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void List<T>(Utf8JsonWriter json, string name, ImmutableArray<T> items, Action<Utf8JsonWriter, T> members)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            members(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
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

    private static void Value(Utf8JsonWriter json, string name, JsonElement? value)
    {
        if (value is { } present)
        {
            json.WritePropertyName(name);
            present.WriteTo(json);
        }
    }
}
