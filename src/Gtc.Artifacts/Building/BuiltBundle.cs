using Gtc.Model;

namespace Gtc.Artifacts.Building;

/// <summary>A bundle file that was just written.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="BundleId">The bundle's own id.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Digest">SHA-256 of its bytes: what a revision pins.</param>
/// <param name="FileCount">Files in it.</param>
public sealed record BuiltBundle(string Path, string BundleId, long Length, Sha256Digest Digest, int FileCount);
