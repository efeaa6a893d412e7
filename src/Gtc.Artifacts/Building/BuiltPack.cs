using Gtc.Artifacts.Packs;
using Gtc.Model;

namespace Gtc.Artifacts.Building;

/// <summary>A pack file that was written.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Manifest">What it says about itself.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Digest">The digest of the whole file.</param>
/// <param name="MemberCount">How many files it holds.</param>
public sealed record BuiltPack(string Path, PackManifest Manifest, long Length, Sha256Digest Digest, int MemberCount);
