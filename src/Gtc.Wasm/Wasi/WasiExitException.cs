using System.Diagnostics.CodeAnalysis;

namespace Gtc.Wasm.Wasi;

/// <summary>A guest asked to end. It travels as the <see cref="WasmTrap.Exception"/> of the trap that ended the call.</summary>
[SuppressMessage("Design", "CA1032", Justification = "It always carries a code.")]
public sealed class WasiExitException : Exception
{
    private WasiExitException(uint code)
        : base($"the guest ended itself with code {code}")
    {
        Code = code;
    }

    /// <summary>0 for success.</summary>
    public uint Code { get; }

    internal static WasmTrapException Trap(uint code)
    {
        var exit = new WasiExitException(code);
        return new WasmTrapException(new WasmTrap(TrapKind.HostError, exit.Message, exit));
    }
}
