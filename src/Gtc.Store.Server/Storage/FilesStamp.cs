namespace Gtc.Store.Server;

/// <summary>What tells that an environment's files are those that were read: the times and lengths of its document, of the folder of its journal and of the journal's newest segment.</summary>
/// <param name="Document">Those of <c>environment.json</c>.</param>
/// <param name="Journal">Those of the folder, which change when a segment comes or goes.</param>
/// <param name="Segment">The path of the newest segment, or null.</param>
/// <param name="Records">Those of the newest segment, which change with every record.</param>
internal sealed record FilesStamp((DateTime Written, long Length) Document, DateTime Journal, string? Segment, (DateTime Written, long Length) Records)
{
    /// <summary>Longer than a tick of the clock that stamps files. Who writes twice within one tick leaves the same time twice.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>The same where times are whole seconds, or every other one, as some file systems keep them.</summary>
    private static readonly TimeSpan CoarseTick = TimeSpan.FromMilliseconds(2100);

    /// <summary>Nothing is there.</summary>
    public static FilesStamp Absent { get; } = new(default, default, null, default);

    /// <summary>Whether there is a document or a journal with a segment. What is read where there was none came after it was looked.</summary>
    public bool HasFiles => Document != default || Records != default;

    /// <summary>Looks at the files.</summary>
    /// <param name="layout">Where they lie.</param>
    /// <param name="previous">What was seen last: while the folder is as it was, the newest segment is not searched for again.</param>
    public static FilesStamp Take(EnvironmentLayout layout, FilesStamp? previous)
    {
        var folder = new DirectoryInfo(layout.Journal);
        var journal = folder.Exists ? folder.LastWriteTimeUtc : default;
        try
        {
            var segment = previous?.Journal == journal ? previous.Segment
                : folder.Exists ? Directory.EnumerateFiles(layout.Journal, "*.log").Max(StringComparer.Ordinal)
                : null;
            return new FilesStamp(Of(layout.Document), journal, segment, segment is null ? default : Of(segment));
        }
        catch (DirectoryNotFoundException)
        {
            // It ended since the folder was seen.
            return Absent;
        }
    }

    /// <summary>Whether whatever is written from now on changes it.</summary>
    /// <param name="now">The time of the machine's clock before it was taken.</param>
    public bool IsSettledAt(DateTimeOffset now) => IsBefore(Document.Written, now) && IsBefore(Journal, now) && IsBefore(Records.Written, now);

    private static bool IsBefore(DateTime written, DateTimeOffset now) =>
        written.Ticks + (written.Ticks % TimeSpan.TicksPerSecond == 0 ? CoarseTick : Tick).Ticks < now.UtcTicks;

    private static (DateTime, long) Of(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }
}
