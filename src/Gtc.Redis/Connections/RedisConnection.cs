using System.Buffers;
using System.Net.Sockets;

namespace Gtc.Redis;

/// <summary>
/// One connection that many callers share. A call is written behind those before it and gets the reply that comes in the same order; whatever
/// waits is sent in one piece. Two loops serve it, no thread of its own.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private const int ReadSize = 16 * 1024;

    private readonly Stream _stream;
    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Queue<WaitingCall> _waiting = new();
    private readonly SemaphoreSlim _hasUnsent = new(0);
    private readonly CancellationTokenSource _ending = new();
    private readonly ITimer _sweep;
    private readonly ReplyParser _parser;
    private ArrayBufferWriter<byte> _unsent = new(ReadSize);
    private ArrayBufferWriter<byte> _sending = new(ReadSize);
    private TimeSpan _swept;
    private string? _end;

    public RedisConnection(Stream stream, RedisOptions options, TimeProvider time)
    {
        _stream = stream;
        _options = options;
        _time = time;
        _parser = new(options.Limits);
        _sweep = time.CreateTimer(static connection => ((RedisConnection)connection!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Now => _time.GetElapsedTime(0);

    /// <summary>Sends a command; its reply, or why there is none.</summary>
    public ValueTask<RedisAnswer> CallAsync(ReadOnlySpan<RedisArgument> command, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var length = 0L;
        foreach (ref readonly var argument in command)
        {
            length += argument.MaxLength;
        }

        WaitingCall call;
        lock (_gate)
        {
            if (_end is not null)
            {
                return new(RedisAnswer.Failed(RedisFailure.NotConnected, _end));
            }

            if (_waiting.Count >= _options.MaxWaiting || _unsent.WrittenCount + length > _options.MaxUnsentBytes)
            {
                return new(RedisAnswer.Failed(RedisFailure.Busy, $"{_waiting.Count} calls wait for replies and {_unsent.WrittenCount} bytes to be sent"));
            }

            call = new(Now + timeout);
            if (_waiting.Count == 0 || call.Deadline < _swept)
            {
                SweepAt(call.Deadline, timeout);
            }

            if (_unsent.WrittenCount == 0)
            {
                _hasUnsent.Release();
            }

            RedisArgument.Write(_unsent, command);
            _waiting.Enqueue(call);
        }

        call.Watch(cancellationToken);
        return new(call.Task);
    }

    /// <summary>Serves the connection until it ends.</summary>
    /// <returns>Why it ended.</returns>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token);
        var reading = GuardAsync(ReadAsync(linked.Token));
        var writing = GuardAsync(WriteAsync(linked.Token));
        End(await await Task.WhenAny(reading, writing));
        await Task.WhenAll(reading, writing);
        return _end!;
    }

    /// <summary>Ends the connection and waits until its loops have stopped.</summary>
    public async Task EndAsync(string reason, Task running)
    {
        End(reason);
        await running;
    }

    public async ValueTask DisposeAsync()
    {
        End("the client was closed");
        await _sweep.DisposeAsync();
        await _stream.DisposeAsync();
        _ending.Dispose();
        _hasUnsent.Dispose();
    }

    private static async Task<string> GuardAsync(Task loop)
    {
        try
        {
            await loop;
            return "the server closed the connection";
        }
        catch (OperationCanceledException)
        {
            return "the client was closed";
        }
        catch (RedisProtocolException error)
        {
            return $"the server broke the protocol: {error.Message}";
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            return $"the connection broke: {error.Message}";
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _hasUnsent.WaitAsync(cancellationToken);
            lock (_gate)
            {
                (_unsent, _sending) = (_sending, _unsent);
            }

            await _stream.WriteAsync(_sending.WrittenMemory, cancellationToken);
            _sending.ResetWrittenCount();
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[ReadSize];
        var kept = 0;
        while (true)
        {
            var read = await _stream.ReadAsync(buffer.AsMemory(kept), cancellationToken);
            if (read == 0)
            {
                return;
            }

            kept = Deliver(buffer.AsSpan(0, kept + read));
            if (kept == buffer.Length)
            {
                // The parser refuses what is too long, so this ends.
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    /// <summary>Hands out the replies; moves what is left to the front and says how much that is.</summary>
    private int Deliver(Span<byte> received)
    {
        ReadOnlySpan<byte> rest = received;
        while (_parser.TryRead(ref rest, out var reply))
        {
            if (reply.Kind == RedisKind.Push)
            {
                continue;
            }

            WaitingCall? call;
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out call))
                {
                    throw new RedisProtocolException("a reply came that nothing asked for");
                }
            }

            call.End(RedisAnswer.Of(reply));
        }

        rest.CopyTo(received);
        return rest.Length;
    }

    /// <summary>Ends what waits for too long, and the connection when the server hangs. Calls wait equally long, so the oldest is due first.</summary>
    private void Sweep()
    {
        lock (_gate)
        {
            if (_end is not null || !_waiting.TryPeek(out var oldest))
            {
                return;
            }

            var now = Now;
            var hangs = oldest.Deadline + _options.HangTimeout;
            if (now >= hangs)
            {
                EndInside($"no reply for {(_options.CallTimeout + _options.HangTimeout).TotalMilliseconds:0} ms: the server hangs");
                return;
            }

            var next = hangs;
            foreach (var call in _waiting)
            {
                if (call.Deadline > now)
                {
                    next = call.Deadline < next ? call.Deadline : next;
                    break;
                }

                call.End(RedisAnswer.Failed(RedisFailure.TimedOut, "no reply in time"));
            }

            SweepAt(next, next - now);
        }
    }

    private void SweepAt(TimeSpan due, TimeSpan wait)
    {
        _swept = due;

        // A millisecond more: timers may fire a little early.
        _sweep.Change(wait + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private void End(string reason)
    {
        lock (_gate)
        {
            EndInside(reason);
        }
    }

    private void EndInside(string reason)
    {
        if (_end is not null)
        {
            return;
        }

        _end = reason;
        while (_waiting.TryDequeue(out var call))
        {
            call.End(RedisAnswer.Failed(RedisFailure.Lost, reason));
        }

        // What the loops registered runs elsewhere: nothing of theirs may run inside the lock.
        _ending.CancelAfter(TimeSpan.Zero);
    }
}
