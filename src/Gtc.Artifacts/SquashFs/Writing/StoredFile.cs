namespace Gtc.Artifacts.SquashFs.Writing;

/// <summary>Where a file's content is in the image being written. Filled while its blocks leave the pipeline.</summary>
internal sealed class StoredFile
{
    public long Size { get; set; }

    /// <summary>Position of the first block; 0 when there is none.</summary>
    public long Start { get; private set; }

    /// <summary>Stored sizes of the blocks in order.</summary>
    public List<uint> Blocks { get; } = [];

    /// <summary>The fragment that holds the whole file, or all ones.</summary>
    public uint Fragment { get; set; } = uint.MaxValue;

    /// <summary>Where the file starts in its fragment.</summary>
    public uint FragmentOffset { get; set; }

    public void AddBlock(long position, uint size)
    {
        if (Blocks.Count == 0)
        {
            Start = position;
        }

        Blocks.Add(size);
    }
}
