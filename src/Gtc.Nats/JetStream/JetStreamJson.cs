using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Nats;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(NanosecondsJson)],
    UseStringEnumConverter = false,
    MaxDepth = NatsLimits.MaxJsonDepth)]
[JsonSerializable(typeof(AckReply))]
[JsonSerializable(typeof(StreamReply))]
[JsonSerializable(typeof(StreamConfig))]
[JsonSerializable(typeof(PurgeRequest))]
[JsonSerializable(typeof(PurgeReply))]
[JsonSerializable(typeof(DoneReply))]
[JsonSerializable(typeof(DirectGetRequest))]
[JsonSerializable(typeof(ConsumerRequest))]
[JsonSerializable(typeof(ConsumerReply))]
[JsonSerializable(typeof(NamesReply))]
[JsonSerializable(typeof(NamesRequest))]
internal sealed partial class JetStreamJson : JsonSerializerContext;

/// <summary>Durations are whole nanoseconds in JetStream.</summary>
internal sealed class NanosecondsJson : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetInt64() / TimeSpan.NanosecondsPerTick);

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Ticks * TimeSpan.NanosecondsPerTick);
}

/// <summary>Every answer of the API may be an error instead.</summary>
internal abstract record ApiReply
{
    public ApiError? Error { get; init; }
}

/// <summary>What the API says of an error.</summary>
internal sealed record ApiError
{
    public int Code { get; init; }

    public int ErrCode { get; init; }

    public string Description { get; init; } = "";

    public NatsError ToError() => new(JetStreamErrors.KindOf(ErrCode, Code), Description, ErrCode)
    {
        LastSequence = JetStreamErrors.KindOf(ErrCode, Code) == NatsErrorKind.WrongLastSequence ? JetStreamErrors.LastSequence(Description) : null,
    };
}

internal sealed record AckReply : ApiReply
{
    [JsonPropertyName("seq")]
    public ulong Sequence { get; init; }

    [JsonPropertyName("duplicate")]
    public bool IsDuplicate { get; init; }
}

internal sealed record StreamReply : ApiReply
{
    public StreamConfig? Config { get; init; }

    public StreamState? State { get; init; }

    public DateTimeOffset Created { get; init; }
}

internal sealed record PurgeRequest
{
    public string? Filter { get; init; }

    [JsonPropertyName("seq")]
    public ulong? UpTo { get; init; }

    public ulong? Keep { get; init; }
}

internal sealed record PurgeReply : ApiReply
{
    public ulong Purged { get; init; }
}

internal sealed record DoneReply : ApiReply;

internal sealed record DirectGetRequest
{
    [JsonPropertyName("seq")]
    public ulong? Sequence { get; init; }

    [JsonPropertyName("last_by_subj")]
    public string? LastBySubject { get; init; }

    [JsonPropertyName("next_by_subj")]
    public string? NextBySubject { get; init; }
}

internal sealed record NamesRequest
{
    public int Offset { get; init; }
}

internal sealed record NamesReply : ApiReply
{
    public int Total { get; init; }

    public IReadOnlyList<string>? Streams { get; init; }
}
