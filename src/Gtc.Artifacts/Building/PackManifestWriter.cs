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
        List(json, "flows", _manifest.Flows, new FlowManifestWriter(_components, _nodes).Flow);
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

    internal static void List<T>(Utf8JsonWriter json, string name, ImmutableArray<T> items, Action<Utf8JsonWriter, T> members)
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

    internal static void Value(Utf8JsonWriter json, string name, JsonElement? value)
    {
        if (value is { } present)
        {
            json.WritePropertyName(name);
            present.WriteTo(json);
        }
    }
}
