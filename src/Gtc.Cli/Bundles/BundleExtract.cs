using Gtc.Artifacts.SquashFs;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Bundles;

/// <summary><c>gtc bundle extract</c>.</summary>
internal static class BundleExtract
{
    /// <summary>One line.</summary>
    public const string Purpose = "Unpack a bundle file into a fresh folder";

    /// <summary>The verb.</summary>
    public static Verb<ExtractPayload> Verb => new()
    {
        Noun = "bundle",
        Name = "extract",
        Purpose = Purpose,
        Remark = "The folder appears only when everything is in it. One that exists and is not empty is refused.",
        Examples = ["bundle extract hello.gtbundle hello"],
        Payload = BundleJson.Default.ExtractPayload,
        Fields = [new("bundle", "the bundle file", Position: "BUNDLE"), new("folder", "the folder to make", Position: "FOLDER")],
        RunAsync = (payload, call, cancellationToken) => Task.FromResult(Run(payload, call, cancellationToken)),
    };

    private static Outcome<Answer> Run(ExtractPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var folder = Path.TrimEndingDirectorySeparator(call.Context.PathOf(payload.Folder));
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            return new Refusal.Conflict($"{folder} exists and is not an empty folder, so nothing is unpacked there");
        }

        var parent = Path.GetDirectoryName(folder)!;
        Directory.CreateDirectory(parent);
        var beside = Path.Combine(parent, $".{Path.GetFileName(folder)}.{call.NewUlid()}");
        Directory.CreateDirectory(beside);
        try
        {
            using var image = File.OpenHandle(call.Context.PathOf(payload.Bundle));
            var unpacked = SquashFsExtractor.Extract(image, RandomAccess.GetLength(image), beside, ExtractionLimits.Default, cancellationToken, progress: null);
            if (!unpacked.TryGet(out var report, out var refusal))
            {
                return refusal;
            }

            if (Directory.Exists(folder))
            {
                Directory.Delete(folder);
            }

            Directory.Move(beside, folder);
            return Result(folder, report);
        }
        finally
        {
            if (Directory.Exists(beside))
            {
                Directory.Delete(beside, recursive: true);
            }
        }
    }

    private static Answer Result(string folder, ExtractionReport report) => Answer.Of(
        new ExtractResult(folder, report.Files, report.Directories, report.Links, report.Bytes),
        BundleJson.Default.ExtractResult,
        screen => screen.Say($"Unpacked {report.Files} files, {Figures.Size(report.Bytes)}, into {folder}."));
}
