namespace Gtc.Nats;

/// <summary>Takes the messages of one subscription. Called on the reading loop: it must not wait.</summary>
internal interface IFrameSink
{
    /// <summary>A message came; the frame is valid during the call only.</summary>
    void Received(in Frame frame);

    /// <summary>No message will come any more.</summary>
    void Failed(NatsError error);

    /// <summary>The subscription stands on a new connection; messages may have been missed.</summary>
    void Reconnected();
}
