namespace Gtc.Nats;

/// <summary>Something that waits for one answer. Whoever takes it out of the table ends it, exactly once.</summary>
internal abstract class PendingReply
{
    private CancellationTokenRegistration _registration;
    private ReplyTable? _table;

    /// <summary>Its number while it is in the table.</summary>
    public ulong Token { get; private set; }

    /// <summary>When it is given up, in ticks of the time provider.</summary>
    public long Deadline { get; private set; }

    /// <summary>The subject that was asked, for errors that only name that; empty when it is not kept.</summary>
    public (string First, string Second) Subject { get; private set; }

    protected CancellationToken Cancelled { get; private set; }

    /// <summary>The answer came. Runs on the reading loop.</summary>
    public abstract void Answer(in Frame frame);

    /// <summary>There will be no answer.</summary>
    public abstract void Fail(NatsError error);

    internal void Placed(ReplyTable table, ulong token, long deadline, string first, string second)
    {
        _table = table;
        Token = token;
        Deadline = deadline;
        Subject = (first, second);
    }

    /// <summary>Lets a token end the wait.</summary>
    internal void Watch(CancellationToken cancellationToken)
    {
        Cancelled = cancellationToken;
        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(static pending => ((PendingReply)pending!).Abandon(), this);
        }
    }

    /// <summary>The caller gave up.</summary>
    protected abstract void Cancel();

    /// <summary>Waits for a cancellation under way, so that the object can be used again.</summary>
    internal void Unwatch()
    {
        _registration.Dispose();
        _registration = default;
    }

    private void Abandon()
    {
        if (_table!.Take(Token) == this)
        {
            Cancel();
        }
    }
}
