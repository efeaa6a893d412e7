using System.Buffers.Text;

namespace Gtc.Nats;

/// <summary>
/// What the reply subject of a delivered message says: <c>$JS.ACK.stream.consumer.delivered.streamSeq.consumerSeq.timeNs.pending</c>.
/// Newer servers put domain and account behind ACK, and may add a token at the end.
/// </summary>
internal readonly ref struct DeliveryFacts
{
    private const int MostTokens = 12;

    private DeliveryFacts(ReadOnlySpan<byte> consumer, ulong streamSequence, ulong consumerSequence, long nanoseconds, ulong pending)
    {
        Consumer = consumer;
        StreamSequence = streamSequence;
        ConsumerSequence = consumerSequence;
        Time = DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
        Pending = pending;
    }

    public ReadOnlySpan<byte> Consumer { get; }

    public ulong StreamSequence { get; }

    public ulong ConsumerSequence { get; }

    public DateTimeOffset Time { get; }

    public ulong Pending { get; }

    public static bool TryRead(ReadOnlySpan<byte> replyTo, out DeliveryFacts facts)
    {
        facts = default;
        if (!replyTo.StartsWith("$JS.ACK."u8))
        {
            return false;
        }

        Span<Range> tokens = stackalloc Range[MostTokens + 1];
        var count = 0;
        foreach (var token in replyTo.Split((byte)'.'))
        {
            if (count == tokens.Length)
            {
                return false;
            }

            tokens[count++] = token;
        }

        var at = count switch { 9 => 3, 11 or 12 => 5, _ => 0 };
        if (at == 0
            || !Number(replyTo[tokens[at + 2]], out var streamSequence)
            || !Number(replyTo[tokens[at + 3]], out var consumerSequence)
            || !Number(replyTo[tokens[at + 4]], out var nanoseconds)
            || !Number(replyTo[tokens[at + 5]], out var pending))
        {
            return false;
        }

        facts = new(replyTo[tokens[at]], streamSequence, consumerSequence, (long)(nanoseconds & long.MaxValue), pending);
        return true;
    }

    private static bool Number(ReadOnlySpan<byte> token, out ulong value) => Utf8Parser.TryParse(token, out value, out var read) && read == token.Length;
}
