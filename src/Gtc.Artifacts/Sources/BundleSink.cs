using System.IO.Pipelines;
using System.Security.Cryptography;
using Gtc.Model;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Artifacts.Sources;

/// <summary>
/// Takes bytes in order, hashes them and writes them to a file. Both happen behind a bounded pipe, on another thread than the one that
/// receives, so that network, hash and disk overlap. The hash runs on across a resumed transfer.
/// </summary>
internal sealed class BundleSink : IAsyncDisposable
{
    private const int SegmentBytes = 256 * 1024;
    private const int SmallestRoom = 16 * 1024;

    private readonly SafeFileHandle _file;
    private readonly long _maxBytes;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Pipe _pipe = new(new PipeOptions(
        pauseWriterThreshold: 8 * SegmentBytes, resumeWriterThreshold: 4 * SegmentBytes, minimumSegmentSize: SegmentBytes, useSynchronizationContext: false));

    private Task _drain;
    private FetchException? _failure;

    public BundleSink(SafeFileHandle file, long maxBytes)
    {
        _file = file;
        _maxBytes = maxBytes;
        _drain = Task.Run(DrainAsync);
    }

    /// <summary>Bytes accepted since the last restart.</summary>
    public long Length { get; private set; }

    /// <summary>Room for the next bytes; follow with <see cref="AdvanceAsync"/>.</summary>
    public Memory<byte> Room => _pipe.Writer.GetMemory(SmallestRoom);

    /// <summary>Refuses a length that is known beforehand to be too great.</summary>
    public void Admit(long total)
    {
        if (total > _maxBytes)
        {
            throw TooLarge($"{total:N0} bytes are announced");
        }
    }

    /// <summary>Accepts the first bytes of <see cref="Room"/>; waits while hash and disk are behind.</summary>
    /// <exception cref="FetchException">The file cannot be written, or the bytes exceed the limit.</exception>
    public async ValueTask AdvanceAsync(int count, CancellationToken cancellationToken)
    {
        if (Length + count > _maxBytes)
        {
            throw TooLarge("more arrived");
        }

        _pipe.Writer.Advance(count);
        Length += count;
        var flushed = await _pipe.Writer.FlushAsync(cancellationToken);
        if (flushed.IsCompleted)
        {
            await _drain;
            throw _failure!;
        }
    }

    /// <summary>Forgets everything and begins at the first byte again.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        _pipe.Reset();
        _hash.GetHashAndReset();
        Length = 0;
        try
        {
            RandomAccess.SetLength(_file, 0);
        }
        catch (IOException exception)
        {
            throw CannotWrite(exception);
        }

        _drain = Task.Run(DrainAsync);
    }

    /// <summary>Waits until all accepted bytes are in the file.</summary>
    /// <returns>Their digest.</returns>
    /// <exception cref="FetchException">The file cannot be written.</exception>
    public async Task<Sha256Digest> FinishAsync()
    {
        await StopAsync();
        return Sha256Digest.FromBytes(_hash.GetHashAndReset());
    }

    public async ValueTask DisposeAsync()
    {
        await _pipe.Writer.CompleteAsync();
        await _drain;
        _hash.Dispose();
    }

    private async Task StopAsync()
    {
        await _pipe.Writer.CompleteAsync();
        await _drain;
        if (_failure is not null)
        {
            throw _failure;
        }
    }

    private async Task DrainAsync()
    {
        var offset = 0L;
        try
        {
            while (true)
            {
                var read = await _pipe.Reader.ReadAsync();
                foreach (var segment in read.Buffer)
                {
                    _hash.AppendData(segment.Span);
                    RandomAccess.Write(_file, segment.Span, offset);
                    offset += segment.Length;
                }

                _pipe.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _failure = CannotWrite(exception);
        }

        await _pipe.Reader.CompleteAsync();
    }

    private static FetchException CannotWrite(Exception exception) => new(exception.Message)
    {
        Refusal = new Refusal.FileFailed("the fetched bytes cannot be written")
        {
            Details = [new("cause", exception.Message)],
            Next = "df -h",
        },
    };

    private FetchException TooLarge(string found) => new($"the bundle is larger than allowed: at most {_maxBytes:N0} bytes, {found}")
    {
        Next = "raise --max-bundle-bytes if the bundle is meant to be that large",
    };
}
