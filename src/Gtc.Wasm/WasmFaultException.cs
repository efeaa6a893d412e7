using System.Diagnostics.CodeAnalysis;

namespace Gtc.Wasm;

/// <summary>Ends the reading of bytes that are wrong; it never leaves the library: the public entry points turn it into a <see cref="WasmError"/>.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Raised in this library only, always with an error.")]
[SuppressMessage("Design", "CA1064", Justification = "It does not leave the library.")]
internal sealed class WasmFaultException(WasmError error) : Exception(error.Message)
{
    public WasmError Error { get; } = error;

    public static WasmFaultException Malformed(long offset, string message) => new(new WasmError(WasmErrorKind.Malformed, offset, message));

    public static WasmFaultException Invalid(long offset, string message) => new(new WasmError(WasmErrorKind.Invalid, offset, message));

    public static WasmFaultException TooLarge(long offset, string message) => new(new WasmError(WasmErrorKind.TooLarge, offset, message));
}
