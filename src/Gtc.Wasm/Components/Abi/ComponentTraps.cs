namespace Gtc.Wasm.Components;

internal static class ComponentTraps
{
    /// <summary>The guest broke a rule of the component model.</summary>
    public static WasmTrapException Make(string reason) => new(new WasmTrap(TrapKind.ComponentRule, reason));
}
