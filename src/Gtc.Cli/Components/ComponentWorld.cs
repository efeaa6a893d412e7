using System.Collections.Immutable;
using Gtc.Wasm.Components;

namespace Gtc.Cli.Components;

/// <summary>Which of a component's exports gtc calls (flows-and-components.md §3.1): the exports decide, not the world that a pack declares.</summary>
/// <param name="Interface">The interface, or null.</param>
/// <param name="Problem">Why there is none, or null.</param>
internal sealed record ComponentWorld(string? Interface, string? Problem)
{
    /// <summary>In the order in which they are chosen, with the function that is called.</summary>
    private static readonly ImmutableArray<(string Interface, string Function)> Known =
    [
        ("greentic:component/node@0.6.0", "invoke"),
        ("greentic:component/node@0.5.0", "invoke"),
        ("greentic:component/node@0.4.0", "invoke"),
        ("greentic:component/component-runtime@0.6.0", "run"),
        ("greentic:provider-schema-core/schema-core-api@1.0.0", "invoke"),
    ];

    /// <summary>Chooses among exports.</summary>
    public static ComponentWorld Of(ImmutableArray<ComponentItem> exports)
    {
        foreach (var (wanted, function) in Known)
        {
            if (exports.FirstOrDefault(export => export.Name == wanted) is { } found)
            {
                return found.Functions.Any(candidate => candidate.Name == function)
                    ? new(wanted, null)
                    : new(null, $"it exports {wanted} without the function {function}");
            }
        }

        var given = exports.IsEmpty ? "it exports nothing" : $"it exports {string.Join(", ", exports.Select(export => export.Name))}";
        return new(null, $"{given}; one of {string.Join(", ", Known.Select(known => known.Interface))} was expected");
    }
}
