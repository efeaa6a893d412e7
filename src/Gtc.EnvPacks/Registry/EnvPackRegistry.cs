using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>The handlers that a program has, by descriptor path (env-packs.md §6).</summary>
public sealed class EnvPackRegistry
{
    private readonly SortedDictionary<string, IEnvPackHandler> _handlers = new(StringComparer.Ordinal);

    /// <summary>A registry with the built-in env-packs of a program that calls no cluster.</summary>
    public static EnvPackRegistry WithBuiltIns() => Of(BuiltInPacks.All);

    /// <summary>A registry with the built-in env-packs of a program that calls clusters.</summary>
    /// <param name="kubernetes">What the deployer to a cluster needs of it.</param>
    /// <param name="fleet">What the deployer to a fleet needs of its cluster; null when the program calls none.</param>
    public static EnvPackRegistry WithBuiltIns(IDeployerCredentials kubernetes, IDeployerCredentials? fleet = null) => Of(BuiltInPacks.With(kubernetes, fleet));

    /// <summary>The handlers, ordered by path.</summary>
    public IReadOnlyCollection<IEnvPackHandler> Handlers => _handlers.Values;

    /// <summary>Adds a handler.</summary>
    /// <returns>Null on success.</returns>
    public RegistrationError? Register(IEnvPackHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (_handlers.ContainsKey(handler.DescriptorPath))
        {
            return RegistrationError.DuplicateRegistration;
        }

        if (handler is { Slot: CapabilitySlot.Deployer, Credentials: null })
        {
            return RegistrationError.DeployerMissingCredentials;
        }

        _handlers.Add(handler.DescriptorPath, handler);
        return null;
    }

    /// <summary>The handler of a descriptor.</summary>
    public Resolution Resolve(PackDescriptor kind)
    {
        if (!_handlers.TryGetValue(kind.Path, out var handler))
        {
            return new RegistryError.Unknown(kind);
        }

        return handler.SupportedVersions.Contains(kind.Version)
            ? Resolution.Found(handler)
            : new RegistryError.VersionUnsupported(kind, kind.Version, handler.SupportedVersions.ToString());
    }

    /// <summary>The handler of a descriptor that is to fill a slot.</summary>
    public Resolution ResolveForSlot(CapabilitySlot slot, PackDescriptor kind) => ForSlot(Resolve(kind), slot, kind);

    /// <summary>Refuses a handler that does not fit a slot.</summary>
    public static Resolution ForSlot(Resolution resolved, CapabilitySlot slot, PackDescriptor kind) =>
        resolved.TryGet(out var handler, out _) && handler.Slot != slot ? new RegistryError.SlotMismatch(kind, slot, handler.Slot) : resolved;

    private static EnvPackRegistry Of(IEnumerable<IEnvPackHandler> handlers)
    {
        var registry = new EnvPackRegistry();
        foreach (var handler in handlers)
        {
            if (registry.Register(handler) is { } error)
            {
                throw new InvalidOperationException($"{handler.DescriptorPath}: {error}.");
            }
        }

        return registry;
    }
}
