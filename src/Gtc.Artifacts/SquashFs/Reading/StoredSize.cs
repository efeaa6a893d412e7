namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>The size of a data block as stored: bytes in the low 24 bits, then a bit for "not compressed". 0 stands for zeros only.</summary>
internal readonly record struct StoredSize(uint Word)
{
    private const uint StoredBit = 1 << 24;

    public int Bytes => (int)(Word & (StoredBit - 1));

    public bool IsStored => (Word & StoredBit) != 0;

    public bool IsSparse => Bytes == 0;

    /// <summary>Accepts a size that a block of the image can have.</summary>
    public static StoredSize Checked(uint word, int blockSize)
    {
        var size = new StoredSize(word);
        return word < StoredBit * 2 && size.Bytes <= blockSize
            ? size
            : throw ImageFault.Malformed("a data block has a bad size", $"at most {blockSize} bytes", $"0x{word:x}");
    }
}
