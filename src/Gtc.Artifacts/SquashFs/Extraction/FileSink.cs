using Gtc.Artifacts.SquashFs.Reading;

namespace Gtc.Artifacts.SquashFs.Extraction;

/// <summary>
/// A file that several threads write at once. Counts who still needs it: the plan while it hands out parts, and each part in work.
/// The last one gives the file its permission bits and closes it.
/// </summary>
internal sealed class FileSink(string path, FileContent content, int mode) : IDisposable
{
    private readonly Lock _opening = new();
    private FileStream? _file;
    private int _users = 1;
    private volatile bool _abandoned;

    public FileContent Content => content;

    public void Retain() => Interlocked.Increment(ref _users);

    /// <param name="complete">False when the part failed or was never done: the file is then left as it is.</param>
    public void Release(bool complete)
    {
        if (!complete)
        {
            _abandoned = true;
        }

        if (Interlocked.Decrement(ref _users) > 0)
        {
            return;
        }

        try
        {
            if (!_abandoned)
            {
                Permissions.ApplyToFile(Open().SafeFileHandle, mode);
            }
        }
        finally
        {
            Dispose();
        }
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(Open().SafeFileHandle, bytes, offset);

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private FileStream Open()
    {
        lock (_opening)
        {
            if (_file is null)
            {
                _file = new FileStream(path, Permissions.NewFile());
                // Zeros that the image leaves out stay holes.
                RandomAccess.SetLength(_file.SafeFileHandle, content.Size);
            }

            return _file;
        }
    }
}
