using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;
using Gtc.Model;

namespace Gtc.Artifacts.Building;

/// <summary>
/// A pack's source folder, <c>packs/&lt;name&gt;/</c>: <c>pack.yaml</c>, <c>flows/*.ygtc</c>, <c>components/&lt;id&gt;.wasm</c> with an
/// optional <c>components/&lt;id&gt;.json</c> (members of its manifest entry), and <c>assets/**</c>.
/// </summary>
internal static class PackSource
{
    public const string FileName = "pack.yaml";

    private const string FlowExtension = ".ygtc";
    private const string ModuleExtension = ".wasm";
    private const string PackMode = "greentic.pack-mode.v1";
    private const long MaxMemberBytes = 256L << 20;

    public static string ComponentMember(string componentId) => $"components/{componentId}{ModuleExtension}";

    /// <summary>Builds the pack of a folder.</summary>
    /// <param name="source">The bundle's source.</param>
    /// <param name="folder">The pack's folder, with a final slash.</param>
    public static byte[] Build(SourceFolder source, string folder)
    {
        var flows = Flows(source, folder);
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var path in source.Paths.Where(path => path.StartsWith(folder, StringComparison.Ordinal)))
        {
            var member = path[folder.Length..];
            if (member.StartsWith("assets/", StringComparison.Ordinal) || IsModule(member))
            {
                files[member] = source.Read(path, MaxMemberBytes);
            }
        }

        var manifest = Describe(source, folder, flows);
        return PackWriter.Write(manifest with { Components = Components(source, folder, manifest, files.Keys) }, files);
    }

    private static PackManifest Describe(SourceFolder source, string folder, ImmutableArray<PackFlow> flows)
    {
        var path = folder + FileName;
        var pack = Yaml(source, path);
        pack.Only("pack_id", "version", "kind", "publisher", "name");
        var kind = pack.Text("kind");
        return new PackManifest
        {
            PackId = pack.Text("pack_id"),
            Version = pack.Text("version"),
            Kind = kind is "application" or "provider" or "infrastructure" or "library" ? kind : throw pack.Required("kind").Wrong("application, provider, infrastructure or library"),
            Publisher = pack.Text("publisher"),
            Name = pack.OptionalText("name"),
            Flows = [.. flows.Select(flow => Offered(flow, flows))],
            Extensions = ImmutableSortedDictionary.Create<string, PackExtension>(StringComparer.Ordinal)
                .Add(PackMode, new(PackMode, "1", JsonElement.Parse("""{"mode":"prod"}"""u8))),
        };
    }

    // A pack offers a flow by default when it is tagged so, or when there is no other of its kind.
    private static PackFlow Offered(PackFlow flow, ImmutableArray<PackFlow> all)
    {
        var isOnly = !flow.IsInternal && all.Count(other => other.Kind == flow.Kind && !other.IsInternal) == 1;
        return flow with { EntryNames = isOnly || flow.Tags.Contains("default") ? ["default"] : [] };
    }

    private static ImmutableArray<PackFlow> Flows(SourceFolder source, string folder)
    {
        var flows = ImmutableArray.CreateBuilder<PackFlow>();
        var prefix = folder + "flows/";
        foreach (var path in source.Paths.Where(path => path.StartsWith(prefix, StringComparison.Ordinal) && path.EndsWith(FlowExtension, StringComparison.Ordinal)))
        {
            if (!FlowCompiler.Compile(source.Read(path, YamlDocument.MaxBytes), path).TryGet(out var flow, out var refusal))
            {
                throw new RefusedSource(refusal);
            }

            if (flows.Any(other => other.Id == flow.Id))
            {
                throw new MalformedDocumentException($"{path}: the flow id {flow.Id} is taken by another flow of the pack");
            }

            flows.Add(flow);
        }

        return flows.ToImmutable();
    }

    private static ImmutableArray<PackComponent> Components(SourceFolder source, string folder, PackManifest manifest, IEnumerable<string> members)
    {
        var components = ImmutableArray.CreateBuilder<PackComponent>();
        foreach (var member in members.Where(IsModule))
        {
            var id = member["components/".Length..^ModuleExtension.Length];
            var path = $"{folder}components/{id}.json";
            var authored = source.Contains(path)
                ? BoundedJson.Parse(source.Read(path, YamlDocument.MaxBytes), path, YamlDocument.MaxBytes).Match(json => json, refusal => throw new RefusedSource(refusal))
                : (JsonElement?)null;
            components.Add(Component(id, manifest, authored, path));
        }

        return components.ToImmutable();
    }

    private static PackComponent Component(string id, PackManifest manifest, JsonElement? authored, string path)
    {
        var definition = Definition(manifest, authored is { } json ? new DocumentValue(json) : null);
        var entry = new DocumentValue(definition, path);
        return new(id, entry.Text("version"), entry.OptionalText("world"), [], definition);
    }

    private static JsonElement Definition(PackManifest manifest, DocumentValue? authored) => DocumentText.Build(json =>
    {
        var members = (authored?.Members() ?? []).ToDictionary(member => member.Key, member => member.Value.Element, StringComparer.Ordinal);
        if (!members.ContainsKey("version"))
        {
            json.WriteString("version", manifest.Version);
        }

        if (!members.ContainsKey("supports"))
        {
            json.WriteTexts("supports", manifest.Flows.Select(flow => flow.Kind).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        }

        foreach (var (name, value) in members.Where(member => member.Key != "id").OrderBy(member => member.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
    });

    private static DocumentValue Yaml(SourceFolder source, string path) =>
        YamlDocument.Parse(source.Read(path, YamlDocument.MaxBytes), path).Match(document => new DocumentValue(document), refusal => throw new RefusedSource(refusal));

    private static bool IsModule(string member) =>
        member.StartsWith("components/", StringComparison.Ordinal) && member.EndsWith(ModuleExtension, StringComparison.Ordinal)
        && member.LastIndexOf('/') == "components".Length;
}
