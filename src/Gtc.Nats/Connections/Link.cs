using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;

namespace Gtc.Nats;

/// <summary>
/// One connection to one server, from log in to end. Publishers write into a pipe, one loop sends what has gathered there, another reads and hands out.
/// Neither has a thread of its own.
/// </summary>
internal sealed class Link : IAsyncDisposable
{
    /// <summary>Small segments go back to the pool when all is sent.</summary>
    private const int Segment = 32 * 1024;

    private const int MostUnanswered = 2;

    private readonly Wire _wire;
    private readonly ILinkOwner _owner;
    private readonly int _maxUnsent;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Queue<TaskCompletionSource<NatsError?>?> _pings = new();
    private readonly Pipe _out = new(new PipeOptions(
        readerScheduler: new OneWorkItem(),
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 0,
        resumeWriterThreshold: 0,
        minimumSegmentSize: Segment,
        useSynchronizationContext: false));

    private TaskCompletionSource? _drained;
    private long _unsent;
    private int _unanswered;
    private bool _isClosing;
    private volatile NatsError? _end;

    public Link(Wire wire, ServerAddress server, NatsOptions options, ILinkOwner owner)
    {
        _wire = wire;
        _owner = owner;
        _maxUnsent = options.MaxUnsentBytes;
        Server = server;
        Took(wire.Hello);
    }

    public ServerAddress Server { get; }

    public ServerHello Hello => _wire.Hello;

    public bool IsSecure => _wire.IsSecure;

    /// <summary>Why it ended, or null while it lives.</summary>
    public NatsError? End => _end;

    /// <summary>True when publishers have to wait.</summary>
    public bool IsFull => Volatile.Read(ref _unsent) > _maxUnsent;

    private bool CanWrite => _end is null && !_isClosing;

    /// <summary>Writes a message to be sent.</summary>
    /// <returns>False when the link has ended.</returns>
    public bool TryPublish(in Subject subject, ReadOnlySpan<byte> replyTo, in PublishOptions options, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (!CanWrite)
            {
                return false;
            }

            Wrote(FrameWriter.Publish(_out.Writer, subject, replyTo, options, payload));
            return true;
        }
    }

    /// <summary>Writes SUB.</summary>
    public void Subscribe(string subject, string? queue, ulong sid)
    {
        lock (_gate)
        {
            if (CanWrite)
            {
                Wrote(FrameWriter.Subscribe(_out.Writer, subject, queue, sid));
            }
        }
    }

    /// <summary>Writes UNSUB.</summary>
    public void Unsubscribe(ulong sid)
    {
        lock (_gate)
        {
            if (CanWrite)
            {
                Wrote(FrameWriter.Unsubscribe(_out.Writer, sid));
            }
        }
    }

    /// <summary>Asks the server for a sign of life; it answers when it has handled all that was sent before.</summary>
    /// <returns>Null, or why there will be no answer.</returns>
    public Task<NatsError?> PingAsync()
    {
        var answered = new TaskCompletionSource<NatsError?>(TaskCreationOptions.RunContinuationsAsynchronously);
        return Ping(answered) ? answered.Task : Task.FromResult<NatsError?>(_end ?? NatsError.Closed);
    }

    /// <summary>The regular sign of life; ends the link when two were not answered.</summary>
    public void KeepAlive()
    {
        if (Interlocked.Increment(ref _unanswered) > MostUnanswered)
        {
            Finish(new(NatsErrorKind.ConnectionLost, $"{Server} did not answer {MostUnanswered} times: the connection is dead"));
            return;
        }

        Ping(null);
    }

    /// <summary>Completes when publishers may go on.</summary>
    public Task WhenDrainedAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_end is not null || !IsFull)
            {
                return Task.CompletedTask;
            }

            _drained ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Serves the link until it ends.</summary>
    /// <returns>Why it ended.</returns>
    public async Task<NatsError> RunAsync()
    {
        var reading = GuardAsync(ReadAsync());
        var writing = GuardAsync(WriteAsync());
        Finish(await await Task.WhenAny(reading, writing));
        await Task.WhenAll(reading, writing);
        return _end!;
    }

    /// <summary>Sends what was written, then ends.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosing = true;
            _out.Writer.Complete();
        }
    }

    /// <summary>Ends at once.</summary>
    public void Finish(NatsError reason)
    {
        lock (_gate)
        {
            if (_end is not null)
            {
                return;
            }

            _end = reason;
            _drained?.TrySetResult();
            while (_pings.TryDequeue(out var ping))
            {
                ping?.TrySetResult(reason);
            }
        }

        // What the loops registered runs elsewhere: nothing of theirs may run on the caller.
        _ending.CancelAfter(TimeSpan.Zero);
    }

    public async ValueTask DisposeAsync()
    {
        Finish(NatsError.Closed);
        Close();
        await _wire.DisposeAsync();
        await _out.Reader.CompleteAsync();
        _ending.Dispose();
    }

    private async Task<NatsError> GuardAsync(Task loop)
    {
        try
        {
            await loop;
            return _isClosing ? NatsError.Closed : new(NatsErrorKind.ConnectionLost, $"{Server} closed the connection");
        }
        catch (OperationCanceledException)
        {
            return _end ?? NatsError.Closed;
        }
        catch (NatsProtocolException error)
        {
            return new(NatsErrorKind.Protocol, $"{Server} broke the protocol: {error.Message}");
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            return new(NatsErrorKind.ConnectionLost, $"the connection to {Server} broke: {error.Message}");
        }
    }

    private async Task WriteAsync()
    {
        while (true)
        {
            var read = await _out.Reader.ReadAsync(_ending.Token);
            foreach (var piece in read.Buffer)
            {
                await _wire.Stream.WriteAsync(piece, _ending.Token);
            }

            var sent = read.Buffer.Length;
            _out.Reader.AdvanceTo(read.Buffer.End);
            lock (_gate)
            {
                _unsent -= sent;
                if (_drained is not null && _unsent <= _maxUnsent / 2)
                {
                    _drained.TrySetResult();
                    _drained = null;
                }
            }

            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private async Task ReadAsync()
    {
        while (true)
        {
            var read = await _wire.Input.ReadAsync(_ending.Token);
            var rest = read.Buffer;
            while (_wire.Reader.TryRead(ref rest, out var frame))
            {
                HandOut(frame);
            }

            _wire.Input.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private void HandOut(in Frame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Message:
                _owner.Received(frame);
                break;
            case FrameKind.Ping:
                lock (_gate)
                {
                    if (CanWrite)
                    {
                        Wrote(FrameWriter.Pong(_out.Writer));
                    }
                }

                break;
            case FrameKind.Pong:
                Answered();
                break;
            case FrameKind.Hello:
                Took(NatsJson.ReadHello(frame.Text));
                _owner.Greeted(this);
                break;
            case FrameKind.Error:
                _owner.Refused(this, Encoding.UTF8.GetString(frame.Text));
                break;
        }
    }

    private void Answered()
    {
        TaskCompletionSource<NatsError?>? ping;
        lock (_gate)
        {
            if (!_pings.TryDequeue(out ping))
            {
                throw new NatsProtocolException("a PONG came that nothing asked for");
            }
        }

        Volatile.Write(ref _unanswered, 0);
        ping?.TrySetResult(null);
    }

    private bool Ping(TaskCompletionSource<NatsError?>? answered)
    {
        lock (_gate)
        {
            if (!CanWrite)
            {
                return false;
            }

            _pings.Enqueue(answered);
            Wrote(FrameWriter.Ping(_out.Writer));
            return true;
        }
    }

    private void Took(ServerHello hello)
    {
        _wire.Hello = hello;
        _wire.Reader.MaxBody = Math.Clamp(hello.MaxPayload, NatsLimits.DefaultMaxPayload, NatsLimits.GreatestMaxPayload) + NatsLimits.AddedHeaders;
    }

    /// <summary>Hands what was written to the loop that sends. The pipe never pauses its writer: publishers are held back by <see cref="IsFull"/>.</summary>
    private void Wrote(int bytes)
    {
        _unsent += bytes;
        var flushed = _out.Writer.FlushAsync(CancellationToken.None);
        Debug.Assert(flushed.IsCompletedSuccessfully, "the pipe has no threshold");
    }
}
