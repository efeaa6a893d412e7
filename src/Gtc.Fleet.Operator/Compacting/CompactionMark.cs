using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Nats;

namespace Gtc.Fleet.Operator;

/// <summary>How far the markers of deletion of a bucket are removed; kept in the bucket of checkpoints, where every operator finds it.</summary>
/// <param name="Created">When the bucket's stream was made: numbers of another say nothing.</param>
/// <param name="Floor">Markers up to this sequence may be gone. Whoever read less has to read everything.</param>
/// <param name="Done">Markers up to this sequence are gone.</param>
internal sealed record CompactionMark(DateTimeOffset Created, ulong Floor, ulong Done)
{
    public static string KeyOf(Bucket bucket) => $"compacted.{bucket.Name}";

    /// <summary>The mark of a bucket, or none; null when it could not be read.</summary>
    public static async Task<NatsResult<CompactionMark>> ReadAsync(FleetBroker broker, Bucket bucket, CancellationToken cancellationToken)
    {
        var read = await broker.Checkpoint.GetAsync(KeyOf(bucket), cancellationToken);
        if (read.Error is { Kind: not NatsErrorKind.NotFound } error)
        {
            return error;
        }

        try
        {
            return (read.IsOk ? JsonSerializer.Deserialize(read.Value.Value.Span, CompactionJson.Default.CompactionMark) : null) ?? new CompactionMark(default, 0, 0);
        }
        catch (JsonException)
        {
            // Nobody knows what it said: everything may be gone.
            return new CompactionMark(default, ulong.MaxValue, 0);
        }
    }

    public async Task<NatsError?> WriteAsync(FleetBroker broker, Bucket bucket, CancellationToken cancellationToken) =>
        (await broker.Checkpoint.PutAsync(KeyOf(bucket), JsonSerializer.SerializeToUtf8Bytes(this, CompactionJson.Default.CompactionMark), cancellationToken)).Error;

    /// <summary>Whether whoever read up to a position may have missed that a key went.</summary>
    public bool IsBehind(StreamPosition position) => (Created == default || Created == position.Created) && position.Sequence < Floor;
}

/// <summary>How marks are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CompactionMark))]
internal sealed partial class CompactionJson : JsonSerializerContext;
