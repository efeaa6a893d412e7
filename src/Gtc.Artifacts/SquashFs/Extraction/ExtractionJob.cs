using Gtc.Artifacts.SquashFs.Reading;

namespace Gtc.Artifacts.SquashFs.Extraction;

/// <summary>A part of the work that one thread does at a time.</summary>
internal abstract record ExtractionJob
{
    /// <summary>Does the work.</summary>
    /// <returns>Bytes of content that are now on disk.</returns>
    public abstract long Execute(BlockReader reader);

    /// <summary>Some blocks of a file, or its tail.</summary>
    /// <param name="File">The file, retained for this part.</param>
    /// <param name="Run">The blocks; null for the tail.</param>
    public sealed record Part(FileSink File, BlockRun? Run) : ExtractionJob
    {
        /// <inheritdoc/>
        public override long Execute(BlockReader reader)
        {
            var complete = false;
            try
            {
                var content = Run is { } run ? reader.Read(File.Content, run) : reader.ReadTail(File.Content);
                File.Write(content, Run?.Offset ?? File.Content.Size - content.Length);
                complete = true;
                return content.Length;
            }
            finally
            {
                File.Release(complete);
            }
        }
    }

    /// <summary>Files that have no blocks: they lie in fragments or are empty.</summary>
    public sealed record SmallFiles(ArraySegment<TreeNode> Files, string Root) : ExtractionJob
    {
        /// <inheritdoc/>
        public override long Execute(BlockReader reader)
        {
            var bytes = 0L;
            foreach (var file in Files)
            {
                using var stream = new FileStream(Path.Join(Root, file.Path), Permissions.NewFile());
                if (file.Content!.TailSize > 0)
                {
                    var content = reader.ReadTail(file.Content);
                    RandomAccess.Write(stream.SafeFileHandle, content, 0);
                    bytes += content.Length;
                }

                Permissions.ApplyToFile(stream.SafeFileHandle, file.Mode);
            }

            return bytes;
        }
    }
}
