using Gtc.Artifacts.SquashFs.Reading;

namespace Gtc.Artifacts.SquashFs.Extraction;

/// <summary>Cuts the files of an image into jobs of similar size: big files by blocks, small ones by the handful.</summary>
internal sealed class ExtractionPlan
{
    private const int FilesPerJob = 256;
    private const int SmallBytesPerJob = 512 << 10;
    private const int BytesPerWorker = 256 << 10;
    private const int MaxWorkers = 16;

    private readonly List<TreeNode> _big = [];
    private readonly TreeNode[] _small;
    private readonly string _root;
    private readonly int _blockSize;

    public ExtractionPlan(IReadOnlyList<TreeNode> nodes, string root, int blockSize)
    {
        _root = root;
        _blockSize = blockSize;
        var small = new List<TreeNode>();
        foreach (var node in nodes)
        {
            if (node.Content is { } content)
            {
                (content.Blocks.Length > 0 ? _big : small).Add(node);
                Bytes += content.Size;
            }
        }

        // Neighbours in a fragment come in a row, so that it is decompressed once.
        _small = [.. small];
        Array.Sort(_small, (one, other) => Position(one).CompareTo(Position(other)));
    }

    public long Bytes { get; }

    public int Files => _big.Count + _small.Length;

    /// <summary>Threads worth starting: one per core, fewer for a small image.</summary>
    public int Workers => (int)Math.Min(Math.Min(Environment.ProcessorCount, MaxWorkers), 1 + (Bytes / BytesPerWorker) + (_small.Length / FilesPerJob));

    /// <summary>The jobs, in order; at most the latest file is open and not fully handed out.</summary>
    public IEnumerable<ExtractionJob> Jobs()
    {
        foreach (var node in _big)
        {
            var file = new FileSink(Path.Join(_root, node.Path), node.Content!, node.Mode);
            var complete = false;
            try
            {
                foreach (var run in file.Content.Runs(_blockSize, BlockReader.RunBytes))
                {
                    file.Retain();
                    yield return new ExtractionJob.Part(file, run);
                }

                if (file.Content.TailSize > 0)
                {
                    file.Retain();
                    yield return new ExtractionJob.Part(file, null);
                }

                complete = true;
            }
            finally
            {
                file.Release(complete);
            }
        }

        for (var first = 0; first < _small.Length;)
        {
            var count = CountSmall(first);
            yield return new ExtractionJob.SmallFiles(new(_small, first, count), _root);
            first += count;
        }
    }

    private int CountSmall(int first)
    {
        var bytes = 0;
        var next = first;
        while (next < _small.Length && next - first < FilesPerJob && bytes < SmallBytesPerJob)
        {
            bytes += _small[next++].Content!.TailSize;
        }

        return next - first;
    }

    private static long Position(TreeNode node) => node.Content!.Fragment?.Position ?? 0;
}
