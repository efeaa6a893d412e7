using System.Buffers;
using Gtc.Model;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Store;

/// <summary>
/// A file of records that outlive a crash: each is appended with a length and a checksum, and is on the disk when <see cref="Append"/> returns. What a
/// power cut left of the last one is cut off when the file is opened. One process has it at a time; not thread-safe.
/// </summary>
public sealed class RecordLog : IDisposable
{
    /// <summary>The most bytes of a file that is opened: 1 GiB.</summary>
    public const int MaxBytes = 1 << 30;

    private readonly AtomicFile _atomic;
    private readonly IFileCalls _calls;
    private readonly string _path;
    private readonly SafeFileHandle _lock;
    private SafeFileHandle _file;

    private RecordLog(string path, AtomicFile atomic, SafeFileHandle held, SafeFileHandle file)
    {
        _path = path;
        _atomic = atomic;
        _calls = atomic.Calls;
        _lock = held;
        _file = file;
    }

    /// <summary>The bytes of the file.</summary>
    public long Length { get; private set; }

    /// <summary>Opens or makes a file, and reads what it holds.</summary>
    /// <param name="path">The absolute path; folders on the way are made for the owner alone.</param>
    /// <param name="random">Names temporary files.</param>
    /// <param name="read">Given each record, in the order in which they were appended. The bytes are good only during the call.</param>
    /// <returns>The log; <see cref="Refusal.Conflict"/> when another process has it; <see cref="Refusal.StoreFailed"/> when the file cannot be opened.</returns>
    public static Outcome<RecordLog> Open(string path, RandomSource random, Action<ReadOnlyMemory<byte>> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        return Open(path, new AtomicFile(random), read);
    }

    internal static Outcome<RecordLog> Open(string path, AtomicFile atomic, Action<ReadOnlyMemory<byte>> read)
    {
        SafeFileHandle? held = null;
        try
        {
            atomic.EnsureFolder(Path.GetDirectoryName(path)!);
            held = atomic.Calls.Open(path + ".lock", OpenWay.Update, AtomicFile.Private);
            if (!atomic.Calls.Lock(held, wait: false, path))
            {
                held.Dispose();
                return new Refusal.Conflict($"{path} is in use by another process");
            }

            var isNew = atomic.Calls.Status(path, followLinks: true) is null;
            var log = new RecordLog(path, atomic, held, atomic.Calls.Open(path, OpenWay.Append, AtomicFile.Private));
            if (isNew)
            {
                atomic.Calls.SyncFolder(Path.GetDirectoryName(path)!);
            }

            log.Read(read);
            return log;
        }
        catch (FileCallException error)
        {
            held?.Dispose();
            return FileRefusals.Store($"{Path.GetFileName(path)} could not be opened", error);
        }
    }

    /// <summary>Appends records with one write.</summary>
    /// <param name="records">The records; none holds a newline.</param>
    /// <param name="isSynced">Whether they must outlive a power cut; a crash of the process alone they outlive in any case.</param>
    /// <returns>Null, or why none of them can be relied on.</returns>
    public Refusal? Append(IEnumerable<ReadOnlyMemory<byte>> records, bool isSynced)
    {
        ArgumentNullException.ThrowIfNull(records);
        try
        {
            var lines = Lines(records);
            _calls.Write(_file, lines.WrittenSpan, _path);
            Length += lines.WrittenCount;
            if (isSynced)
            {
                _calls.SyncData(_file, _path);
            }

            return null;
        }
        catch (FileCallException error)
        {
            return Mended(error);
        }
    }

    /// <summary>Puts other records in place of all: at once, or not at all.</summary>
    /// <returns>Null, or why the old ones stay.</returns>
    public Refusal? Replace(IEnumerable<ReadOnlyMemory<byte>> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        try
        {
            var lines = Lines(records);
            _atomic.Replace(_path, lines.WrittenSpan, AtomicFile.Private);
            _file.Dispose();
            _file = _calls.Open(_path, OpenWay.Append, AtomicFile.Private);
            Length = lines.WrittenCount;
            return null;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"{Path.GetFileName(_path)} could not be replaced", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _lock.Dispose();
    }

    private static ArrayBufferWriter<byte> Lines(IEnumerable<ReadOnlyMemory<byte>> records)
    {
        var lines = new ArrayBufferWriter<byte>();
        foreach (var record in records)
        {
            JournalFrame.Write(lines, record.Span, sharesFlush: lines.WrittenCount > 0);
        }

        return lines;
    }

    private void Read(Action<ReadOnlyMemory<byte>> read)
    {
        var bytes = _atomic.Read(_path, MaxBytes) ?? [];
        var end = 0;
        while (JournalFrame.Read(bytes.AsSpan(end)) is { } frame)
        {
            read(bytes.AsMemory(end + frame.PayloadStart, frame.PayloadLength));
            end += frame.Length;
        }

        if (end < bytes.Length)
        {
            _calls.Truncate(_file, end, _path);
            _calls.SyncData(_file, _path);
        }

        Length = end;
    }

    /// <summary>Takes back what a failed write may have left, so that what follows can be read.</summary>
    private Refusal.StoreFailed Mended(FileCallException error)
    {
        try
        {
            Length = Math.Min(Length, _calls.Status(_file, _path).Size);
            _calls.Truncate(_file, Length, _path);
        }
        catch (FileCallException)
        {
            // The next one to open it cuts it.
        }

        return FileRefusals.Store($"{Path.GetFileName(_path)} could not be written", error);
    }
}
