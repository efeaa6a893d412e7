namespace Gtc.Nats;

/// <summary>A request that waits for a whole message.</summary>
internal sealed class PendingRequest(NatsConnection connection) : PendingReply
{
    private readonly TaskCompletionSource<NatsResult<NatsMessage>> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<NatsResult<NatsMessage>> Task => _ended.Task;

    public override void Answer(in Frame frame)
    {
        Unwatch();
        var message = new NatsMessage(frame, connection);
        _ended.TrySetResult(message.Status == 503 && message.Payload.IsEmpty ? NatsError.NoResponders : message);
    }

    public override void Fail(NatsError error)
    {
        Unwatch();
        _ended.TrySetResult(error);
    }

    protected override void Cancel() => _ended.TrySetCanceled(Cancelled);
}
