using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Nats;

/// <summary>Where a stream keeps its messages.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StreamStorage>))]
public enum StreamStorage
{
    /// <summary>On disk.</summary>
    [JsonStringEnumMemberName("file")]
    File,

    /// <summary>In memory: gone when the server ends.</summary>
    [JsonStringEnumMemberName("memory")]
    Memory,
}

/// <summary>What a full stream does with a message.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StreamDiscard>))]
public enum StreamDiscard
{
    /// <summary>The oldest gives way.</summary>
    [JsonStringEnumMemberName("old")]
    Old,

    /// <summary>The new one is refused.</summary>
    [JsonStringEnumMemberName("new")]
    New,
}

/// <summary>How a stream keeps its messages. Members that are null are left to the server. Members that this client does not know stay as they are on the server.</summary>
public sealed record StreamConfig
{
    /// <summary>Its name: no dots, blanks or wildcards.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>The subjects that it takes.</summary>
    public ImmutableArray<string> Subjects { get; init; } = [];

    /// <summary>How long messages are of use: <c>limits</c>, <c>interest</c> or <c>workqueue</c>.</summary>
    public string Retention { get; init; } = "limits";

    /// <summary>The most consumers; -1 for any number.</summary>
    public int MaxConsumers { get; init; } = -1;

    /// <summary>The most messages; -1 for any number.</summary>
    public long MaxMsgs { get; init; } = -1;

    /// <summary>The most bytes; -1 for any number.</summary>
    public long MaxBytes { get; init; } = -1;

    /// <summary>How long messages are kept; zero for ever.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>The most messages of one subject; -1 for any number.</summary>
    public long MaxMsgsPerSubject { get; init; } = -1;

    /// <summary>The largest message, headers and payload, in bytes; -1 for what the server takes.</summary>
    public int MaxMsgSize { get; init; } = -1;

    /// <summary>What happens when it is full.</summary>
    public StreamDiscard Discard { get; init; }

    /// <summary>Where messages are kept.</summary>
    public StreamStorage Storage { get; init; }

    /// <summary>How many servers keep a copy.</summary>
    public int NumReplicas { get; init; } = 1;

    /// <summary>How long message ids are remembered; null for the server's own two minutes.</summary>
    public TimeSpan? DuplicateWindow { get; init; }

    /// <summary>Whether messages can be read without a consumer.</summary>
    public bool AllowDirect { get; init; }

    /// <summary>Whether a message may replace others (<see cref="RollUp"/>).</summary>
    public bool AllowRollupHdrs { get; init; }

    /// <summary>Whether single messages cannot be deleted.</summary>
    public bool DenyDelete { get; init; }

    /// <summary>Whether it cannot be purged.</summary>
    public bool DenyPurge { get; init; }

    /// <summary>Where stored messages are published again, or null.</summary>
    public StreamRepublish? Republish { get; init; }
}

/// <summary>Stored messages are published again to plain subscribers.</summary>
public sealed record StreamRepublish
{
    /// <summary>Which subjects.</summary>
    [JsonPropertyName("src")]
    public required string Source { get; init; }

    /// <summary>Where to.</summary>
    [JsonPropertyName("dest")]
    public required string Destination { get; init; }

    /// <summary>Whether without the payload.</summary>
    public bool HeadersOnly { get; init; }
}

/// <summary>What is in a stream.</summary>
public sealed record StreamState
{
    /// <summary>How many messages.</summary>
    public ulong Messages { get; init; }

    /// <summary>How many bytes.</summary>
    public ulong Bytes { get; init; }

    /// <summary>The sequence of the first message.</summary>
    [JsonPropertyName("first_seq")]
    public ulong FirstSequence { get; init; }

    /// <summary>The sequence of the last message ever.</summary>
    [JsonPropertyName("last_seq")]
    public ulong LastSequence { get; init; }

    /// <summary>When the first message came.</summary>
    [JsonPropertyName("first_ts")]
    public DateTimeOffset FirstTime { get; init; }

    /// <summary>When the last message came.</summary>
    [JsonPropertyName("last_ts")]
    public DateTimeOffset LastTime { get; init; }

    /// <summary>How many subjects.</summary>
    [JsonPropertyName("num_subjects")]
    public long Subjects { get; init; }

    /// <summary>How many consumers.</summary>
    [JsonPropertyName("consumer_count")]
    public int Consumers { get; init; }
}

/// <summary>A stream: how it is set and what is in it.</summary>
/// <param name="Config">How it is set.</param>
/// <param name="State">What is in it.</param>
/// <param name="Created">When it was made. Another time means another stream: sequences of before mean nothing any more.</param>
public sealed record StreamStatus(StreamConfig Config, StreamState State, DateTimeOffset Created);
