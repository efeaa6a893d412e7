using System.Collections.Immutable;
using Gtc.Model;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Store;

/// <summary>
/// Reads an audit log page by page as it is when this is made, without a lock: lines that are added later are not read, and a log that is pruned meanwhile is another file. A line that does not end was being written.
/// </summary>
public sealed class AuditPages : IDisposable
{
    private const int BlockBytes = 256 << 10;

    /// <summary>Longer than any line. What has no newline for so long is no line, and is given as one.</summary>
    private const int MostLine = 64 << 20;

    private readonly IFileCalls _calls;
    private readonly string _path;
    private readonly SafeFileHandle? _file;
    private readonly long _length;
    private long _offset;
    private byte[] _left = [];

    internal AuditPages(IFileCalls calls, string path)
    {
        (_calls, _path) = (calls, path);
        if (calls.Status(path, followLinks: true) is not null)
        {
            _file = calls.Open(path, OpenWay.Read, UnixFileMode.None);
            _length = calls.Status(_file, path).Size;
        }
    }

    /// <summary>Counts the lines of a log.</summary>
    internal static long Count(IFileCalls calls, string path)
    {
        using var pages = new AuditPages(calls, path);
        var lines = 0L;
        while (pages.Block() is { Length: > 0 } block)
        {
            lines += block.AsSpan().Count((byte)'\n');
        }

        return lines;
    }

    /// <summary>The next lines without newlines; none at the end.</summary>
    public Outcome<ImmutableArray<ReadOnlyMemory<byte>>> Read()
    {
        try
        {
            return Next();
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("the audit log could not be read", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private ImmutableArray<ReadOnlyMemory<byte>> Next()
    {
        var lines = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        while (lines.Count == 0 && Block() is { Length: > 0 } block)
        {
            byte[] bytes = [.. _left, .. block];
            var start = 0;
            while (bytes.AsSpan(start).IndexOf((byte)'\n') is >= 0 and var length)
            {
                lines.Add(bytes.AsMemory(start, length));
                start += length + 1;
            }

            _left = bytes[start..];
            if (_left.Length > MostLine)
            {
                lines.Add(_left);
                _left = [];
            }
        }

        return lines.ToImmutable();
    }

    private byte[] Block()
    {
        var block = new byte[(int)Math.Min(BlockBytes, _length - _offset)];
        var read = block.Length == 0 ? 0 : _calls.Read(_file!, block, _offset, _path);
        _offset += read;
        return read == block.Length ? block : block[..read];
    }
}
