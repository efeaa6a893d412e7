using System.Collections.Immutable;
using Gtc.Artifacts.Packs;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows;

/// <summary>Looks for what would go wrong when the flows of a pack run, without running anything.</summary>
public static class PackCheck
{
    /// <summary>Checks a pack.</summary>
    /// <param name="pack">The pack; it stays open.</param>
    /// <param name="options">How its flows would run.</param>
    /// <param name="cancellationToken">Stops between flows and components.</param>
    /// <returns>The findings, worst first.</returns>
    public static ImmutableArray<FlowFinding> Run(PackFile pack, FlowOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pack);
        ArgumentNullException.ThrowIfNull(options);
        var findings = new List<FlowFinding>();
        var components = new PackComponents(pack, options, NullLogger.Instance);
        var flows = pack.Manifest.Flows.Select(flow => new LoadedFlow(pack.Manifest, flow, components)).ToImmutableArray();
        Entries(flows, findings);
        var checkedComponents = new ComponentCheck(pack, components, findings);
        foreach (var flow in flows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            new FlowCheck(pack.Manifest, flow.Flow, checkedComponents, findings).Run();
        }

        checkedComponents.Finish(cancellationToken);
        return [.. findings.OrderByDescending(finding => finding.Severity).ThenBy(finding => finding.Place, StringComparer.Ordinal).ThenBy(finding => finding.Code, StringComparer.Ordinal)];
    }

    // A message says which kind of flow shall answer, and there must be one answer to that (flows-and-components.md §2.12).
    private static void Entries(ImmutableArray<LoadedFlow> flows, List<FlowFinding> findings)
    {
        foreach (var kind in flows.Where(flow => flow.AnswersByType).GroupBy(flow => flow.Flow.Kind, StringComparer.Ordinal).Where(kind => kind.Count() > 1))
        {
            var entries = kind.Where(flow => flow.Flow.IsEntry).Select(flow => flow.Flow.Id).ToArray();
            if (entries.Length != 1)
            {
                var which = entries.Length == 0 ? "none is tagged default" : $"{string.Join(" and ", entries)} are tagged default";
                findings.Add(new(
                    FindingSeverity.Error,
                    "ambiguous-entry",
                    string.Join(", ", kind.Select(flow => flow.Flow.Id)),
                    $"the pack has {kind.Count()} flows of the type {kind.Key}, and {which}: no message can choose between them",
                    "tag the one that answers `default`, and those that only serve other flows `internal`"));
            }
        }

        if (!flows.IsEmpty && !flows.Any(flow => flow.AnswersByType))
        {
            findings.Add(new(FindingSeverity.Note, "no-entry", flows[0].Pack.PackId, "no flow of the pack answers a message by itself", "nothing, when other flows or a provider's set-up call them"));
        }
    }
}
