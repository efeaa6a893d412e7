using Gtc.Model;

namespace Gtc.Artifacts.Oci;

/// <summary>What a finished push left in the registry.</summary>
/// <param name="Reference">The pinned reference, <c>oci://registry/repository@manifest-digest</c>: fit for a bundle's source.</param>
/// <param name="ManifestDigest">The digest of the manifest. The same bundle with the same title always has the same one.</param>
/// <param name="BundleDigest">The digest of the bundle's bytes, the one that a revision pins.</param>
/// <param name="Bytes">The bundle's size.</param>
/// <param name="AlreadyThere">True when the registry had the bytes before, so that none were sent.</param>
public sealed record PushedBundle(string Reference, Sha256Digest ManifestDigest, Sha256Digest BundleDigest, long Bytes, bool AlreadyThere);
