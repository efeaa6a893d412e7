using System.Globalization;
using System.Threading.Channels;

namespace Gtc.Nats;

/// <summary>
/// One consumer on the server and what came from it, until something is missing: then the queue ends and the reader makes another, under another name
/// and inbox, so that stragglers of this one reach nobody.
/// </summary>
internal sealed class Delivery : IFrameSink, IDisposable
{
    private readonly NatsConnection _connection;
    private readonly Channel<(StreamMessage? Message, string? FlowReply)> _queue;
    private readonly ITimer _silence;
    private readonly ulong _sid;
    private ulong _expected = 1;
    private int _quietTicks;
    private volatile bool _isOver;

    public Delivery(NatsConnection connection, ConsumerOptions options)
    {
        _connection = connection;
        Inbox = $"{connection.Options.InboxPrefix}.{ReplyTable.NewName()}";
        _queue = Channel.CreateBounded<(StreamMessage?, string?)>(new BoundedChannelOptions(options.Capacity) { SingleReader = true, SingleWriter = false });
        _silence = connection.Time.CreateTimer(static delivery => ((Delivery)delivery!).Tick(), this, options.Heartbeat, options.Heartbeat);
        _sid = connection.Subscribe(Inbox, null, this);
    }

    /// <summary>Where the server delivers to.</summary>
    public string Inbox { get; }

    public string Name { get; } = ReplyTable.NewName();

    public ChannelReader<(StreamMessage? Message, string? FlowReply)> Queue => _queue.Reader;

    /// <summary>Why the queue ended for good; null when another delivery has to go on.</summary>
    public NatsError? Error { get; private set; }

    public void Received(in Frame frame)
    {
        Volatile.Write(ref _quietTicks, 0);
        if (_isOver)
        {
            return;
        }

        if (!DeliveryFacts.TryRead(frame.ReplyTo, out var facts))
        {
            Control(frame);
            return;
        }

        if (facts.ConsumerSequence != _expected || !_queue.Writer.TryWrite((new StreamMessage(frame, facts), null)))
        {
            Interrupt();
            return;
        }

        _expected++;
    }

    public void Failed(NatsError error)
    {
        Error = error;
        Interrupt();
    }

    public void Reconnected() => Interrupt();

    public void Dispose()
    {
        _silence.Dispose();
        _connection.Unsubscribe(_sid);
        Interrupt();
    }

    private void Control(in Frame frame)
    {
        if (frame.HeaderLength == 0)
        {
            return;
        }

        var status = NatsHeaders.ReadStatus(frame.Headers);
        if (status != 100)
        {
            // 409 and its like: the consumer is gone, or led by another server.
            Interrupt();
            return;
        }

        if (!frame.ReplyTo.IsEmpty)
        {
            Flow(System.Text.Encoding.UTF8.GetString(frame.ReplyTo));
            return;
        }

        var headers = NatsHeaders.Read(frame.Headers);
        if (headers["Nats-Consumer-Stalled"] is { } stalled)
        {
            Flow(stalled);
        }

        // It may lag behind right after the creation; ahead of what came means that something is missing.
        if (ulong.TryParse(headers["Nats-Last-Consumer"], NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last >= _expected)
        {
            Interrupt();
        }
    }

    /// <summary>The server goes on when the reader got here: a slow reader is waited for, nothing is dropped.</summary>
    private void Flow(string reply)
    {
        if (!_queue.Writer.TryWrite((null, reply)))
        {
            Interrupt();
        }
    }

    private void Tick()
    {
        if (Interlocked.Increment(ref _quietTicks) > 2)
        {
            Interrupt();
        }
    }

    private void Interrupt()
    {
        _isOver = true;
        _queue.Writer.TryComplete();
    }
}
