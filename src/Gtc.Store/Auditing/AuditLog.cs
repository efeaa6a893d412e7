using Gtc.Model;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Store;

/// <summary>Appends chained lines to an audit log (store.md §5.1). The log has a lock of its own, so that appending inside an environment's lock cannot deadlock.</summary>
internal sealed class AuditLog(AtomicFile atomic)
{
    /// <summary>How much of the end is read to find the last line; a longer line makes it read again.</summary>
    private const int EndLength = 4 << 10;

    private readonly IFileCalls _calls = atomic.Calls;

    /// <summary>Appends one line to a log that nothing else knows, and makes it durable. Other processes may append at the same time.</summary>
    /// <exception cref="FileCallException">The line is not there.</exception>
    public void Append(string path, AuditEvent line)
    {
        var isNew = _calls.Status(path, followLinks: true) is null;
        using var file = Open(path);
        var length = EndTornLine(file, path);
        var previous = LastHash(file, length, path) ?? AuditChain.Anchor(Content(file, length, path));
        var (sealedLine, _) = AuditChain.Seal(line, previous);
        Write(file, [.. sealedLine, (byte)'\n'], path, length, isDurable: true);
        if (isNew)
        {
            _calls.SyncFolder(Path.GetDirectoryName(path)!);
        }
    }

    /// <summary>Appends lines that the journal holds already. They follow the line with the given hash; where that is not the last one, the log is caught up from the journal.</summary>
    /// <param name="path">The log.</param>
    /// <param name="lines">Complete lines.</param>
    /// <param name="follows">The hash of the line before them, or null when they begin the chain.</param>
    /// <param name="everything">All lines of the journal with their hashes, these included.</param>
    /// <returns>Null on success.</returns>
    /// <exception cref="FileCallException">They are not there.</exception>
    public Refusal? Follow(string path, IReadOnlyList<byte[]> lines, string? follows, Func<Outcome<IReadOnlyList<(string Hash, byte[] Line)>>> everything)
    {
        using var file = Open(path);
        var length = follows is null ? EndTornLine(file, path) : _calls.Status(file, path).Size;
        if (follows is not null && LastHash(file, length, path) != follows)
        {
            if (!everything().TryGet(out var all, out var refusal))
            {
                return refusal;
            }

            (length, lines) = Missing(all, Content(file, length, path));
            _calls.Truncate(file, length, path);
        }

        if (lines.Count > 0)
        {
            Write(file, [.. lines.SelectMany(line => (byte[])[.. line, (byte)'\n'])], path, length, isDurable: false);
        }

        return null;
    }

    /// <summary>What the first line of a chain names when it follows what the log holds now.</summary>
    /// <exception cref="FileCallException">The log cannot be read.</exception>
    public string Anchor(string path)
    {
        var content = atomic.Read(path, int.MaxValue) ?? [];
        return AuditChain.Anchor(content is [.., not (byte)'\n'] ? [.. content, (byte)'\n'] : content);
    }

    /// <summary>Makes durable what the log holds.</summary>
    /// <exception cref="FileCallException">It is not.</exception>
    public void Sync(string path)
    {
        using var file = Open(path);
        _calls.SyncData(file, path);
        _calls.SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>The hash of the last line, or null when it has none.</summary>
    /// <exception cref="FileCallException">The log cannot be read.</exception>
    public string? LastHash(string path)
    {
        if (_calls.Status(path, followLinks: true) is null)
        {
            return null;
        }

        using var file = _calls.Open(path, OpenWay.Read, UnixFileMode.None);
        return LastHash(file, _calls.Status(file, path).Size, path);
    }

    /// <summary>How much of a log to keep, and the lines of the journal that it lacks. What a power cut made of its end is not kept; whole lines of others are.</summary>
    private static (long Length, IReadOnlyList<byte[]> Lines) Missing(IReadOnlyList<(string Hash, byte[] Line)> all, byte[] content)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < all.Count; index++)
        {
            places[all[index].Hash] = index;
        }

        var end = content.AsSpan().LastIndexOf((byte)'\n') + 1;
        var keep = end;
        while (end > 0)
        {
            var start = content.AsSpan(0, end - 1).LastIndexOf((byte)'\n') + 1;
            var line = AuditChain.Parse(content.AsMemory(start, end - 1 - start));
            if (line is { } value && AuditChain.TextOf(value, AuditChain.HashMember) is { } hash && places.TryGetValue(hash, out var at))
            {
                return (keep, [.. all.Skip(at + 1).Select(pair => pair.Line)]);
            }

            keep = line is null && keep == end ? start : keep;
            end = start;
        }

        return (keep, [.. all.Select(pair => pair.Line)]);
    }

    private static string? HashIn(byte[] line) => AuditChain.Parse(line) is { } value ? AuditChain.TextOf(value, AuditChain.HashMember) : null;

    private SafeFileHandle Open(string path)
    {
        atomic.EnsureFolder(Path.GetDirectoryName(path)!);
        var file = _calls.Open(path, OpenWay.Append, AtomicFile.Private);
        try
        {
            _calls.Lock(file, wait: true, path);
            return file;
        }
        catch (FileCallException)
        {
            file.Dispose();
            throw;
        }
    }

    private void Write(SafeFileHandle file, byte[] bytes, string path, long length, bool isDurable)
    {
        try
        {
            _calls.Write(file, bytes, path);
            if (isDurable)
            {
                _calls.SyncData(file, path);
            }
        }
        catch (FileCallException)
        {
            TakeBack(file, length, path);
            throw;
        }
    }

    /// <summary>A writer that died in the middle of a line must not spoil the next one.</summary>
    /// <returns>The length of the log, which then ends with a line.</returns>
    private long EndTornLine(SafeFileHandle file, string path)
    {
        var length = _calls.Status(file, path).Size;
        Span<byte> last = stackalloc byte[1];
        if (length == 0 || _calls.Read(file, last, length - 1, path) != 1 || last[0] == (byte)'\n')
        {
            return length;
        }

        Write(file, [(byte)'\n'], path, length, isDurable: false);
        return length + 1;
    }

    private string? LastHash(SafeFileHandle file, long length, string path)
    {
        Span<byte> last = stackalloc byte[1];
        if (length == 0 || _calls.Read(file, last, length - 1, path) != 1 || last[0] != (byte)'\n')
        {
            return null;
        }

        for (long wanted = EndLength; ; wanted *= 4)
        {
            var start = Math.Max(0, length - wanted);
            var end = Part(file, start, (int)(length - start - 1), path);
            var line = end.AsSpan().LastIndexOf((byte)'\n');
            if (line >= 0 || start == 0)
            {
                return HashIn(end[(line + 1)..]);
            }
        }
    }

    private byte[] Content(SafeFileHandle file, long length, string path) => Part(file, 0, (int)length, path);

    private byte[] Part(SafeFileHandle file, long start, int length, string path)
    {
        var bytes = new byte[length];
        return bytes[.._calls.Read(file, bytes, start, path)];
    }

    /// <summary>Best effort: half a line is worse than none.</summary>
    private void TakeBack(SafeFileHandle file, long length, string path)
    {
        try
        {
            _calls.Truncate(file, length, path);
        }
        catch (FileCallException)
        {
            // The error that led here is the one to report; the next writer ends the torn line.
        }
    }
}
