namespace Gtc.Wasm;

/// <summary>Why a call has no results. The instance stays as the guest left it: later calls are possible, but what it was changing may be half changed.</summary>
/// <param name="Kind">The kind of trap.</param>
/// <param name="Message">What happened, in the words of the specification where it has some, for people.</param>
/// <param name="Exception">What a function of the host threw, or null.</param>
public sealed record WasmTrap(TrapKind Kind, string Message, Exception? Exception = null)
{
    /// <summary>A trap with the usual words for its kind.</summary>
    public static WasmTrap Of(TrapKind kind) => new(kind, kind switch
    {
        TrapKind.Unreachable => "unreachable",
        TrapKind.IntegerDivideByZero => "integer divide by zero",
        TrapKind.IntegerOverflow => "integer overflow",
        TrapKind.InvalidConversion => "invalid conversion to integer",
        TrapKind.MemoryOutOfBounds => "out of bounds memory access",
        TrapKind.TableOutOfBounds => "out of bounds table access",
        TrapKind.UndefinedElement => "undefined element",
        TrapKind.UninitializedElement => "uninitialized element",
        TrapKind.IndirectCallTypeMismatch => "indirect call type mismatch",
        TrapKind.CallStackExhausted => "call stack exhausted",
        TrapKind.DeadlineExceeded => "deadline exceeded",
        TrapKind.Cancelled => "cancelled",
        TrapKind.ResourceExhausted => "resource exhausted",
        _ => "host function failed",
    });

    /// <inheritdoc/>
    public override string ToString() => $"trap: {Message}";
}
