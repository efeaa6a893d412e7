namespace Gtc.Nats;

/// <content>Readers.</content>
public sealed partial class JetStreamContext
{
    /// <summary>Opens a reader of a stream that is in order and without gaps.</summary>
    /// <returns>The reader, or why the server does not allow it.</returns>
    public Task<NatsResult<OrderedConsumer>> ConsumeAsync(string stream, ConsumerOptions options, CancellationToken cancellationToken) =>
        OrderedConsumer.OpenAsync(this, stream, options, cancellationToken);
}
