using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>How the last pass over everything that is kept ended; the servers of a store share it.</summary>
public sealed record ScrubRecord
{
    private const string Work = "scrub";
    private const int MostProblems = 100;

    /// <summary>When the pass began.</summary>
    public required DateTimeOffset BeganAt { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>How much was read: generations, documents beside them, audit lines, policies and artifacts.</summary>
    public required long Checked { get; init; }

    /// <summary>How much of it is damaged.</summary>
    public required int Damaged { get; init; }

    /// <summary>What is damaged; the first hundred of them.</summary>
    public required ImmutableArray<StoreProblem> Problems { get; init; }

    /// <summary>The record of a pass.</summary>
    internal static ScrubRecord Of(ScrubReport report, DateTimeOffset began, DateTimeOffset ended) => new()
    {
        BeganAt = began,
        EndedAt = ended,
        Checked = report.Rows,
        Damaged = report.Problems.Length,
        Problems = [.. report.Problems.Take(MostProblems)],
    };

    /// <summary>Takes the work; null when another server is at it.</summary>
    internal static Task<Outcome<IAsyncDisposable?>> TryTakeAsync(IUpkeepStorage upkeep, CancellationToken cancellationToken) => upkeep.TryTakeAsync(Work, cancellationToken);

    /// <summary>The record of the last pass, or null when there was none.</summary>
    public static async Task<Outcome<ScrubRecord?>> ReadAsync(IUpkeepStorage upkeep, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upkeep);
        return (await upkeep.ReadNoteAsync(Work, cancellationToken)).Then(note =>
        {
            try
            {
                return note is null ? (ScrubRecord?)null : JsonSerializer.Deserialize(note, StorageJson.Default.ScrubRecord);
            }
            catch (JsonException error)
            {
                return (Outcome<ScrubRecord?>)new Refusal.StoreFailed($"the record of the last scrub cannot be read: {error.Message}");
            }
        });
    }

    /// <summary>Keeps the record.</summary>
    /// <returns>Null when it is kept.</returns>
    internal Task<Refusal?> WriteAsync(IUpkeepStorage upkeep, CancellationToken cancellationToken) =>
        upkeep.WriteNoteAsync(Work, JsonSerializer.SerializeToUtf8Bytes(this, StorageJson.Default.ScrubRecord), cancellationToken);
}
