using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gtc.Artifacts.Digests;
using Gtc.Artifacts.Packs;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Pack;

/// <summary><c>gtc pack inspect</c>.</summary>
internal static class PackInspect
{
    /// <summary>One line.</summary>
    public const string Purpose = "Show what is in a pack: flows with their nodes and routes, components, files";

    /// <summary>The verb.</summary>
    public static Verb<PackInspectPayload> Verb => new()
    {
        Noun = "pack",
        Name = "inspect",
        Purpose = Purpose,
        Examples = ["pack inspect greeter.gtpack", "pack inspect greeter.gtpack --format json"],
        Payload = PackJson.Default.PackInspectPayload,
        Fields = [new("pack", "the pack file", Position: "PACK")],
        RunAsync = (payload, call, cancellationToken) => Task.FromResult(Inspect(call.Context.PathOf(payload.Pack), cancellationToken)),
    };

    private static Outcome<Answer> Inspect(string path, CancellationToken cancellationToken)
    {
        if (!PackFile.Open(path).TryGet(out var pack, out var refusal) || !ContentDigest.OfFile(path, cancellationToken).TryGet(out var digest, out refusal))
        {
            return refusal;
        }

        using (pack)
        {
            var found = Findings(pack, path, digest);
            return Answer.Of(found, PackJson.Default.PackShown, screen => Show(found, screen));
        }
    }

    private static PackShown Findings(PackFile pack, string path, Sha256Digest digest) => new()
    {
        Path = path,
        PackId = pack.Manifest.PackId,
        Name = pack.Manifest.Name,
        Version = pack.Manifest.Version,
        Kind = pack.Manifest.Kind,
        Publisher = pack.Manifest.Publisher,
        Bytes = new FileInfo(path).Length,
        Digest = digest.ToString(),
        Flows =
        [
            .. pack.Manifest.Flows.Select(flow => new FlowShown(flow.Id, flow.Kind, flow.Title, flow.IsEntry, flow.Tags,
                [.. flow.Nodes.Select(node => new NodeShown(node.Id, Ran(node), node.Operation, RouteText.Of(node.Routing)))])),
        ],
        Components =
        [
            .. pack.Manifest.Components.Select(component => new PackComponentShown(
                component.Id,
                component.Version,
                pack.Members.FirstOrDefault(member => member.Name == $"components/{component.Id}.wasm")?.Length,
                component.Operations)),
        ],
        Files = [.. pack.Members.Select(member => new PackFileShown(member.Name, member.Length))],
    };

    private static string Ran(FlowNode node) =>
        node.ComponentId == BuiltInComponents.ComponentExec && node.Input.ValueKind == JsonValueKind.Object
            && node.Input.TryGetProperty("component", out var component) && component.ValueKind == JsonValueKind.String
                ? component.GetString()!
                : node.ComponentId;

    private static void Show(PackShown pack, Screen screen)
    {
        screen.Facts(
            ("pack", pack.Name is null ? pack.PackId : $"{pack.PackId} · {pack.Name}"),
            ("version", $"{pack.Version}, {pack.Kind}, by {pack.Publisher}"),
            ("size", $"{Figures.Size(pack.Bytes)}, {pack.Files.Length} files"),
            ("digest", pack.Digest));
        foreach (var flow in pack.Flows)
        {
            screen.Say("");
            screen.Say($"flow {flow.Id} ({flow.Kind}{(flow.IsEntry ? ", answers by default" : "")}){(flow.Title is null ? "" : $": {flow.Title}")}");
            screen.Table(new([new("node"), new("component"), new("operation", 2), new("then", 1)], [.. flow.Nodes.Select(Row)]), "  It has no nodes.");
        }

        screen.Say("");
        screen.Table(
            new([new("component"), new("version"), new("size", 1), new("operations", 2)], [.. pack.Components.Select(Row)]),
            "It has no components of its own.");
        screen.Say("");
        screen.Table(new([new("file"), new("bytes")], [.. pack.Files.Select(file => (ImmutableArray<string>)[file.Path, file.Bytes.ToString(CultureInfo.InvariantCulture)])]), "It has no files.");
    }

    private static ImmutableArray<string> Row(NodeShown node) => [node.Id, node.Component, node.Operation ?? "", node.Then];

    private static ImmutableArray<string> Row(PackComponentShown component) =>
        [component.Id, component.Version, component.Bytes is { } bytes ? Figures.Size(bytes) : "not packed", string.Join(", ", component.Operations)];
}
