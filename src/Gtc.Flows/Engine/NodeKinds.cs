namespace Gtc.Flows;

/// <summary>The component ids that the engine itself gives a meaning (flows-and-components.md §2.2).</summary>
internal static class NodeKinds
{
    public const string ComponentExec = "component.exec";
    public const string EmitPrefix = "emit.";
    public const string EmitLog = "emit.log";

    /// <summary>Whether an id is a built-in and so never names a component of the pack.</summary>
    public static bool IsBuiltIn(string componentId) => componentId is ComponentExec
        or "flow.call" or "flow.goto" or "provider.invoke" or "session.wait" or "state.get" or "state.set"
        or "sorla.call" or "operala.call" or "telco-x.call" or "approval.call" or "mcp" or "a2a"
        || componentId.StartsWith("dw.", StringComparison.Ordinal);
}
