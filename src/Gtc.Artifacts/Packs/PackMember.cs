namespace Gtc.Artifacts.Packs;

/// <summary>A file in a pack.</summary>
/// <param name="Name">Its path with <c>/</c> between segments.</param>
/// <param name="Length">Its unpacked size in bytes.</param>
public sealed record PackMember(string Name, long Length);
