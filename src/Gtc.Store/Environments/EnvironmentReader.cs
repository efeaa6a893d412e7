using Gtc.Model;

namespace Gtc.Store;

/// <summary>Reads the documents of an environment and refuses broken ones with the way out.</summary>
internal sealed class EnvironmentReader(EnvironmentFiles files)
{
    private EnvId Id => files.Layout.Id;

    /// <summary>The environment; <see cref="Refusal.Missing"/> only when there is none. Nothing is written: where the file is late, the journal answers.</summary>
    public Outcome<EnvironmentDocument> Load()
    {
        if (!files.Read(EnvironmentLayout.DocumentName, Documents.MaxBytes).TryGet(out var bytes, out var unreadable))
        {
            return unreadable;
        }

        try
        {
            var journal = new JournalFolder(files.Atomic, files.Layout);
            return bytes is not null && Documents.Environment.Parse(bytes).TryGet(out var document, out _) && IsNewest(document, journal)
                ? Check(document)
                : journal.State().Then(state => Of(Standing.Of(bytes, state)));
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"the journal of environment `{Id}` could not be read", error);
        }
        catch (JournalFormatException error)
        {
            return new Refusal.StoreFailed($"the journal of environment `{Id}` is damaged: {error.Message}") { Next = $"gtc op env repair {Id} --apply" };
        }
    }

    /// <summary>What a change sees: the document, null when there is none, or why it cannot be known.</summary>
    public Outcome<EnvironmentDocument> Of(Standing standing) => standing switch
    {
        Standing.Current current => Check(current.Document),
        Standing.Late late => Check(late.Document),
        Standing.Adopted adopted => Check(adopted.Document),
        Standing.Ahead ahead => Check(ahead.Document),
        Standing.Unreadable unreadable => WithWayOut(unreadable.Refusal, EnvironmentLayout.DocumentName),
        _ => new Refusal.Missing($"environment `{Id}` does not exist") { Next = $"gtc op env create {Id}" },
    };

    /// <summary>What the deployer discovered, or null when there is none.</summary>
    public Outcome<EnvironmentRuntime?> LoadRuntime()
    {
        if (!files.Read(EnvironmentLayout.RuntimeName, Documents.MaxBytes).TryGet(out var bytes, out var unreadable))
        {
            return unreadable;
        }

        if (bytes is null)
        {
            return (EnvironmentRuntime?)null;
        }

        if (!Documents.EnvironmentRuntime.Parse(bytes).TryGet(out var runtime, out var malformed))
        {
            return WithWayOut(malformed, EnvironmentLayout.RuntimeName);
        }

        if (runtime.Schema != Schemas.EnvironmentRuntime)
        {
            return Broken(EnvironmentLayout.RuntimeName, "SchemaMismatch", $"schema is `{runtime.Schema}`, `{Schemas.EnvironmentRuntime}` was expected");
        }

        return runtime.EnvironmentId == Id
            ? runtime
            : Broken(EnvironmentLayout.RuntimeName, "EnvIdMismatch", $"it belongs to environment `{runtime.EnvironmentId}`, `{Id}` was expected");
    }

    /// <summary>A document that may be kept under this environment's name.</summary>
    public Outcome<EnvironmentDocument> Check(EnvironmentDocument document)
    {
        if (document.EnvironmentId != Id)
        {
            return Broken(EnvironmentLayout.DocumentName, "EnvIdMismatch", $"it belongs to environment `{document.EnvironmentId}`, `{Id}` was expected");
        }

        return EnvironmentRules.Validate(document) is { } broken
            ? Broken(EnvironmentLayout.DocumentName, broken.Code, broken.Message)
            : document;
    }

    /// <summary>A file that is at the journal's last generation, or that has no journal, needs no more of it: an edit by hand counts.</summary>
    private static bool IsNewest(EnvironmentDocument document, JournalFolder journal)
    {
        if (journal.Last() is not { } last)
        {
            return true;
        }

        // A damaged journal is the next change's to refuse; who only reads has a whole document.
        return last.IsDamaged || (document.EnvGeneration is { } generation && generation >= last.Generation());
    }

    private Refusal.StoreFailed Broken(string name, string rule, string message) => new($"{name} of environment `{Id}` breaks a rule: {message}")
    {
        Details = [new("rule", rule), new("file", Path.Combine(files.Layout.Folder, name))],
    };

    private Refusal WithWayOut(Refusal malformed, string name)
    {
        var path = Path.Combine(files.Layout.Folder, name);
        var backup = files.NewestBackup(name);
        return malformed with
        {
            Details = [.. malformed.Details, new("file", path), new("backup", backup ?? "none")],
            Next = backup is null ? $"cat {path}" : $"cp {backup} {path}",
        };
    }
}
