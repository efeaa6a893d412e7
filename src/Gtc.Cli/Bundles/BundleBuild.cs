using Gtc.Artifacts.Building;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Bundles;

/// <summary><c>gtc bundle build</c>.</summary>
internal static class BundleBuild
{
    /// <summary>One line.</summary>
    public const string Purpose = "Build a bundle from a source folder, the same bytes for the same content";

    /// <summary>The verb.</summary>
    public static Verb<BuildPayload> Verb => new()
    {
        Noun = "bundle",
        Name = "build",
        Purpose = Purpose,
        Remark = "The folder holds bundle.yaml and packs/NAME/ with pack.yaml and flows.",
        Examples = ["bundle build samples/hello-worker", "bundle build samples/hello-worker --output hello.gtbundle"],
        Payload = BundleJson.Default.BuildPayload,
        Fields =
        [
            new("folder", "the source folder", Position: "FOLDER"),
            new("output", "the file to write; FOLDER.gtbundle in the working folder when not given", "--output", "FILE"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(BuildPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var folder = call.Context.PathOf(payload.Folder);
        var output = call.Context.PathOf(payload.Output ?? $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))}.gtbundle");
        var built = await BundleBuilder.BuildAsync(folder, output, GtcCommandLine.Version, cancellationToken);
        return built.Then(bundle => (Outcome<Answer>)Answer.Of(
            new BuildResult(bundle.Path, bundle.BundleId, bundle.Length, bundle.Digest.ToString(), bundle.FileCount),
            BundleJson.Default.BuildResult,
            screen =>
            {
                screen.Say($"Built {bundle.BundleId}.");
                screen.Facts(
                    ("file", bundle.Path),
                    ("size", $"{Figures.Size(bundle.Length)}, {bundle.FileCount} files"),
                    ("digest", bundle.Digest.ToString()),
                    ("next", $"gtc op revisions stage bundle_path={bundle.Path}"));
            }));
    }
}
