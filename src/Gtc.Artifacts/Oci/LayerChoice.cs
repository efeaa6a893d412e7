using System.Collections.Immutable;
using Gtc.Artifacts.Sources;

namespace Gtc.Artifacts.Oci;

/// <summary>Which layer of a manifest is the bundle (worker-runtime.md §6.2).</summary>
internal static class LayerChoice
{
    /// <summary>The type under which bundles are pushed.</summary>
    public const string BundleLayer = "application/octet-stream";

    private static readonly ImmutableArray<string> Preferred =
    [
        "application/vnd.greentic.pack+json",
        "application/vnd.greentic.gtpack.v1+zip",
        "application/vnd.greentic.gtpack+zip",
        "application/vnd.greentic.pack+zip",
        "text/markdown",
    ];

    private static readonly ImmutableArray<string> AlsoAccepted =
    [
        "application/vnd.greentic.gtpack.layer.v1+tar",
        BundleLayer,
        "application/json",
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.oci.image.layer.v1.tar+zstd",
    ];

    private static readonly ImmutableArray<string> AcceptedEndings = ["+tar", "+tar+gzip", "+tar+zstd"];

    /// <summary>The layer of the most preferred type; the first one when no type is preferred.</summary>
    /// <exception cref="FetchException">There are no layers, or the chosen one is of a type that is not accepted.</exception>
    public static OciDescriptor Choose(ImmutableArray<OciDescriptor> layers)
    {
        if (layers.IsEmpty)
        {
            throw new FetchException("the manifest has no layers") { Code = OciErrors.MissingLayers };
        }

        var chosen = layers.MinBy(static layer => Rank(layer.MediaType))!;
        return IsAccepted(chosen.MediaType)
            ? chosen
            : throw new FetchException($"a layer of type `{Failures.Clean(chosen.MediaType)}` is not accepted");
    }

    // MinBy keeps the first of equals, so without a preferred type the first layer wins.
    private static int Rank(string mediaType) =>
        Preferred.IndexOf(mediaType, StringComparer.OrdinalIgnoreCase) is >= 0 and var rank ? rank : Preferred.Length;

    private static bool IsAccepted(string mediaType) =>
        Preferred.Contains(mediaType, StringComparer.OrdinalIgnoreCase)
        || AlsoAccepted.Contains(mediaType, StringComparer.OrdinalIgnoreCase)
        || AcceptedEndings.Any(ending => mediaType.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}
