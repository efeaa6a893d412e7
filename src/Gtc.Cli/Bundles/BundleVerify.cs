using Gtc.Artifacts.Bundles;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Bundles;

/// <summary><c>gtc bundle verify</c>.</summary>
internal static class BundleVerify
{
    /// <summary>One line.</summary>
    public const string Purpose = "Check a bundle: its digest, its structure and its packs";

    /// <summary>How the cap of a pull is typed.</summary>
    public static PayloadField MaxBytes { get; } = new("max_bundle_bytes", "the most bytes that are pulled; 2 GiB when not given", "--max-bundle-bytes", "N");

    /// <summary>The verb.</summary>
    public static Verb<VerifyPayload> Verb => new()
    {
        Noun = "bundle",
        Name = "verify",
        Purpose = Purpose,
        Remark = "A remote bundle is pulled to a temporary file. Without --digest the digest is only printed: nothing says that it is the right one.",
        Examples =
        [
            "bundle verify hello.gtbundle",
            "bundle verify http://127.0.0.1:8090/bundle.gtbundle --digest sha256:c5199a710cb4433ca039e8016a940f3f24e9452e52b064d3bc58a52edf668706",
            "bundle verify oci://registry.example/checkout:1",
        ],
        Payload = BundleJson.Default.VerifyPayload,
        Fields =
        [
            new("source", "a path, or a file, http, https, oci, repo or store URI", Position: "SOURCE"),
            new("digest", "the digest that it must have", "--digest", "SHA256"),
            MaxBytes,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(VerifyPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!BundleFetch.Expected(payload.Digest).TryGet(out var expected, out var refusal))
        {
            return refusal;
        }

        if (BundleFetch.IsLocal(payload.Source))
        {
            var path = call.Context.PathOf(payload.Source);
            return (await BundleInspector.InspectAsync(path, cancellationToken)).Then(inspection => Judge(inspection, path, expected, call));
        }

        var folder = Directory.CreateTempSubdirectory("gtc-verify-").FullName;
        try
        {
            var path = Path.Combine(folder, "bundle.gtbundle");
            var pulled = await BundleFetch.ToFileAsync(payload.Source, path, expected, payload.MaxBundleBytes, call, cancellationToken);
            return pulled.TryGet(out var bundle, out refusal)
                ? (await BundleInspector.InspectAsync(path, cancellationToken)).Then(inspection => Judge(inspection, bundle.ResolvedSource, expected, call))
                : refusal;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Outcome<Answer> Judge(BundleInspection inspection, string source, Sha256Digest? expected, VerbCall call)
    {
        if (BundleFetch.Mismatch(inspection.Digest, expected, source) is { } mismatch)
        {
            return mismatch;
        }

        var unreadable = inspection.Packs.Where(pack => pack.Problem is not null).ToList();
        if (unreadable.Count > 0)
        {
            return new Refusal.MalformedArtifact($"{unreadable.Count} of {inspection.Packs.Length} packs of the bundle cannot be read, so a revision of it cannot be activated")
            {
                Details = [.. unreadable.Select(pack => new RefusalDetail(pack.Pinned.PackId, pack.Problem!.Message))],
                Next = $"gtc bundle inspect {source}",
            };
        }

        foreach (var pack in inspection.Packs.Where(pack => !pack.SbomDifferences.IsEmpty))
        {
            call.Warn($"pack {pack.Pinned.PackId} lists other content than it has: {string.Join(", ", pack.SbomDifferences)}");
        }

        var findings = BundleInspect.Findings(inspection, source) with { DigestPinned = expected is not null, Warnings = call.Warnings };
        return Answer.Of(findings, BundleJson.Default.BundleFindings, screen =>
        {
            screen.Say(expected is null ? $"{source} is a sound bundle; its digest was not compared." : $"{source} is a sound bundle and the expected one.");
            BundleInspect.Show(findings, screen);
        });
    }
}
