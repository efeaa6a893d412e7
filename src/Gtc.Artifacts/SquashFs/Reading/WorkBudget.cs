namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>
/// Bounds the decompression work that extracted bytes do not account for: metadata blocks that are visited again and again, and
/// fragments of which only a few bytes are used. Without it a small image could buy hours of work.
/// </summary>
internal sealed class WorkBudget(long bytes)
{
    private long _spent;

    public void Charge(long count)
    {
        _spent += count;
        if (_spent > bytes)
        {
            throw ImageFault.Malformed(
                "reading its structure takes more work than its size justifies", $"at most {bytes} bytes to decompress", "more");
        }
    }
}
