using System.Buffers.Text;
using System.Text;

namespace Gtc.Nats;

/// <summary>How a message replaces others of its stream.</summary>
public enum RollUp
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>All earlier messages of its subject go.</summary>
    Subject,

    /// <summary>All earlier messages of the stream go.</summary>
    All,
}

/// <summary>What goes with a message to a stream. They become headers on the wire without objects of their own.</summary>
public readonly record struct PublishOptions
{
    /// <summary>Headers of the caller's own, or null; not to be changed during the call.</summary>
    public NatsHeaders? Headers { get; init; }

    /// <summary>An id by which the stream knows a repetition, within its duplicate window (<c>Nats-Msg-Id</c>).</summary>
    public string? MessageId { get; init; }

    /// <summary>The stream that has to take it (<c>Nats-Expected-Stream</c>).</summary>
    public string? ExpectedStream { get; init; }

    /// <summary>What the stream's last sequence has to be (<c>Nats-Expected-Last-Sequence</c>).</summary>
    public ulong? ExpectedLastSequence { get; init; }

    /// <summary>What the last sequence of the subject has to be; 0 for none yet (<c>Nats-Expected-Last-Subject-Sequence</c>).</summary>
    public ulong? ExpectedLastSubjectSequence { get; init; }

    /// <summary>What it replaces (<c>Nats-Rollup</c>).</summary>
    public RollUp RollUp { get; init; }

    /// <summary>A marker of a key-value bucket: <c>DEL</c> or <c>PURGE</c>.</summary>
    internal string? Operation { get; init; }

    /// <summary>The bytes of the block; 0 for no headers at all.</summary>
    internal int WireLength
    {
        get
        {
            var length = Text("Nats-Msg-Id"u8, MessageId) + Text("Nats-Expected-Stream"u8, ExpectedStream) + Text("KV-Operation"u8, Operation)
                + Number("Nats-Expected-Last-Sequence"u8, ExpectedLastSequence) + Number("Nats-Expected-Last-Subject-Sequence"u8, ExpectedLastSubjectSequence)
                + Text("Nats-Rollup"u8, RollUpText);
            return Headers is { Count: > 0 } headers ? length + headers.WireLength : length == 0 ? 0 : length + NatsHeaders.EmptyLength;
        }
    }

    private string? RollUpText => RollUp switch { RollUp.Subject => "sub", RollUp.All => "all", _ => null };

    /// <summary>Why it cannot be sent, or null: a line end would begin a header of its own.</summary>
    internal NatsError? Check() =>
        HasLineEnd(MessageId) || HasLineEnd(ExpectedStream) ? new(NatsErrorKind.Invalid, "a message id or an expected stream holds a line end") : null;

    /// <summary>Writes the block.</summary>
    /// <returns>How many bytes it took: <see cref="WireLength"/>.</returns>
    internal int WriteTo(Span<byte> span)
    {
        var at = NatsHeaders.WriteVersion(span);
        at = Text(span, at, "Nats-Msg-Id"u8, MessageId);
        at = Text(span, at, "Nats-Expected-Stream"u8, ExpectedStream);
        at = Text(span, at, "KV-Operation"u8, Operation);
        at = Number(span, at, "Nats-Expected-Last-Sequence"u8, ExpectedLastSequence);
        at = Number(span, at, "Nats-Expected-Last-Subject-Sequence"u8, ExpectedLastSubjectSequence);
        at = Text(span, at, "Nats-Rollup"u8, RollUpText);
        at += Headers?.WriteValues(span[at..]) ?? 0;
        return NatsHeaders.WriteLineEnd(span, at);
    }

    private static bool HasLineEnd(string? text) => text.AsSpan().ContainsAny('\r', '\n', '\0');

    private static int Text(ReadOnlySpan<byte> name, string? value) => value is null ? 0 : name.Length + Encoding.UTF8.GetByteCount(value) + 4;

    private static int Number(ReadOnlySpan<byte> name, ulong? value) => value is { } number ? name.Length + Digits(number) + 4 : 0;

    private static int Digits(ulong number)
    {
        var digits = 1;
        for (; number >= 10; number /= 10)
        {
            digits++;
        }

        return digits;
    }

    private static int Name(Span<byte> span, int at, ReadOnlySpan<byte> name)
    {
        name.CopyTo(span[at..]);
        at += name.Length;
        span[at++] = (byte)':';
        span[at++] = (byte)' ';
        return at;
    }

    private static int Text(Span<byte> span, int at, ReadOnlySpan<byte> name, string? value)
    {
        if (value is null)
        {
            return at;
        }

        at = Name(span, at, name);
        at += Encoding.UTF8.GetBytes(value, span[at..]);
        return NatsHeaders.WriteLineEnd(span, at);
    }

    private static int Number(Span<byte> span, int at, ReadOnlySpan<byte> name, ulong? value)
    {
        if (value is not { } number)
        {
            return at;
        }

        at = Name(span, at, name);
        _ = Utf8Formatter.TryFormat(number, span[at..], out var written);
        return NatsHeaders.WriteLineEnd(span, at + written);
    }
}
