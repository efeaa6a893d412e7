using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Artifacts.Packs;

/// <summary>What a pack says about itself (<c>manifest.cbor</c>, bundle-format.md §3.2). Every index into a symbol table is resolved to its text.</summary>
public sealed record PackManifest
{
    /// <summary>Which of the two known forms was read.</summary>
    public PackManifestForm Form { get; init; }

    /// <summary>The pack's own id; it may differ from the file's stem.</summary>
    public required string PackId { get; init; }

    /// <summary>A name for people, or null.</summary>
    public string? Name { get; init; }

    /// <summary>A semantic version.</summary>
    public required string Version { get; init; }

    /// <summary><c>application</c>, <c>provider</c>, <c>infrastructure</c> or <c>library</c>; <c>application</c> for legacy packs, which have none.</summary>
    public required string Kind { get; init; }

    /// <summary>Who made it; for legacy packs the first author, possibly empty.</summary>
    public required string Publisher { get; init; }

    /// <summary>The symbol tables as written; all empty for legacy packs.</summary>
    public PackSymbols Symbols { get; init; } = new();

    /// <summary>Components that are packed. A node may name one that is not.</summary>
    public ImmutableArray<PackComponent> Components { get; init; } = [];

    /// <summary>Flows in the order of the file.</summary>
    public ImmutableArray<PackFlow> Flows { get; init; } = [];

    /// <summary>Other packs this one asks for.</summary>
    public ImmutableArray<PackDependency> Dependencies { get; init; } = [];

    /// <summary>Capabilities the pack declares.</summary>
    public ImmutableArray<PackCapability> Capabilities { get; init; } = [];

    /// <summary>Secrets the pack needs.</summary>
    public ImmutableArray<SecretRequirement> SecretRequirements { get; init; } = [];

    /// <summary>Extensions by id; unknown ones are kept.</summary>
    public ImmutableSortedDictionary<string, PackExtension> Extensions { get; init; } = ImmutableSortedDictionary.Create<string, PackExtension>(StringComparer.Ordinal);

    /// <summary>Providers that the pack declares.</summary>
    public ImmutableArray<PackProvider> Providers { get; init; } = [];
}

/// <summary>The two forms of a pack manifest.</summary>
public enum PackManifestForm
{
    /// <summary><c>pack-v1</c> with symbol tables.</summary>
    PackV1,

    /// <summary>The older form with <c>meta</c> and flow bodies in files of their own (bundle-format.md §3.8).</summary>
    Legacy,
}

/// <summary>The symbol tables of a manifest; an absent table is empty.</summary>
public sealed record PackSymbols
{
    /// <summary>Component ids, built-ins included.</summary>
    public ImmutableArray<string> ComponentIds { get; init; } = [];

    /// <summary>Node ids of all flows.</summary>
    public ImmutableArray<string> NodeIds { get; init; } = [];

    /// <summary>Capability names.</summary>
    public ImmutableArray<string> CapabilityNames { get; init; } = [];

    /// <summary>Pack ids.</summary>
    public ImmutableArray<string> PackIds { get; init; } = [];
}

/// <summary>A component in the pack.</summary>
/// <param name="Id">Its id; ids with dots and hyphens are ordinary.</param>
/// <param name="Version">The declared version; the module itself may report another.</param>
/// <param name="World">The declared interface; advisory only, the module's exports decide.</param>
/// <param name="Operations">Names of its operations.</param>
/// <param name="Definition">The whole entry as written: capabilities, schemas, profiles and the rest.</param>
public sealed record PackComponent(string Id, string Version, string? World, ImmutableArray<string> Operations, JsonElement Definition);

/// <summary>A pack that is asked for.</summary>
public sealed record PackDependency(string Alias, string PackId, string VersionRequirement, ImmutableArray<string> RequiredCapabilities);

/// <summary>A declared capability.</summary>
public sealed record PackCapability(string Name, string? Description);

/// <summary>A secret that the pack needs.</summary>
/// <param name="Key">Its key, e.g. <c>TELEGRAM_BOT_TOKEN</c>.</param>
/// <param name="Required">Whether the pack cannot work without it.</param>
/// <param name="Description">For people, or null.</param>
public sealed record SecretRequirement(string Key, bool Required, string? Description);

/// <summary>An extension of the manifest.</summary>
/// <param name="Kind">The extension's kind, usually its id.</param>
/// <param name="Version">The extension's version.</param>
/// <param name="Inline">Its content, or null when it lives elsewhere.</param>
public sealed record PackExtension(string Kind, string Version, JsonElement? Inline);
