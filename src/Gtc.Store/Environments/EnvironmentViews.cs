using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// Writes what is read instead of the journal: the audit log, runtime-config.json and, last of all, environment.json. So an
/// environment.json of the journal's generation says that the others were written too.
/// </summary>
internal sealed class EnvironmentViews(EnvironmentFiles files, AuditLog audit, JournalWriter journal)
{
    private readonly RuntimeConfigFile _runtimeConfig = new(files);
    private byte[]? _written;
    private EnvironmentDocument? _document;

    /// <summary>The document that these bytes are known to hold, or null.</summary>
    public EnvironmentDocument? Known(byte[]? file) =>
        file is not null && _written is not null && _document?.EnvGeneration == journal.State.Generation && _written.AsSpan().SequenceEqual(file) ? _document : null;

    /// <summary>Whether environment.json is known and holds something else now.</summary>
    public bool IsEdited() =>
        _written is not null && files.Read(EnvironmentLayout.DocumentName, Documents.MaxBytes).TryGet(out var file, out _) && !_written.AsSpan().SequenceEqual(file);

    /// <summary>Remembers what environment.json holds.</summary>
    public void Learn(byte[]? file, EnvironmentDocument? document) => (_written, _document) = (file, document);

    /// <summary>Writes environment.json; what it held before is kept.</summary>
    /// <returns>Null on success.</returns>
    public Refusal? WriteDocument(EnvironmentDocument document)
    {
        var bytes = Documents.Environment.ToFile(document);
        var refusal = files.Replace(EnvironmentLayout.DocumentName, bytes, Durability.None);
        Learn(refusal is null ? bytes : null, document);
        return refusal;
    }

    /// <summary>Makes runtime-config.json follow a document.</summary>
    /// <returns>Null on success.</returns>
    public Refusal? WriteRuntimeConfig(EnvironmentDocument document) => _runtimeConfig.Save(RuntimeProjection.Project(document));

    /// <summary>Appends lines to the audit log, or catches it up with the journal.</summary>
    /// <param name="lines">The newest lines of the journal.</param>
    /// <param name="follows">The hash of the line before them, or null when they begin the chain.</param>
    /// <returns>Null on success.</returns>
    public Refusal? WriteAudit(IReadOnlyList<byte[]> lines, string? follows)
    {
        try
        {
            return audit.Follow(files.Layout.AuditLog, lines, follows, AllLines);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("the audit log could not be written", error);
        }
    }

    /// <summary>What the first line of the chain names.</summary>
    public string Anchor()
    {
        try
        {
            return audit.Anchor(files.Layout.AuditLog);
        }
        catch (FileCallException)
        {
            // A log that cannot be read cannot be written either, which is reported when that is tried.
            return AuditChain.Anchor([]);
        }
    }

    private Outcome<IReadOnlyList<(string Hash, byte[] Line)>> AllLines()
    {
        var lines = new List<(string, byte[])>();
        foreach (var path in journal.Folder.Segments())
        {
            if (!journal.Folder.Records(path).TryGet(out var records, out var refusal))
            {
                return refusal;
            }

            lines.AddRange(records.Select(record => (record.Hash, JournalRecord.Bytes(record.Audit))));
        }

        return lines;
    }
}
