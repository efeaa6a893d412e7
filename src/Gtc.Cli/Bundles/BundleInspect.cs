using System.Collections.Immutable;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.SquashFs;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Bundles;

/// <summary><c>gtc bundle inspect</c>.</summary>
internal static class BundleInspect
{
    /// <summary>One line.</summary>
    public const string Purpose = "Show what is in a bundle file, without unpacking it";

    /// <summary>The verb.</summary>
    public static Verb<InspectPayload> Verb => new()
    {
        Noun = "bundle",
        Name = "inspect",
        Purpose = Purpose,
        Examples = ["bundle inspect hello.gtbundle", "bundle inspect hello.gtbundle --format json"],
        Payload = BundleJson.Default.InspectPayload,
        Fields = [new("bundle", "the bundle file", Position: "BUNDLE")],
        RunAsync = RunAsync,
    };

    /// <summary>The findings of an inspection.</summary>
    public static BundleFindings Findings(BundleInspection inspection, string source) => new()
    {
        Source = source,
        Bytes = inspection.Length,
        Digest = inspection.Digest.ToString(),
        BundleId = inspection.Manifest.BundleId,
        BundleName = inspection.Manifest.BundleName,
        Compressor = inspection.Container.Compressor.ToString().ToLowerInvariant(),
        FileCount = inspection.Entries.Count(entry => entry.Kind == SquashFsEntryKind.File),
        Packs =
        [
            .. inspection.Packs.Select(pack => new PackFindings
            {
                PackId = pack.Pinned.PackId,
                Path = pack.Pinned.Path,
                Bytes = pack.Length,
                Digest = pack.Pinned.Digest.ToString(),
                ManifestId = pack.Manifest?.PackId,
                Version = pack.Manifest?.Version,
                Flows = [.. pack.Manifest?.Flows.Select(flow => flow.Id) ?? []],
                Problem = pack.Problem?.Message,
            }),
        ],
    };

    /// <summary>Prints findings for people.</summary>
    public static void Show(BundleFindings findings, Screen screen)
    {
        screen.Facts(
            ("bundle", findings.BundleName == findings.BundleId ? findings.BundleId : $"{findings.BundleId} · {findings.BundleName}"),
            ("size", $"{Figures.Size(findings.Bytes)}, {findings.FileCount} files, {findings.Compressor}"),
            ("digest", findings.Digest));
        screen.Say("");
        screen.Table(
            new(
                [new("pack"), new("version"), new("size", 3), new("flows", 2), new("digest", 4), new("readable", 1)],
                [.. findings.Packs.Select(Row)]),
            "It has no packs.");
    }

    private static async Task<Outcome<Answer>> RunAsync(InspectPayload payload, VerbCall call, CancellationToken cancellationToken) =>
        (await BundleInspector.InspectAsync(call.Context.PathOf(payload.Bundle), cancellationToken)).Then(inspection =>
        {
            var findings = Findings(inspection, inspection.Path);
            return (Outcome<Answer>)Answer.Of(findings, BundleJson.Default.BundleFindings, screen => Show(findings, screen));
        });

    private static ImmutableArray<string> Row(PackFindings pack) =>
    [
        pack.PackId,
        pack.Version ?? "",
        Figures.Size(pack.Bytes),
        string.Join(", ", pack.Flows),
        Figures.ShortDigest(pack.Digest),
        pack.Problem is null ? "yes" : "no",
    ];
}
