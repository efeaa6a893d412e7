using Gtc.Artifacts.Packs;

namespace Gtc.Artifacts.Building;

/// <summary>A pack that was built in memory.</summary>
/// <param name="Manifest">What it says about itself.</param>
/// <param name="Archive">Its bytes.</param>
/// <param name="MemberCount">How many files it holds.</param>
internal sealed record PackContents(PackManifest Manifest, byte[] Archive, int MemberCount);
