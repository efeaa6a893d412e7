using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>All env-packs that a command can find: those of the program first, then those that are installed.</summary>
/// <param name="registry">The program's own.</param>
/// <param name="installed">Those of other people.</param>
public sealed class EnvPackCatalog(EnvPackRegistry registry, InstalledPacks installed)
{
    /// <summary>The program's own.</summary>
    public EnvPackRegistry Registry => registry;

    /// <summary>Those of other people.</summary>
    public InstalledPacks Installed => installed;

    /// <summary>The handler of a descriptor. A path that the program handles itself is never looked for elsewhere.</summary>
    /// <param name="kind">What is looked for.</param>
    /// <param name="slot">The slot that it is to fill; any when null.</param>
    /// <param name="cancellationToken">Stops waiting for an installed pack.</param>
    public async Task<Resolution> ResolveAsync(PackDescriptor kind, CapabilitySlot? slot, CancellationToken cancellationToken)
    {
        var resolved = registry.Resolve(kind);
        if (resolved.Error is RegistryError.Unknown)
        {
            resolved = await installed.FindAsync(kind, slot, cancellationToken);
        }

        return slot is { } wanted ? EnvPackRegistry.ForSlot(resolved, wanted, kind) : resolved;
    }
}
