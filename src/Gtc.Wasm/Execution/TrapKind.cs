namespace Gtc.Wasm;

/// <summary>Why a guest was stopped. Decide on this, never on the text.</summary>
public enum TrapKind
{
    /// <summary>The instruction <c>unreachable</c> ran.</summary>
    Unreachable,

    /// <summary>An integer was divided by zero.</summary>
    IntegerDivideByZero,

    /// <summary>A quotient or a converted number does not fit its integer type.</summary>
    IntegerOverflow,

    /// <summary>Not a number was converted to an integer.</summary>
    InvalidConversion,

    /// <summary>An access reached past the end of a memory or data segment.</summary>
    MemoryOutOfBounds,

    /// <summary>An access reached past the end of a table or element segment.</summary>
    TableOutOfBounds,

    /// <summary>An indirect call named an element past the end of its table.</summary>
    UndefinedElement,

    /// <summary>An indirect call named an element that is null.</summary>
    UninitializedElement,

    /// <summary>An indirect call met a function of another type.</summary>
    IndirectCallTypeMismatch,

    /// <summary>Calls were nested deeper than <see cref="StoreLimits.StackBytes"/> or the thread's stack allows.</summary>
    CallStackExhausted,

    /// <summary>The time given to the call is over.</summary>
    DeadlineExceeded,

    /// <summary>The caller gave up.</summary>
    Cancelled,

    /// <summary>The host could not supply what a limit allowed, such as memory.</summary>
    ResourceExhausted,

    /// <summary>A function of the host failed; <see cref="WasmTrap.Exception"/> says how.</summary>
    HostError,

    /// <summary>The guest broke a rule of the component model, such as passing a string that is not UTF-8 or using a handle that it does not have.</summary>
    ComponentRule,
}
