using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gtc.Store;

/// <summary>One attempt, read from the journal.</summary>
/// <param name="Path">The segment that it was read from.</param>
/// <param name="Content">Its payload.</param>
internal sealed record JournalRecord(string Path, JsonElement Content)
{
    /// <summary>One line, and text that people can read.</summary>
    public static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions Bounds = new() { MaxDepth = 128 };

    /// <summary>Counts attempts.</summary>
    public long Sequence => Required("seq").GetInt64();

    /// <summary>The generation after it.</summary>
    public ulong Generation => Required("generation").GetUInt64();

    /// <summary>The audit line as a value.</summary>
    public JsonElement Audit => Required("audit");

    /// <summary>The hash of the audit line.</summary>
    public string Hash => AuditChain.TextOf(Audit, AuditChain.HashMember) ?? throw new JournalFormatException("an audit line has no `hash`");

    /// <summary>The idempotency key under which it stands, or null.</summary>
    public string? Key => Find("key")?.GetString();

    /// <summary>What was asked under that key, or null.</summary>
    public string? Fingerprint => Find("fingerprint")?.GetString();

    /// <summary>Whether it made a document.</summary>
    public bool ChangesDocument => Find("document") is not null || Find("delta") is not null;

    /// <summary>Whether the document was found in environment.json.</summary>
    public bool Adopts => Find("adopts") is not null;

    /// <summary>The answer to give again, or null.</summary>
    public JsonElement? Answer => Find("answer");

    /// <summary>The refusal to give again, or null.</summary>
    public JsonElement? Refusal => Find("refusal");

    /// <summary>Reads a payload.</summary>
    /// <exception cref="JournalFormatException">It is not one.</exception>
    public static JournalRecord Parse(string path, ReadOnlyMemory<byte> payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload, Bounds);
            var record = new JournalRecord(path, document.RootElement.Clone());
            return (record.Sequence, record.Generation, record.Key, record.Fingerprint, record.Hash) is { Sequence: > 0 }
                ? record
                : throw new JournalFormatException("a record has no number");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new JournalFormatException(error.Message);
        }
    }

    /// <summary>The first members, without reading the rest.</summary>
    /// <exception cref="JournalFormatException">They are others.</exception>
    public static RecordStart ReadStart(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = Bounds.MaxDepth });
        try
        {
            Skip(ref reader, 3);
            var sequence = reader.GetInt64();
            Skip(ref reader, 2);
            var generation = reader.GetUInt64();
            reader.Read();
            var hasKey = reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("key"u8);
            reader.Read();
            return new RecordStart(sequence, generation, hasKey ? reader.GetString() : null);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new JournalFormatException(error.Message);
        }
    }

    /// <summary>The document after this record.</summary>
    /// <param name="before">The document before it.</param>
    /// <exception cref="JournalFormatException">The record does not fit.</exception>
    public byte[]? DocumentAfter(byte[]? before)
    {
        try
        {
            return (Find("document") ?? Find("snapshot")) is { } whole ? Bytes(whole)
                : Find("delta") is not { } delta ? before
                : before is null ? throw new JournalFormatException("a delta has no document before it")
                : DocumentDelta.Apply(before, delta);
        }
        catch (Exception error) when (error is InvalidOperationException or FormatException or IndexOutOfRangeException or JsonException)
        {
            throw new JournalFormatException(error.Message);
        }
    }

    /// <summary>The bytes of a value without white space, which may hold no newline.</summary>
    public static byte[] Compacted(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            value.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The bytes of a value as they stand in the journal.</summary>
    public static byte[] Bytes(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).ToArray();

    private static void Skip(ref Utf8JsonReader reader, int tokens)
    {
        for (; tokens > 0; tokens--)
        {
            reader.Read();
        }
    }

    private JsonElement Required(string name) => Find(name) ?? throw new JournalFormatException($"a record has no `{name}`");

    private JsonElement? Find(string name) => Content.TryGetProperty(name, out var value) ? value : null;
}

/// <summary>How a record starts.</summary>
internal readonly record struct RecordStart(long Sequence, ulong Generation, string? Key);
