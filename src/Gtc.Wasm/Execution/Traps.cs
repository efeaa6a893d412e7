using System.Diagnostics.CodeAnalysis;

namespace Gtc.Wasm;

/// <summary>
/// The ways out of compiled code. Its bounds checks, stack checks and conversions call a thrower of this class; divisions and table accesses trap through the
/// exceptions of the runtime, which <see cref="Of"/> translates. Code of the host runs behind <see cref="CallHost"/>, so those exceptions are never the host's.
/// </summary>
internal static class Traps
{
    // Each only throws: that is how the JIT knows that they do not return and moves calls out of the way.
    public static void Unreachable() => throw Make(TrapKind.Unreachable);

    public static void MemoryOutOfBounds() => throw Make(TrapKind.MemoryOutOfBounds);

    public static void TableOutOfBounds() => throw Make(TrapKind.TableOutOfBounds);

    public static void TypeMismatch() => throw Make(TrapKind.IndirectCallTypeMismatch);

    public static void InvalidConversion() => throw Make(TrapKind.InvalidConversion);

    public static void IntegerOverflow() => throw Make(TrapKind.IntegerOverflow);

    public static void Stopped(InstanceState instance) => throw new WasmTrapException(instance.Store.StopReason());

    /// <summary>The trap that an exception from compiled code stands for, or null when it is none.</summary>
    public static WasmTrap? Of(Exception exception) => exception switch
    {
        WasmTrapException trap => trap.Trap,
        DivideByZeroException => WasmTrap.Of(TrapKind.IntegerDivideByZero),
        OverflowException => WasmTrap.Of(TrapKind.IntegerOverflow),
        IndexOutOfRangeException => WasmTrap.Of(TrapKind.UndefinedElement),
        NullReferenceException => WasmTrap.Of(TrapKind.UninitializedElement),
        OutOfMemoryException => WasmTrap.Of(TrapKind.ResourceExhausted),
        _ => null,
    };

    /// <summary>Runs code of the host: whatever it throws becomes a trap that names it.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "A failing host function must stop its guest, not the process.")]
    public static void CallHost(HostFunction function, ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results)
    {
        try
        {
            function(arguments, results);
        }
        catch (Exception exception)
        {
            throw FromHost(exception);
        }
    }

    /// <summary>The trap for an exception of the host's code.</summary>
    public static WasmTrapException FromHost(Exception exception) => exception switch
    {
        WasmTrapException trap => trap,
        OperationCanceledException => new WasmTrapException(new WasmTrap(TrapKind.Cancelled, "cancelled in a function of the host", exception)),
        _ => new WasmTrapException(new WasmTrap(TrapKind.HostError, $"host function failed: {exception.Message}", exception)),
    };

    private static WasmTrapException Make(TrapKind kind) => new(WasmTrap.Of(kind));
}
