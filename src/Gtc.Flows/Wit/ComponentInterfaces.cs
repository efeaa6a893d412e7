using System.Collections.Immutable;
using Gtc.Wasm.Components;
using Gtc.Wasm.Wasi;

namespace Gtc.Flows;

/// <summary>The interfaces between flows, components and the host (flows-and-components.md §3 and §4) in WIT, for making components. The host itself takes each in the types that a component asks for.</summary>
public static class ComponentInterfaces
{
    // What others use comes first.
    private static readonly ImmutableArray<string> Packages =
    [
        "types-core-0.6.0", "interfaces-types-0.1.0", "component-0.6.0", "state-1.0.0", "http-1.1.0", "secrets-store-1.0.0", "telemetry-1.0.0",
    ];

    /// <summary>A new catalogue of them; more can be added to it.</summary>
    public static WitCatalog Catalog()
    {
        var catalog = new WitCatalog();
        foreach (var package in Packages)
        {
            using var text = new StreamReader(typeof(ComponentInterfaces).Assembly.GetManifestResourceStream($"wit/{package}.wit")!);
            catalog.Add(text.ReadToEnd());
        }

        return WasiHost.Describe(catalog);
    }
}
