using Gtc.Artifacts.Building;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Pack;

/// <summary><c>gtc pack build</c>.</summary>
internal static class PackBuild
{
    /// <summary>One line.</summary>
    public const string Purpose = "Build a pack from a source folder, the same bytes for the same content";

    /// <summary>The verb.</summary>
    public static Verb<PackBuildPayload> Verb => new()
    {
        Noun = "pack",
        Name = "build",
        Purpose = Purpose,
        Remark = "The folder holds pack.yaml, flows/*.ygtc, components/ID.wasm with what components/ID.json says of them, and assets/**. What does not compile is named with its file and line.",
        Examples = ["pack build samples/greeter/packs/greeter", "pack build samples/greeter/packs/greeter --output greeter.gtpack --format json"],
        Payload = PackJson.Default.PackBuildPayload,
        Fields =
        [
            new("folder", "the source folder", Position: "FOLDER"),
            new("output", "the file to write; FOLDER.gtpack in the working folder when not given", "--output", "FILE"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(PackBuildPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var folder = call.Context.PathOf(payload.Folder);
        var output = call.Context.PathOf(payload.Output ?? $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))}.gtpack");
        return (await PackBuilder.BuildAsync(folder, output, cancellationToken)).Then(pack => (Outcome<Answer>)Answer.Of(
            new PackBuilt(
                pack.Path,
                pack.Manifest.PackId,
                pack.Manifest.Version,
                pack.Length,
                pack.Digest.ToString(),
                pack.MemberCount,
                [.. pack.Manifest.Flows.Select(flow => flow.Id)],
                [.. pack.Manifest.Components.Select(component => component.Id)]),
            PackJson.Default.PackBuilt,
            screen =>
            {
                screen.Say($"Built {pack.Manifest.PackId} {pack.Manifest.Version}.");
                screen.Facts(
                    ("file", pack.Path),
                    ("size", $"{Figures.Size(pack.Length)}, {pack.MemberCount} files"),
                    ("flows", string.Join(", ", pack.Manifest.Flows.Select(flow => flow.Id))),
                    ("components", pack.Manifest.Components.IsEmpty ? null : string.Join(", ", pack.Manifest.Components.Select(component => component.Id))),
                    ("digest", pack.Digest.ToString()),
                    ("next", $"gtc flow doctor {payload.Output ?? Path.GetFileName(output)}"));
            }));
    }
}
