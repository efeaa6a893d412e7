using Gtc.Model;

namespace Gtc.Store;

/// <summary>Reads the documents of an environment and refuses broken ones with the way out.</summary>
internal sealed class EnvironmentReader(EnvironmentFiles files)
{
    private EnvId Id => files.Layout.Id;

    /// <summary>The environment; <see cref="Refusal.Missing"/> only when there is no document.</summary>
    public Outcome<EnvironmentDocument> Load()
    {
        if (!files.Read(EnvironmentLayout.DocumentName, Documents.MaxBytes).TryGet(out var bytes, out var unreadable))
        {
            return unreadable;
        }

        if (bytes is null)
        {
            return new Refusal.Missing($"environment `{Id}` does not exist") { Next = $"gtc op env create {Id}" };
        }

        return Documents.Environment.Parse(bytes).TryGet(out var document, out var malformed)
            ? Check(document)
            : WithWayOut(malformed, EnvironmentLayout.DocumentName);
    }

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
