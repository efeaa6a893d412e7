using System.Diagnostics.CodeAnalysis;

namespace Gtc.Wasm;

/// <summary>
/// Unwinds a guest. <see cref="WasmFunction.Invoke(ReadOnlySpan{WasmValue}, Span{WasmValue})"/> turns it into a value; it is seen only by callers of <see cref="WasmFunction.CreateDelegate{T}"/>,
/// and thrown by functions of the host that want to stop their guest with a certain trap.
/// </summary>
[SuppressMessage("Design", "CA1032", Justification = "It always carries a trap.")]
public sealed class WasmTrapException(WasmTrap trap) : Exception((trap ?? throw new ArgumentNullException(nameof(trap))).Message, trap.Exception)
{
    /// <summary>The trap.</summary>
    public WasmTrap Trap { get; } = trap;
}
