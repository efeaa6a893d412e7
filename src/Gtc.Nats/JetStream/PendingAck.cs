using System.Threading.Tasks.Sources;

namespace Gtc.Nats;

/// <summary>A publish that waits for its acknowledgement. Used again and again: nothing is made for a publish when one is free.</summary>
internal sealed class PendingAck(AckPool pool) : PendingReply, IValueTaskSource<NatsResult<PublishAck>>
{
    // The awaiting code must not run on the reading loop.
    private ManualResetValueTaskSourceCore<NatsResult<PublishAck>> _core = new() { RunContinuationsAsynchronously = true };

    public ValueTask<NatsResult<PublishAck>> Task => new(this, _core.Version);

    public override void Answer(in Frame frame) => _core.SetResult(PublishAck.Read(frame));

    public override void Fail(NatsError error) => _core.SetResult(error);

    NatsResult<PublishAck> IValueTaskSource<NatsResult<PublishAck>>.GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            Unwatch();
            _core.Reset();
            pool.Return(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<NatsResult<PublishAck>>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<NatsResult<PublishAck>>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    protected override void Cancel() => _core.SetException(new OperationCanceledException(Cancelled));
}

/// <summary>Keeps what is free.</summary>
internal sealed class AckPool
{
    private const int Kept = 4096;

    private readonly Lock _gate = new();
    private readonly Stack<PendingAck> _free = new();

    public PendingAck Rent()
    {
        lock (_gate)
        {
            return _free.TryPop(out var ack) ? ack : new(this);
        }
    }

    public void Return(PendingAck ack)
    {
        lock (_gate)
        {
            if (_free.Count < Kept)
            {
                _free.Push(ack);
            }
        }
    }
}
