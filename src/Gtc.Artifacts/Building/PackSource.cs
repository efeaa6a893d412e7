using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;

namespace Gtc.Artifacts.Building;

/// <summary>
/// A pack's source folder: <c>pack.yaml</c>, <c>flows/*.ygtc</c>, <c>components/&lt;id&gt;.wasm</c> with an optional
/// <c>components/&lt;id&gt;.json</c> (members of its manifest entry), and <c>assets/**</c>.
/// </summary>
internal static partial class PackSource
{
    public const string FileName = "pack.yaml";

    private const string FlowExtension = ".ygtc";
    private const string PackMode = "greentic.pack-mode.v1";
    private const long MaxMemberBytes = 256L << 20;

    /// <summary>Builds the pack of a folder.</summary>
    /// <param name="source">The folder that was scanned.</param>
    /// <param name="folder">The pack's folder in it with a final slash; empty when it is that folder itself.</param>
    public static PackContents Build(SourceFolder source, string folder)
    {
        var flows = Flows(source, folder);
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var path in source.Paths.Where(path => path.StartsWith(folder, StringComparison.Ordinal)))
        {
            var member = path[folder.Length..];
            if (member.StartsWith("assets/", StringComparison.Ordinal) || ComponentSource.IsModule(member))
            {
                files[member] = source.Read(path, MaxMemberBytes);
            }
        }

        var manifest = Describe(source, folder, flows);
        foreach (var route in StaticRoute.ReadAll(manifest).Value.Where(route => !files.Keys.Any(file => file.StartsWith($"{route.SourceRoot}/", StringComparison.Ordinal))))
        {
            throw new MalformedDocumentException($"{folder}{FileName}: {route.PublicPath} serves {route.SourceRoot}, where the pack has no file");
        }

        manifest = manifest with { Components = ComponentSource.Read(source, folder, manifest, files) };
        return new(manifest, PackWriter.Write(manifest, files), files.Count);
    }

    private static PackManifest Describe(SourceFolder source, string folder, ImmutableArray<PackFlow> flows)
    {
        var path = folder + FileName;
        var yaml = source.Read(path, YamlDocument.MaxBytes);
        var pack = YamlDocument.Parse(yaml, path).Match(document => new DocumentValue(document), refusal => throw new RefusedSource(refusal));
        try
        {
            return Describe(pack, flows);
        }
        catch (MalformedDocumentException exception)
        {
            throw new MalformedDocumentException($"{path}:{YamlPlaces.LineOf(yaml, exception.At ?? string.Empty)}: {exception.Message}");
        }
    }

    private static PackManifest Describe(DocumentValue pack, ImmutableArray<PackFlow> flows)
    {
        pack.Only("pack_id", "version", "kind", "publisher", "name", "extensions");
        var manifest = new PackManifest
        {
            PackId = Checked(pack.Required("pack_id"), PackId(), "letters, digits, dots, _ and -"),
            Version = Checked(pack.Required("version"), SemanticVersion(), "a semantic version such as 1.0.0"),
            Kind = Checked(pack.Required("kind"), Kind(), "application, provider, infrastructure or library"),
            Publisher = pack.Text("publisher"),
            Name = pack.OptionalText("name"),
            Flows = [.. flows.Select(flow => Offered(flow, flows))],
            Extensions = Extensions(pack.Optional("extensions")),
        };
        return StaticRoute.ReadAll(manifest).Then(_ => HttpRoute.ReadAll(manifest)).Match(_ => manifest, refusal => throw new MalformedDocumentException(refusal.Message, "extensions"));
    }

    private static ImmutableSortedDictionary<string, PackExtension> Extensions(DocumentValue? written)
    {
        var extensions = ImmutableSortedDictionary.CreateBuilder<string, PackExtension>(StringComparer.Ordinal);
        foreach (var (id, extension) in written?.Members() ?? [])
        {
            extension.Only("kind", "version", "inline");
            extensions[id] = new(extension.OptionalText("kind") ?? id, extension.OptionalText("version") ?? "1", extension.Required("inline").Element);
        }

        extensions[PackMode] = new(PackMode, "1", JsonElement.Parse("""{"mode":"prod"}"""u8));
        return extensions.ToImmutable();
    }

    private static string Checked(DocumentValue value, Regex rule, string expected) => rule.IsMatch(value.Text()) ? value.Text() : throw value.Wrong(expected);

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

    [GeneratedRegex(@"^[a-zA-Z0-9][a-zA-Z0-9._-]*\z")]
    private static partial Regex PackId();

    [GeneratedRegex(@"^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}([-+][a-zA-Z0-9.+-]+)?\z")]
    private static partial Regex SemanticVersion();

    [GeneratedRegex(@"^(application|provider|infrastructure|library)\z")]
    private static partial Regex Kind();
}
