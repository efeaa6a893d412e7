namespace Gtc.Artifacts.Packs;

/// <summary>The component ids that the flow engine itself gives a meaning; they never name a component of a pack (flows-and-components.md §2.2).</summary>
public static class BuiltInComponents
{
    /// <summary>Runs the component that the mapping names.</summary>
    public const string ComponentExec = "component.exec";

    /// <summary>How the ids of nodes that reply begin.</summary>
    public const string EmitPrefix = "emit.";

    /// <summary>Writes to the log instead of replying.</summary>
    public const string EmitLog = "emit.log";

    /// <summary>Runs another flow and goes on with what it answers.</summary>
    public const string FlowCall = "flow.call";

    /// <summary>Changes to another flow for good.</summary>
    public const string FlowGoto = "flow.goto";

    /// <summary>Waits for the session's next message.</summary>
    public const string SessionWait = "session.wait";

    /// <summary>Calls an operation of a provider; the only built-in whose input carries <c>in_map</c>.</summary>
    public const string ProviderInvoke = "provider.invoke";

    /// <summary>Reads a value of the flow's state.</summary>
    public const string StateGet = "state.get";

    /// <summary>Writes a value of the flow's state.</summary>
    public const string StateSet = "state.set";

    /// <summary>Sets variables of the run.</summary>
    public const string VariablesSet = "vars.set";

    /// <summary>Whether an id is a built-in.</summary>
    public static bool Contains(string componentId)
    {
        ArgumentNullException.ThrowIfNull(componentId);
        return componentId is ComponentExec or ProviderInvoke
            or FlowCall or FlowGoto or SessionWait or StateGet or StateSet or VariablesSet
            or "sorla.call" or "operala.call" or "telco-x.call" or "approval.call" or "mcp" or "a2a"
            || componentId.StartsWith(EmitPrefix, StringComparison.Ordinal)
            || componentId.StartsWith("dw.", StringComparison.Ordinal);
    }
}
