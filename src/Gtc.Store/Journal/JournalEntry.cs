using System.Buffers;
using System.Text.Json;

namespace Gtc.Store;

/// <summary>One attempt, on its way into the journal.</summary>
internal sealed record JournalEntry
{
    /// <summary>Counts attempts of this environment from 1, without a gap.</summary>
    public required long Sequence { get; init; }

    /// <summary>The generation after it.</summary>
    public required ulong Generation { get; init; }

    /// <summary>Its line of the audit log, without the newline.</summary>
    public required byte[] Audit { get; init; }

    /// <summary>The hash of that line, which the next one names.</summary>
    public required string Hash { get; init; }

    /// <summary>The document that it made, compact and without its generation; null when it made none.</summary>
    public byte[]? Document { get; init; }

    /// <summary>Whether the document was found in environment.json and not made by a verb.</summary>
    public bool Adopts { get; init; }

    /// <summary>The idempotency key, when the attempt stands.</summary>
    public string? Key { get; init; }

    /// <summary>What was asked under that key, as a digest, when its answer is kept.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The answer to give again, compact JSON.</summary>
    public byte[]? Answer { get; init; }

    /// <summary>The refusal to give again, compact JSON.</summary>
    public byte[]? Refusal { get; init; }

    /// <summary>The payload of its line.</summary>
    /// <param name="before">The document before it.</param>
    /// <param name="isFirst">Whether it opens a segment, which must be readable without the ones before.</param>
    public byte[] Encode(byte[]? before, bool isFirst)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JournalRecord.Compact))
        {
            writer.WriteStartObject();
            writer.WriteNumber("seq", Sequence);
            writer.WriteNumber("generation", Generation);
            if (Key is not null)
            {
                writer.WriteString("key", Key);
            }

            if (Fingerprint is not null)
            {
                writer.WriteString("fingerprint", Fingerprint);
            }

            WriteRaw(writer, "audit", Audit);
            WriteRaw(writer, "answer", Answer);
            WriteRaw(writer, "refusal", Refusal);
            WriteDocument(writer, before, isFirst);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteRaw(Utf8JsonWriter writer, string name, byte[]? json)
    {
        if (json is not null)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(json, skipInputValidation: true);
        }
    }

    private void WriteDocument(Utf8JsonWriter writer, byte[]? before, bool isFirst)
    {
        if (Adopts)
        {
            writer.WriteBoolean("adopts", true);
        }

        if (Document is null)
        {
            WriteRaw(writer, "snapshot", isFirst ? before : null);
        }
        else if (isFirst || Adopts || before is null || DocumentDelta.Between(before, Document) is not { } delta)
        {
            WriteRaw(writer, "document", Document);
        }
        else
        {
            WriteRaw(writer, "delta", delta);
        }
    }
}
