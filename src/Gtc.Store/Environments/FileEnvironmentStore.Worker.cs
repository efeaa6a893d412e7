using Gtc.Model;

namespace Gtc.Store;

/// <summary>What a worker changes beside the document: the revisions on disk and the configuration that it serves.</summary>
public sealed partial class FileEnvironmentStore
{
    /// <summary>The exclusive right to bring revisions to disk, apart from the environment's own lock: a slow pull must not keep an operator from changing the dial.</summary>
    public async Task<Outcome<EnvironmentLock>> TakeMaterialisationLockAsync(EnvId environment, CancellationToken cancellationToken)
    {
        var layout = Layout.Environment(environment);
        try
        {
            return await EnvironmentLock.TakeAsync(layout with { Folder = layout.Revisions }, _atomic, cancellationToken);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"revisions of environment `{environment}` cannot be brought to disk; only environment.json may be read-only", error);
        }
    }

    /// <summary>Makes runtime-config.json say what is served, under the environment's lock.</summary>
    /// <returns>Null on success.</returns>
    public async Task<Refusal?> SaveRuntimeConfigAsync(EnvId environment, RuntimeConfig config, CancellationToken cancellationToken)
    {
        try
        {
            using var held = await EnvironmentLock.TakeAsync(Layout.Environment(environment), _atomic, cancellationToken);
            return new RuntimeConfigFile(Files(environment)).Save(config);
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("runtime-config.json could not be written", error);
        }
    }
}
