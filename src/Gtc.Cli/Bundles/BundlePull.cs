using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Bundles;

/// <summary><c>gtc bundle pull</c>.</summary>
internal static class BundlePull
{
    /// <summary>One line.</summary>
    public const string Purpose = "Pull a bundle into a file, as a worker would";

    /// <summary>The verb.</summary>
    public static Verb<PullPayload> Verb => new()
    {
        Noun = "bundle",
        Name = "pull",
        Purpose = Purpose,
        Remark = "The file appears only when it is whole and has the expected digest. One that exists is refused.",
        Examples =
        [
            "bundle pull http://127.0.0.1:8090/bundle.gtbundle bundle.gtbundle",
            "bundle pull oci://registry.example/checkout:1 checkout.gtbundle --digest sha256:c5199a710cb4433ca039e8016a940f3f24e9452e52b064d3bc58a52edf668706",
        ],
        Payload = BundleJson.Default.PullPayload,
        Fields =
        [
            new("source", "a path, or a file, http, https, oci, repo or store URI", Position: "SOURCE"),
            new("output", "the file to make", Position: "FILE"),
            new("digest", "the digest that it must have", "--digest", "SHA256"),
            BundleVerify.MaxBytes,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(PullPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var target = call.Context.PathOf(payload.Output);
        if (!BundleFetch.Expected(payload.Digest).TryGet(out var expected, out var refusal))
        {
            return refusal;
        }

        if (Path.Exists(target))
        {
            return new Refusal.Conflict($"{target} exists already");
        }

        var beside = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{call.NewUlid()}");
        try
        {
            if (!(await BundleFetch.ToFileAsync(payload.Source, beside, expected, payload.MaxBundleBytes, call, cancellationToken)).TryGet(out var pulled, out refusal))
            {
                return refusal;
            }

            File.Move(beside, target);
            var result = new PullResult(target, pulled.ResolvedSource, pulled.Bytes, pulled.Digest.ToString(), expected is not null);
            return Answer.Of(result, BundleJson.Default.PullResult, screen =>
            {
                screen.Say($"Pulled {Figures.Size(result.Bytes)} from {result.Source}.");
                screen.Facts(("file", result.Path), ("digest", $"{result.Digest}{(result.DigestPinned ? "   as expected" : "   not compared with anything")}"));
            });
        }
        finally
        {
            File.Delete(beside);
        }
    }
}
