using System.Runtime.InteropServices;

namespace Gtc.Cli.Output;

/// <summary>
/// Standard output or standard error, written with <c>write(2)</c>. The console's own streams load the terminal database and switch
/// the keypad of whoever watches; a file stream would keep its own position, and two programs that share a file would overwrite each other.
/// </summary>
internal sealed unsafe partial class StandardStream(int descriptor) : Stream
{
    private const string OnlyWritten = "A standard stream is only written to.";
    private const int Interrupted = 4;
    private const int TryAgain = 11;
    private const int BrokenPipe = 32;
    private bool _readerHasGone;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException(OnlyWritten);

    public override long Position
    {
        get => throw new NotSupportedException(OnlyWritten);
        set => throw new NotSupportedException(OnlyWritten);
    }

    /// <exception cref="OutputLostException">The kernel reported an error other than that the reader has gone, which is not this program's business.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty && !_readerHasGone)
        {
            fixed (byte* start = buffer)
            {
                var written = WriteTo(descriptor, start, (nuint)buffer.Length);
                if (written >= 0)
                {
                    buffer = buffer[(int)written..];
                    continue;
                }
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    break;
                case TryAgain:
                    // Whoever shares the descriptor made it non-blocking; give the reader a moment.
                    Thread.Yield();
                    break;
                case BrokenPipe:
                    _readerHasGone = true;
                    break;
                default:
                    throw new OutputLostException($"standard {(descriptor == 1 ? "output" : "error")} cannot be written: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException(OnlyWritten);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException(OnlyWritten);

    public override void SetLength(long value) => throw new NotSupportedException(OnlyWritten);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteTo(int file, byte* buffer, nuint length);
}

/// <summary>What was to be said could not be said, e.g. on a full disk.</summary>
internal sealed class OutputLostException(string message) : IOException(message);
