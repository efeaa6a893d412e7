namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>An entry of the image, found by a scan.</summary>
internal sealed class TreeNode
{
    /// <summary>Relative path, empty for the root.</summary>
    public required string Path { get; init; }

    /// <summary>Names in the path.</summary>
    public required int Depth { get; init; }

    public required SquashFsEntryKind Kind { get; init; }

    /// <summary>Twelve permission bits.</summary>
    public required int Mode { get; init; }

    /// <summary>Where a file's bytes are.</summary>
    public FileContent? Content { get; init; }

    /// <summary>What a symbolic link says.</summary>
    public string? LinkTarget { get; init; }
}
