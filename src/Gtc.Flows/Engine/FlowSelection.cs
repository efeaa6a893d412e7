using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Flows;

/// <summary>Chooses the flow that answers an activity (flows-and-components.md §2.12).</summary>
internal static class FlowSelection
{
    public static Outcome<LoadedFlow> Choose(ImmutableArray<LoadedFlow> flows, InboundActivity activity)
    {
        var inPack = activity.PackId is { } pack ? flows.Where(flow => flow.Pack.PackId == pack) : flows;
        if (activity.FlowId is { } id)
        {
            return Single([.. inPack.Where(flow => flow.Flow.Id == id)], $"flow {id}");
        }

        var candidates = inPack.Where(flow => flow.AnswersByType).ToImmutableArray();
        if (activity.FlowType is { } type)
        {
            var ofType = candidates.Where(flow => string.Equals(flow.Flow.Kind, type, StringComparison.OrdinalIgnoreCase)).ToImmutableArray();
            var entries = ofType.Where(flow => flow.Flow.IsEntry).ToImmutableArray();
            return Single(ofType.Length > 1 && entries.Length > 0 ? entries : ofType, $"flow type {type}");
        }

        return (candidates.FirstOrDefault(flow => flow.Flow.IsEntry) ?? candidates.FirstOrDefault()) is { } first
            ? first
            : new Refusal.Missing("no entry flows registered for tenant");
    }

    private static Outcome<LoadedFlow> Single(ImmutableArray<LoadedFlow> found, string what) => found switch
    {
        [var only] => only,
        [] => new Refusal.Missing($"no pack has {what}"),
        _ => new Refusal.InvalidArgument($"{what} is ambiguous; pack_id is required")
        {
            Details = [.. found.Select(flow => new RefusalDetail("found", $"{flow.Pack.PackId}/{flow.Flow.Id}"))],
        },
    };
}
