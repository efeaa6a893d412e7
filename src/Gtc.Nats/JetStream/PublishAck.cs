using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Gtc.Nats;

/// <summary>A stream took a message.</summary>
/// <param name="Sequence">The stream sequence of the message.</param>
/// <param name="IsDuplicate">The stream had a message with this id already; nothing was stored anew, the sequence is that of the first.</param>
public readonly record struct PublishAck(ulong Sequence, bool IsDuplicate)
{
    private static readonly NatsError NoStream = new(NatsErrorKind.NoResponders, "no stream takes the subject");

    /// <summary>Reads what a stream answered.</summary>
    internal static NatsResult<PublishAck> Read(in Frame frame)
    {
        if (frame.HeaderLength > 0 && NatsHeaders.ReadStatus(frame.Headers) is var status and not 0)
        {
            return status == 503 ? NoStream : new(NatsErrorKind.Protocol, $"an acknowledgement has status {status}");
        }

        return ReadPlain(frame.Payload, out var sequence) ? new PublishAck(sequence, false) : ReadJson(frame.Payload);
    }

    /// <summary>The usual form, <c>{"stream":"S", "seq":7}</c>, which comes very often.</summary>
    private static bool ReadPlain(ReadOnlySpan<byte> json, out ulong sequence)
    {
        sequence = 0;
        if (!json.StartsWith("{\"stream\":\""u8))
        {
            return false;
        }

        var at = json.IndexOf("\"seq\":"u8);
        if (at < 0)
        {
            return false;
        }

        var number = json[(at + 6)..];
        return Utf8Parser.TryParse(number, out sequence, out var read) && sequence > 0 && read == number.Length - 1 && number[read] == '}';
    }

    private static NatsResult<PublishAck> ReadJson(ReadOnlySpan<byte> json)
    {
        try
        {
            var reply = JsonSerializer.Deserialize(json, JetStreamJson.Default.AckReply);
            return reply?.Error is { } error ? error.ToError()
                : reply is { Sequence: > 0 } ? new PublishAck(reply.Sequence, reply.IsDuplicate)
                : NoAck(json);
        }
        catch (JsonException)
        {
            return NoAck(json);
        }
    }

    private static NatsError NoAck(ReadOnlySpan<byte> json) =>
        new(NatsErrorKind.Protocol, $"`{Encoding.UTF8.GetString(json[..Math.Min(json.Length, 80)])}` is no acknowledgement: what took the message is no stream");
}
