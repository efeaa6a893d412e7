using Gtc.Model;

namespace Gtc.Artifacts.Sources;

/// <summary>A bundle on this machine.</summary>
internal static class LocalSource
{
    private const long ProgressStep = 1 << 20;

    public static async Task<Outcome<PulledBundle>> CopyAsync(
        string path, BundleSink sink, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        if (!RegularFile.Open(path).TryGet(out var file, out var refusal))
        {
            return refusal;
        }

        using (file)
        {
            try
            {
                sink.Admit(file.Stamp.Size);
                await CopyAsync(file, sink, progress, cancellationToken);
                return new PulledBundle(sink.Length, await sink.FinishAsync(), path, ManifestDigest: null);
            }
            catch (FetchException failure)
            {
                return failure.Refusal ?? new Refusal.FetchFailed($"{path} could not be copied: {failure.Message}") { Next = failure.Next };
            }
            catch (IOException exception)
            {
                return new Refusal.FileFailed($"{path} cannot be read: {exception.Message}");
            }
        }
    }

    private static async Task CopyAsync(RegularFile file, BundleSink sink, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        var reported = 0L;
        while (true)
        {
            var count = await RandomAccess.ReadAsync(file.Handle, sink.Room, sink.Length, cancellationToken);
            if (count > 0)
            {
                await sink.AdvanceAsync(count, cancellationToken);
            }

            if (count == 0 || sink.Length - reported >= ProgressStep)
            {
                reported = sink.Length;
                progress?.Report(new(reported, file.Stamp.Size));
            }

            if (count == 0)
            {
                return;
            }
        }
    }
}
