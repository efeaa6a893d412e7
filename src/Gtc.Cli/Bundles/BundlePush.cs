using Gtc.Artifacts.Oci;
using Gtc.Artifacts.Sources;
using Gtc.Cli.Output;
using Gtc.Cli.Start;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Cli.Bundles;

/// <summary><c>gtc bundle push</c>.</summary>
internal static class BundlePush
{
    /// <summary>One line.</summary>
    public const string Purpose = "Push a bundle file to a registry";

    /// <summary>The verb.</summary>
    public static Verb<PushPayload> Verb => new()
    {
        Noun = "bundle",
        Name = "push",
        Purpose = Purpose,
        Remark = "Credentials come from OCI_USERNAME and OCI_PASSWORD; GREENTIC_OCI_INSECURE_REGISTRIES lists registries that speak plain HTTP.",
        Examples = ["bundle push hello.gtbundle oci://registry.example/hello:1"],
        Payload = BundleJson.Default.PushPayload,
        Fields = [new("bundle", "the bundle file", Position: "BUNDLE"), new("reference", "oci://registry/repository[:tag]", Position: "REFERENCE")],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(PushPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        using var progress = new TransferProgress("pushing", call.Context);
        var pusher = new BundlePusher(call.Context.Time, RandomNumbers.Fraction(call.Context.Random), NullLogger.Instance);
        var request = new PushRequest
        {
            Reference = payload.Reference,
            BundlePath = call.Context.PathOf(payload.Bundle),
            Options = PullOptions.FromEnvironment(call.Context.Variable),
        };
        return (await pusher.PushAsync(request, progress, cancellationToken)).Then(pushed => (Outcome<Answer>)Answer.Of(
            new PushResult(pushed.Reference, pushed.ManifestDigest.ToString(), pushed.BundleDigest.ToString(), pushed.Bytes, pushed.AlreadyThere),
            BundleJson.Default.PushResult,
            screen =>
            {
                screen.Say(pushed.AlreadyThere ? "The registry has this bundle already." : $"Pushed {Figures.Size(pushed.Bytes)}.");
                screen.Facts(
                    ("reference", pushed.Reference),
                    ("digest", pushed.BundleDigest.ToString()),
                    ("next", $"gtc op revisions stage bundle_source_uri={pushed.Reference} bundle_digest={pushed.BundleDigest}"));
            }));
    }
}
