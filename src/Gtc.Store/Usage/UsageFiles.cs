using System.Collections.Immutable;
using System.Globalization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// What the workers of an environment have metered: <c>usage/&lt;yyyymmdd&gt;/&lt;hh&gt;-&lt;worker&gt;.jsonl</c>, one file per worker process and
/// hour, which only that process writes, always whole and by a rename. A crash leaves the file as it was last written.
/// </summary>
/// <param name="files">The environment's files.</param>
public sealed class UsageFiles(EnvironmentFiles files)
{
    /// <summary>The folder, relative to the environment's.</summary>
    public const string Folder = "usage";

    /// <summary>The most files that are read at once.</summary>
    public const int MaxFiles = 200_000;

    /// <summary>The most rows that are read at once.</summary>
    public const int MaxRows = 2_000_000;

    /// <summary>The most bytes of a file.</summary>
    public const int MaxFileBytes = 64 << 20;

    private const string DayFormat = "yyyyMMdd";
    private const int MaxFindings = 100;

    /// <summary>Writes all that a worker process has counted within an hour.</summary>
    /// <param name="worker">The id of the process.</param>
    /// <param name="hour">The beginning of the hour, UTC.</param>
    /// <param name="hours">What it counted, for every source.</param>
    /// <returns>Null on success.</returns>
    public Refusal? Write(Ulid worker, DateTimeOffset hour, IEnumerable<UsageHour> hours)
    {
        ArgumentNullException.ThrowIfNull(hours);
        var content = new MemoryStream();
        foreach (var counted in hours)
        {
            content.Write(Documents.UsageRow.ToLine(UsageRow.Of(worker.ToString(), counted)));
            content.WriteByte((byte)'\n');
        }

        return files.Write(string.Create(CultureInfo.InvariantCulture, $"{Folder}/{hour:yyyyMMdd}/{hour:HH}-{worker}.jsonl"), content.GetBuffer().AsSpan(0, (int)content.Length));
    }

    /// <summary>Reads the rows of the hours from a time on. Lines and files that cannot be read are told, and the others are read.</summary>
    /// <param name="from">The first hour.</param>
    /// <param name="to">The hour after the last.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Outcome<UsageReading> Read(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        try
        {
            return ReadDays(from, to, cancellationToken);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("usage could not be read", error);
        }
    }

    /// <summary>The folders of days before one, oldest first.</summary>
    /// <param name="day">The first day that is left out, UTC.</param>
    internal ImmutableArray<string> DaysBefore(DateOnly day) => [.. Days().Where(found => DateOnly.FromDateTime(found.Date) < day).Select(found => found.Name)];

    private Outcome<UsageReading> ReadDays(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var rows = ImmutableArray.CreateBuilder<UsageRow>();
        var findings = new List<string>();
        var read = 0;
        foreach (var day in Days().Where(day => day.Date >= from.UtcDateTime.Date && day.Date <= to.UtcDateTime.Date))
        {
            foreach (var name in FolderListing.Files(Path.Combine(files.Layout.Usage, day.Name), "*.jsonl").Select(Path.GetFileName).Order(StringComparer.Ordinal))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (++read > MaxFiles || rows.Count > MaxRows)
                {
                    return new Refusal.InvalidArgument($"there are more than {(read > MaxFiles ? $"{MaxFiles:N0} files" : $"{MaxRows:N0} lines")} of usage between {Rfc3339Json.Format(from)} and {Rfc3339Json.Format(to)}; ask for a shorter time");
                }

                ReadFile($"{Folder}/{day.Name}/{name}", row => row.Hour >= from && row.Hour < to, rows, findings);
            }
        }

        return new UsageReading(rows.ToImmutable(), read, [.. findings.Take(MaxFindings), .. findings.Count > MaxFindings ? [$"and {findings.Count - MaxFindings:N0} more"] : Array.Empty<string>()]);
    }

    private IEnumerable<(string Name, DateTime Date)> Days()
    {
        foreach (var name in FolderListing.Folders(files.Layout.Usage).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal))
        {
            if (DateTime.TryParseExact(name, DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            {
                yield return (name, date);
            }
        }
    }

    private void ReadFile(string reference, Func<UsageRow, bool> fits, ImmutableArray<UsageRow>.Builder rows, List<string> findings)
    {
        if (!files.Read(reference, MaxFileBytes).TryGet(out var content, out var unreadable))
        {
            findings.Add(unreadable.Message);
            return;
        }

        var number = 0;
        foreach (var range in content.AsSpan().Split((byte)'\n'))
        {
            number++;
            var line = content.AsSpan(range);
            if (line.IsEmpty)
            {
                continue;
            }

            if (!UsageRows.Parse(line).TryGet(out var row, out var refusal))
            {
                findings.Add($"line {number.ToString(CultureInfo.InvariantCulture)} of {reference} is left out: {refusal.Message}");
            }
            else if (fits(row))
            {
                rows.Add(row);
            }
        }
    }
}

/// <summary>What was read of <c>usage/</c>.</summary>
/// <param name="Rows">The rows, in no order that means anything.</param>
/// <param name="Files">How many files were read.</param>
/// <param name="Findings">What could not be read, in sentences.</param>
public sealed record UsageReading(ImmutableArray<UsageRow> Rows, int Files, ImmutableArray<string> Findings);
