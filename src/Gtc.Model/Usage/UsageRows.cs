using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>Reads lines of usage and adds them up.</summary>
public static class UsageRows
{
    /// <summary>The most bytes of a line.</summary>
    public const int MaxLineBytes = 16 << 10;

    /// <summary>The beginning of the hour that a time lies in.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);

    /// <summary>Reads a line.</summary>
    /// <param name="utf8">Its bytes, without the line feed.</param>
    /// <returns>The row; or why it is none, e.g. because a crash cut it.</returns>
    public static Outcome<UsageRow> Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxLineBytes)
        {
            return new Refusal.StoreFailed($"it has {utf8.Length:N0} bytes, the most is {MaxLineBytes:N0}");
        }

        return Documents.UsageRow.Parse(utf8).Then(row => Fault(row) is { } fault ? new Refusal.StoreFailed(fault) : (Outcome<UsageRow>)row);
    }

    /// <summary>
    /// Adds rows up over all workers. The result is the same whatever their order is, and however often one of them or an older reading of it is there.
    /// </summary>
    public static ImmutableArray<UsageHour> Total(IEnumerable<UsageRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var latest = new Dictionary<(string Worker, UsageSource Source, DateTimeOffset Hour), UsageCounts>();
        foreach (var row in rows)
        {
            var (source, hour, counts) = row.ToHour();
            latest[(row.Worker, source, hour)] = latest.GetValueOrDefault((row.Worker, source, hour)).Or(counts);
        }

        return
        [
            .. latest.GroupBy(reading => (reading.Key.Source, reading.Key.Hour), reading => reading.Value)
                .Select(group => new UsageHour(group.Key.Source, group.Key.Hour, group.Aggregate(UsageCounts.Add)))
                .OrderBy(hour => hour.Hour)
                .ThenBy(hour => hour.Source.CustomerId, StringComparer.Ordinal)
                .ThenBy(hour => hour.Source.Tenant, StringComparer.Ordinal)
                .ThenBy(hour => hour.Source.DeploymentId.ToString(), StringComparer.Ordinal)
                .ThenBy(hour => hour.Source.BundleId, StringComparer.Ordinal)
                .ThenBy(hour => hour.Source.RevisionId.ToString(), StringComparer.Ordinal),
        ];
    }

    private static string? Fault(UsageRow row) =>
        row.Schema != Schemas.UsageRow ? $"its schema is `{row.Schema}`, `{Schemas.UsageRow}` was expected"
        : !Ulid.TryParse(row.Worker, out _) ? $"its worker `{row.Worker}` is not the id of a process"
        : HourOf(row.Hour) != row.Hour ? "its hour is not the beginning of one"
        : Math.Min(Math.Min(Math.Min(row.Requests, row.FlowRuns), Math.Min(row.ComponentCalls, row.BytesIn)), row.BytesOut) < 0 ? "it counts less than nothing"
        : null;
}
