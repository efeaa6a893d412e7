using Gtc.Artifacts.SquashFs.Extraction;
using Gtc.Artifacts.SquashFs.Reading;
using Gtc.Model;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Artifacts.SquashFs;

/// <summary>Unpacks a SquashFS 4.0 image into a fresh folder, and never writes outside it.</summary>
public static class SquashFsExtractor
{
    /// <summary>
    /// Unpacks the whole image. Names, sizes, links and limits are checked before the first write; blocks are decompressed on every
    /// core. Permission bits are applied without setuid, setgid and sticky, and the owner can always read and write; owners, times
    /// and extended attributes are not. On a refusal the destination may hold a part of the tree and must be discarded.
    /// </summary>
    /// <param name="image">An open, seekable file; stays open and belongs to the caller.</param>
    /// <param name="length">Bytes of the image, trailing padding included.</param>
    /// <param name="destination">An existing empty folder. Its own mode stays as it is.</param>
    /// <param name="limits">What the image may cost.</param>
    /// <param name="cancellationToken">Stops between two blocks.</param>
    /// <param name="progress">Receives the bytes written so far, from any thread.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Outcome<ExtractionReport> Extract(
        SafeFileHandle image, long length, string destination, ExtractionLimits limits, CancellationToken cancellationToken, IProgress<long>? progress)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentException.ThrowIfNullOrEmpty(destination);
        ArgumentNullException.ThrowIfNull(limits);
        return ImageFault.Guard(() =>
        {
            var folder = Path.GetFullPath(destination);
            if (!Directory.Exists(folder) || Directory.EnumerateFileSystemEntries(folder).Any())
            {
                throw new ImageFault(new Refusal.Conflict($"\"{folder}\" is not an empty folder, so nothing is unpacked there"));
            }

            using var reader = new ImageReader(new ImageSource(image, length), limits);
            var nodes = new TreeScan(reader, limits).Run();
            ExtractionRules.Check(nodes);
            return new ExtractionRun(reader, nodes, folder, progress).Run(cancellationToken);
        });
    }
}
