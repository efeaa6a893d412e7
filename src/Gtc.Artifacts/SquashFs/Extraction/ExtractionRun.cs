using Gtc.Artifacts.SquashFs.Reading;
using Gtc.Model;

namespace Gtc.Artifacts.SquashFs.Extraction;

/// <summary>Writes a checked tree: folders, then file content on all cores, then links (so that none can be written through), then folder modes.</summary>
internal sealed class ExtractionRun(ImageReader image, IReadOnlyList<TreeNode> nodes, string root, IProgress<long>? progress)
{
    private readonly ExtractionPlan _plan = new(nodes, root, image.Superblock.BlockSize);
    private readonly Lock _handingOut = new();
    private volatile Refusal? _failure;
    private long _written;

    public ExtractionReport Run(CancellationToken cancellationToken)
    {
        var folders = nodes.Where(node => node.Kind == SquashFsEntryKind.Directory).ToList();
        var links = nodes.Where(node => node.Kind == SquashFsEntryKind.Symlink).ToList();
        foreach (var folder in folders)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Permissions.CreateFolder(Path.Join(root, folder.Path));
        }

        WriteFiles(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (_failure is { } failure)
        {
            throw new ImageFault(failure);
        }

        foreach (var link in links)
        {
            File.CreateSymbolicLink(Path.Join(root, link.Path), link.LinkTarget!);
        }

        foreach (var folder in folders)
        {
            Permissions.ApplyToFolder(Path.Join(root, folder.Path), folder.Mode);
        }

        return new ExtractionReport(_plan.Files, folders.Count, links.Count, _plan.Bytes);
    }

    private void WriteFiles(CancellationToken cancellationToken)
    {
        using var jobs = _plan.Jobs().GetEnumerator();
        var workers = _plan.Workers;
        if (workers == 1)
        {
            Work(jobs, cancellationToken);
        }
        else
        {
            // Every worker drains the one list, so the work is done even if the pool grants a single thread.
            Parallel.For(0, workers, new() { MaxDegreeOfParallelism = workers }, _ => Work(jobs, cancellationToken));
        }
    }

    private void Work(IEnumerator<ExtractionJob> jobs, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = new BlockReader(image.Source, image.Superblock);
            while (_failure is null && !cancellationToken.IsCancellationRequested && Next(jobs) is { } job)
            {
                var written = Interlocked.Add(ref _written, job.Execute(reader));
                progress?.Report(written);
            }
        }
        catch (ImageFault fault)
        {
            _failure ??= fault.Refusal;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _failure ??= ImageFault.Unreadable(failure);
        }
    }

    private ExtractionJob? Next(IEnumerator<ExtractionJob> jobs)
    {
        lock (_handingOut)
        {
            return jobs.MoveNext() ? jobs.Current : null;
        }
    }
}
