using Gtc.Model;

namespace Gtc.Store;

/// <summary>runtime-config.json: what a worker serves. Absent means that nothing is live; it is never written empty.</summary>
/// <param name="files">The environment's files.</param>
public sealed class RuntimeConfigFile(EnvironmentFiles files)
{
    private byte[]? _file;
    private byte[]? _line;

    private EnvId Id => files.Layout.Id;

    /// <summary>The configuration, valid; without revisions when the file is absent.</summary>
    public Outcome<RuntimeConfig> Load()
    {
        if (!files.Read(EnvironmentLayout.RuntimeConfigName, Documents.MaxBytes).TryGet(out var bytes, out var unreadable))
        {
            return unreadable;
        }

        if (bytes is null)
        {
            return new RuntimeConfig { Schema = Schemas.RuntimeConfig, EnvId = Id };
        }

        if (!Documents.RuntimeConfig.Parse(bytes).TryGet(out var config, out var malformed))
        {
            return malformed with { Details = [.. malformed.Details, new("file", files.Layout.RuntimeConfig)] };
        }

        return RuntimeConfigRules.Validate(config, Id) is { } broken
            ? new Refusal.StoreFailed(broken.Message) { Details = [new("rule", broken.Code), new("file", files.Layout.RuntimeConfig)] }
            : config;
    }

    /// <summary>Replaces the file atomically, with a backup; does nothing when it says the same already, and removes it when there is nothing to serve.</summary>
    /// <remarks>A power cut may leave the old file, which a worker compares with the environment when it starts, but never a torn one, which would keep it from starting.</remarks>
    /// <returns>Null on success.</returns>
    public Refusal? Save(RuntimeConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.Revisions.IsEmpty)
        {
            return Delete();
        }

        var line = Documents.RuntimeConfig.ToLine(config);
        if (SaysAlready(line))
        {
            return null;
        }

        var file = Documents.RuntimeConfig.ToFile(config);
        var refusal = files.Replace(EnvironmentLayout.RuntimeConfigName, file, Durability.Content);
        (_file, _line) = refusal is null ? (file, line) : (null, null);
        return refusal;
    }

    /// <summary>Removes the file, with a backup; one that is absent is not an error.</summary>
    /// <returns>Null on success.</returns>
    public Refusal? Delete() => files.Delete(EnvironmentLayout.RuntimeConfigName);

    /// <summary>Compares contents, not bytes; what was written here is known without being parsed. A file that cannot be read says something else.</summary>
    private bool SaysAlready(byte[] line) =>
        files.Read(EnvironmentLayout.RuntimeConfigName, Documents.MaxBytes).TryGet(out var bytes, out _)
        && bytes is not null
        && (bytes.AsSpan().SequenceEqual(_file) ? _line
            : Documents.RuntimeConfig.Parse(bytes).TryGet(out var present, out _) ? Documents.RuntimeConfig.ToLine(present)
            : null) is { } said
        && said.AsSpan().SequenceEqual(line);
}
