using System.Collections.Immutable;
using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Bundles;

/// <summary><c>bundle-lock.json</c>: how a bundle was built (bundle-format.md §2.2). Shown to people; nothing at run time reads it.</summary>
/// <param name="BundleId">The bundle's own id.</param>
/// <param name="ToolVersion">The version of the builder.</param>
/// <param name="AppPacks">Application packs.</param>
/// <param name="ExtensionProviders">Provider packs.</param>
public sealed record BundleLock(
    string BundleId, string ToolVersion, ImmutableArray<LockedReference> AppPacks, ImmutableArray<LockedReference> ExtensionProviders)
{
    /// <summary>The member's name.</summary>
    public const string Member = "bundle-lock.json";

    /// <summary>The only format known.</summary>
    public const string Format = "bundle-lock-v1";

    /// <summary>Reads the document; at most 1 MiB.</summary>
    public static Outcome<BundleLock> Read(ReadOnlySpan<byte> json) =>
        BoundedJson.Parse(json, Member, BundleManifest.MaxBytes).Then(document => MalformedDocumentException.Guard(Member, () =>
        {
            var root = new DocumentValue(document);
            return root.Text("build_format_version") == Format
                ? new BundleLock(root.Text("bundle_id"), root.Text("tool_version"), root.List("app_packs", Reference), root.List("extension_providers", Reference))
                : throw root.Required("build_format_version").Wrong(Format);
        }));

    /// <summary>Reads the document from an unpacked bundle; null when there is none.</summary>
    public static Outcome<BundleLock?> ReadFrom(string bundleFolder) =>
        BundleFile.Read(bundleFolder, Member, BundleManifest.MaxBytes).Then<BundleLock?>(bytes =>
            bytes is null ? (BundleLock?)null : Read(bytes).Match<Outcome<BundleLock?>>(read => read, refusal => refusal));

    private static LockedReference Reference(DocumentValue reference) => new(reference.Text("reference"), reference.OptionalText("digest"));
}

/// <summary>A pack reference and the digest it had, if that was recorded.</summary>
public sealed record LockedReference(string Reference, string? Digest);
