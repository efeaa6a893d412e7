using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Artifacts.Packs;

/// <summary>A compiled flow (bundle-format.md §3.4).</summary>
public sealed record PackFlow
{
    /// <summary>The id by which it is called.</summary>
    public required string Id { get; init; }

    /// <summary><c>messaging</c>, <c>event</c>, <c>component_config</c>, <c>job</c> or <c>http</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Tags of the entry, e.g. <c>default</c> or <c>internal</c>.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Names under which the pack offers the flow, e.g. <c>default</c>.</summary>
    public ImmutableArray<string> EntryNames { get; init; } = [];

    /// <summary>Entry point name to node id.</summary>
    public ImmutableSortedDictionary<string, string> Entrypoints { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The nodes in their order; the first is the start when no entry point says otherwise.</summary>
    public ImmutableArray<FlowNode> Nodes { get; init; } = [];

    /// <summary>A title for people, or null.</summary>
    public string? Title { get; init; }

    /// <summary>A description for people, or null.</summary>
    public string? Description { get; init; }

    /// <summary>Metadata nobody else reads, such as a flow's parameters, or null.</summary>
    public JsonElement? Extra { get; init; }

    /// <summary>Whether the pack marks it as an entry: tag or entry name <c>default</c>.</summary>
    public bool IsEntry => Tags.Contains("default") || EntryNames.Contains("default");

    /// <summary>Whether it only serves other flows of the pack: tag <c>internal</c>.</summary>
    public bool IsInternal => Tags.Contains("internal");
}

/// <summary>One step of a flow.</summary>
public sealed record FlowNode
{
    /// <summary>The node's id within the flow.</summary>
    public required string Id { get; init; }

    /// <summary>The component or built-in that runs, e.g. <c>emit.response</c>.</summary>
    public required string ComponentId { get; init; }

    /// <summary>The alias of another pack that holds the component, or null.</summary>
    public string? PackAlias { get; init; }

    /// <summary>The operation, or null when the mapping names it.</summary>
    public string? Operation { get; init; }

    /// <summary>The input mapping with its templates.</summary>
    public required JsonElement Input { get; init; }

    /// <summary>The output mapping, or null.</summary>
    public JsonElement? Output { get; init; }

    /// <summary>The error mapping, or null.</summary>
    public JsonElement? ErrorMapping { get; init; }

    /// <summary>The variables that the node sets once it ran (<c>vars_out</c>), or null.</summary>
    public JsonElement? Variables { get; init; }

    /// <summary>Span name and attributes for traces, or null.</summary>
    public JsonElement? Telemetry { get; init; }

    /// <summary>Where to go next.</summary>
    public required FlowRouting Routing { get; init; }
}

/// <summary>Where a flow goes after a node.</summary>
public abstract record FlowRouting
{
    private FlowRouting()
    {
    }

    /// <summary>Finish.</summary>
    public sealed record Finish : FlowRouting;

    /// <summary>Finish and reply to the origin.</summary>
    public sealed record Reply : FlowRouting;

    /// <summary>Always go to one node.</summary>
    public sealed record Always(string NodeId) : FlowRouting;

    /// <summary>Go by the status in the node's output.</summary>
    /// <param name="OnStatus">Status to node id.</param>
    /// <param name="Default">The node for any other status; null finishes.</param>
    public sealed record Branch(ImmutableSortedDictionary<string, string> OnStatus, string? Default) : FlowRouting;

    /// <summary>Raw routes: a list of <c>{condition?, status?, to}</c>; anything that is not a list finishes.</summary>
    public sealed record Custom(JsonElement Routes) : FlowRouting;
}
