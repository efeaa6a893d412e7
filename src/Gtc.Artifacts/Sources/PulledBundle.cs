using Gtc.Model;

namespace Gtc.Artifacts.Sources;

/// <summary>What a finished pull brought. Nothing is to be trusted before <paramref name="Digest"/> was compared with the pinned one.</summary>
/// <param name="Bytes">How many bytes were written.</param>
/// <param name="Digest">The digest of exactly those bytes.</param>
/// <param name="ResolvedSource">Where they came from, without secrets: a URL, an absolute path, or <c>oci://registry/repository@manifest-digest</c>.</param>
/// <param name="ManifestDigest">For OCI, the digest of the manifest that the reference names (an index counts as that manifest); else null.</param>
public sealed record PulledBundle(long Bytes, Sha256Digest Digest, string ResolvedSource, Sha256Digest? ManifestDigest);
