using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// What environment.json is in the light of the journal. The journal is the truth and the file its view, with one exception:
/// a person may edit the file. An edit of the newest view, and a file without <c>env_generation</c>, count as the person's will
/// and become a generation of their own at the next change; a view of an older generation is only late.
/// </summary>
internal abstract record Standing
{
    /// <summary>There is no environment.</summary>
    public sealed record Absent : Standing;

    /// <summary>The file is the newest generation of the journal.</summary>
    public sealed record Current(EnvironmentDocument Document) : Standing;

    /// <summary>The file is to become a generation: it was there before the journal, or was edited by hand.</summary>
    public sealed record Adopted(EnvironmentDocument Document, string Verb, ulong Generation) : Standing;

    /// <summary>The file is missing, damaged or late, and is to be written again.</summary>
    public sealed record Late(EnvironmentDocument Document, string? Why) : Standing;

    /// <summary>The file is newer than the journal, which has lost something or is not of this file.</summary>
    public sealed record Ahead(EnvironmentDocument Document) : Standing;

    /// <summary>Neither says what the environment is.</summary>
    public sealed record Unreadable(Refusal Refusal) : Standing;

    /// <summary>Compares the two.</summary>
    /// <param name="file">The bytes of environment.json, or null.</param>
    /// <param name="journal">Where the journal stands.</param>
    public static Standing Of(byte[]? file, JournalState journal)
    {
        if (journal.Document is null)
        {
            return file is null ? new Absent()
                : !Documents.Environment.Parse(file).TryGet(out var found, out var unreadable) ? new Unreadable(unreadable)
                : new Adopted(found, "import", Math.Max(found.EnvGeneration ?? 1, journal.Generation + 1));
        }

        if (!FromJournal(journal.Document, journal.Generation).TryGet(out var newest, out var refusal))
        {
            return new Unreadable(refusal);
        }

        if (file is null)
        {
            return new Late(newest, "is missing");
        }

        if (Documents.Environment.ToFile(newest).AsSpan().SequenceEqual(file))
        {
            return new Current(newest);
        }

        return Documents.Environment.Parse(file).TryGet(out var document, out var damage)
            ? Of(document, newest, journal)
            : new Late(newest, $"could not be read ({damage.Message})");
    }

    /// <summary>A document out of the journal, with its generation.</summary>
    public static Outcome<EnvironmentDocument> FromJournal(byte[] document, ulong generation) =>
        Documents.Environment.Parse(document).Then<EnvironmentDocument>(parsed => parsed with { EnvGeneration = generation });

    /// <summary>A document as the journal keeps it.</summary>
    public static byte[] ToJournal(EnvironmentDocument document) => Documents.Environment.ToLine(document with { EnvGeneration = null });

    private static Standing Of(EnvironmentDocument file, EnvironmentDocument newest, JournalState journal) => file.EnvGeneration switch
    {
        { } generation when generation > journal.Generation => new Ahead(file),
        { } generation when generation < journal.Generation => new Late(newest, $"was of generation {generation}"),
        _ when Same(file, newest) => file.EnvGeneration is null ? new Late(newest, null) : new Current(newest),
        null when journal.Adopted is { } adopted && FromJournal(adopted, 0).TryGet(out var imported, out _) && Same(file, imported) => new Late(newest, null),
        _ => new Adopted(file, "hand-edit", journal.Generation + 1),
    };

    private static bool Same(EnvironmentDocument left, EnvironmentDocument right) => Digest(left) == Digest(right);

    private static Sha256Digest Digest(EnvironmentDocument document) =>
        CanonicalJson.Digest(Documents.Environment.ToElement(document with { EnvGeneration = null }));
}
