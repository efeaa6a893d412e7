using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Gtc.Flows;

/// <summary>What a run shares with the flows that it calls.</summary>
internal sealed record RunSetting(
    ImmutableArray<LoadedFlow> Flows,
    ImmutableArray<ProviderComponent> Providers,
    FlowContext Context,
    FlowOptions Options,
    RunBudget Budget,
    ComponentCalls Components,
    ILogger Logger)
{
    /// <summary>A flow of the same pack.</summary>
    public LoadedFlow Flow(LoadedFlow from, string id) => Flows.FirstOrDefault(flow => flow.Pack.PackId == from.Pack.PackId && flow.Flow.Id == id)
        ?? throw new FlowFault($"pack `{from.Pack.PackId}` has no flow `{id}`");
}

/// <summary>What a run answers, and where it waits when it did not end.</summary>
internal sealed record RunResult(ImmutableArray<JsonElement> Payloads, ParkedPlace? Parked);

/// <summary>Where a run waits for the next message.</summary>
internal sealed record ParkedPlace(LoadedFlow Flow, FlowScope Scope, string NodeId, bool IsAwaitingSubmit);
