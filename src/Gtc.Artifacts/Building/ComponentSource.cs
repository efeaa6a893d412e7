using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;

namespace Gtc.Artifacts.Building;

/// <summary>A pack's components as authored: <c>components/&lt;id&gt;.wasm</c>, and what <c>components/&lt;id&gt;.json</c> says of it (bundle-format.md §3.3).</summary>
internal static class ComponentSource
{
    private const string Folder = "components/";
    private const string Extension = ".wasm";

    // In the order in which packs seen have them.
    private static readonly ImmutableArray<string> MemberOrder = ["version", "supports", "world", "profiles", "capabilities", "configurators", "operations", "config_schema", "resources", "dev_flows"];

    // What the author does not say is the least: no state, no HTTP, nothing of the system.
    private static readonly JsonElement Defaults = JsonElement.Parse("""
        {
          "world": "greentic:component/component@0.6.0",
          "profiles": {"default": "stateless", "supported": ["stateless"]},
          "capabilities": {"wasi": {"filesystem": {"mode": "none", "mounts": []}, "random": false, "clocks": false}, "host": {}},
          "configurators": null,
          "operations": [],
          "resources": {},
          "dev_flows": {}
        }
        """);

    /// <summary>The member that holds a component's code.</summary>
    public static string ModuleMember(string componentId) => $"{Folder}{componentId}{Extension}";

    /// <summary>Whether a member is the code of a component.</summary>
    public static bool IsModule(string member) =>
        member.StartsWith(Folder, StringComparison.Ordinal) && member.EndsWith(Extension, StringComparison.Ordinal) && member.LastIndexOf('/') == Folder.Length - 1;

    /// <summary>Reads the components among a pack's files, and adds the manifest of each to them (§3.7).</summary>
    public static ImmutableArray<PackComponent> Read(SourceFolder source, string folder, PackManifest manifest, SortedDictionary<string, byte[]> files)
    {
        var components = ImmutableArray.CreateBuilder<PackComponent>();
        foreach (var (member, content) in files.Where(file => IsModule(file.Key)).ToArray())
        {
            if (!content.AsSpan().StartsWith("\0asm"u8))
            {
                throw new MalformedDocumentException($"{folder}{member} is not WebAssembly: it does not begin with \\0asm");
            }

            var component = Read(source, folder, manifest, member[Folder.Length..^Extension.Length]);
            files[$"{Folder}{component.Id}.manifest.cbor"] = CborDocument.Write(Manifest(component), sortKeys: false);
            components.Add(component);
        }

        return components.ToImmutable();
    }

    private static PackComponent Read(SourceFolder source, string folder, PackManifest manifest, string id)
    {
        var path = $"{folder}{Folder}{id}.json";
        DocumentValue? authored = source.Contains(path)
            ? BoundedJson.Parse(source.Read(path, YamlDocument.MaxBytes), path, YamlDocument.MaxBytes).Match(json => new DocumentValue(json, path), refusal => throw new RefusedSource(refusal))
            : null;
        var definition = Definition(manifest, authored);
        var entry = new DocumentValue(definition, path);
        return new(id, entry.Text("version"), entry.OptionalText("world"), entry.List("operations", operation => operation.IsText ? operation.Text() : operation.Text("name")), definition);
    }

    private static JsonElement Definition(PackManifest manifest, DocumentValue? authored) => DocumentText.Build(json =>
    {
        var members = (authored?.Members() ?? []).ToDictionary(member => member.Key, member => member.Value.Element, StringComparer.Ordinal);
        members.Remove("id");
        members.TryAdd("version", Value(json => json.WriteStringValue(manifest.Version)));
        members.TryAdd("supports", Value(json => Texts(json, manifest.Flows.Select(flow => flow.Kind).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))));
        foreach (var member in Defaults.EnumerateObject())
        {
            members.TryAdd(member.Name, member.Value);
        }

        foreach (var (name, value) in members.OrderBy(member => MemberOrder.IndexOf(member.Key) is >= 0 and var place ? place : int.MaxValue).ThenBy(member => member.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
    });

    private static JsonElement Manifest(PackComponent component) => DocumentText.Build(json =>
    {
        json.WriteString("id", component.Id);
        foreach (var member in component.Definition.EnumerateObject())
        {
            member.WriteTo(json);
        }
    });

    private static JsonElement Value(Action<Utf8JsonWriter> write) => DocumentText.Build(json =>
    {
        json.WritePropertyName("value");
        write(json);
    }).GetProperty("value");

    private static void Texts(Utf8JsonWriter json, IEnumerable<string> texts)
    {
        json.WriteStartArray();
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
