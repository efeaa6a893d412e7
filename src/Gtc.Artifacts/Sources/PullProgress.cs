namespace Gtc.Artifacts.Sources;

/// <summary>How far a transfer is. <paramref name="Bytes"/> falls back to zero when a source forces a restart.</summary>
/// <param name="Bytes">Bytes so far.</param>
/// <param name="Total">Bytes in all, when the other side said so.</param>
public readonly record struct PullProgress(long Bytes, long? Total);
