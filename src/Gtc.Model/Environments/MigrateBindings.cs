using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>What <c>migrate-bindings</c> asks for (environment-model.md §4.4).</summary>
public sealed record MigrateBindings
{
    /// <summary>The env-packs of the environment that is left behind.</summary>
    public ImmutableArray<EnvPackBinding> Packs { get; init; } = [];

    /// <summary>Its extensions.</summary>
    public ImmutableArray<ExtensionBinding> Extensions { get; init; } = [];

    /// <summary>What a missing environment is made of, or null to refuse it.</summary>
    public MigrationSeed? SeedIfMissing { get; init; }
}

/// <summary>What a missing environment is made of.</summary>
/// <param name="HostConfig">Its host.</param>
/// <param name="Revocation">Its revocation rule.</param>
/// <param name="Retention">Its retention rule.</param>
/// <param name="Health">Its health.</param>
public sealed record MigrationSeed(HostConfig HostConfig, RevocationConfig Revocation, RetentionPolicy Retention, HealthStatus Health);

/// <summary>How a migration ended.</summary>
/// <param name="Document">The document after.</param>
/// <param name="MergedSlots">The slots that were free and now are bound.</param>
/// <param name="MergedExtensions">The extensions that were added, as <c>path</c> or <c>path/instance</c>.</param>
public sealed record MigratedBindings(EnvironmentDocument Document, ImmutableArray<CapabilitySlot> MergedSlots, ImmutableArray<string> MergedExtensions);

/// <summary>Moves bindings into another environment; what is bound there stays. Pure.</summary>
public static class BindingMigration
{
    /// <summary>Adds what is not bound yet. A missing environment is made from the seed, named after its id.</summary>
    public static Outcome<MigratedBindings> Migrate(EnvId target, EnvironmentDocument? document, MigrateBindings command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (!Target(target, document, command.SeedIfMissing).TryGet(out var present, out var refusal))
        {
            return refusal;
        }

        if (command.Packs.FirstOrDefault(pack => !PackVerbs.BindsInPacks(pack.Slot)) is { } stranger)
        {
            return PackVerbs.NotPackSlot(stranger.Slot);
        }

        var slots = present.Packs.Select(pack => pack.Slot).ToHashSet();
        var packs = command.Packs.Where(pack => slots.Add(pack.Slot)).ToImmutableArray();
        var keys = present.Extensions.Select(ExtensionKey.Of).ToHashSet();
        var extensions = command.Extensions.Where(extension => keys.Add(ExtensionKey.Of(extension))).ToImmutableArray();
        var merged = present with { Packs = present.Packs.AddRange(packs), Extensions = present.Extensions.AddRange(extensions) };
        return Find.Sound(merged, new MigratedBindings(
            merged,
            [.. packs.Select(pack => pack.Slot)],
            [.. extensions.Select(extension => ExtensionKey.Of(extension).ToString())]));
    }

    private static Outcome<EnvironmentDocument> Target(EnvId target, EnvironmentDocument? document, MigrationSeed? seed)
    {
        if (document is not null)
        {
            return document;
        }

        return seed is null
            ? new Refusal.Missing($"environment `{target}` does not exist")
            : EnvironmentVerbs.CreateNamed(target, target.ToString(), seed.HostConfig).Then<EnvironmentDocument>(created => created with
            {
                Revocation = seed.Revocation,
                Retention = seed.Retention,
                Health = seed.Health,
            });
    }
}
