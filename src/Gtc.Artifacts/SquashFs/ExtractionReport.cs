namespace Gtc.Artifacts.SquashFs;

/// <summary>What an extraction wrote.</summary>
/// <param name="Files">Regular files.</param>
/// <param name="Directories">Folders, the destination itself not counted.</param>
/// <param name="Links">Symbolic links.</param>
/// <param name="Bytes">Sum of the file sizes in bytes.</param>
public sealed record ExtractionReport(int Files, int Directories, int Links, long Bytes);
