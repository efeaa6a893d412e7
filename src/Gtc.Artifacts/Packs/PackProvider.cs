using System.Collections.Immutable;

namespace Gtc.Artifacts.Packs;

/// <summary>A provider that a pack declares (extension <c>greentic.provider-extension.v1</c>, bundle-format.md §3.5).</summary>
/// <param name="Type">What it connects to, e.g. <c>messaging.telegram.bot</c>.</param>
/// <param name="Operations">What it can be asked for, e.g. <c>ingest_http</c>.</param>
/// <param name="ComponentId">The component that is it, or null when the pack names none.</param>
/// <param name="Export">The interface it is called through as the pack says it, e.g. <c>schema-core-api</c>, or null.</param>
public sealed record PackProvider(string Type, ImmutableArray<string> Operations, string? ComponentId, string? Export);
