namespace Gtc.Wasm;

/// <summary>What kind of failure it was. Decide on this, never on the text.</summary>
public enum WasmErrorKind
{
    /// <summary>The bytes do not have the binary format of a module or component.</summary>
    Malformed,

    /// <summary>The format is right, but a rule of validation is broken.</summary>
    Invalid,

    /// <summary>It may be valid, but it is larger or deeper than <see cref="WasmLimits"/> allows.</summary>
    TooLarge,

    /// <summary>An import is missing, or what is given for it has another type.</summary>
    Unlinkable,

    /// <summary>The instantiation ran into a trap; <see cref="WasmError.Trap"/> says which.</summary>
    Trapped,
}

/// <summary>Why bytes were not accepted.</summary>
/// <param name="Kind">The kind of failure.</param>
/// <param name="Offset">Where, in bytes from the start of what was read; -1 when no place applies.</param>
/// <param name="Message">What was expected and what was found, for people.</param>
public sealed record WasmError(WasmErrorKind Kind, long Offset, string Message)
{
    /// <summary>The trap of an instantiation, otherwise null.</summary>
    public WasmTrap? Trap { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        Offset < 0 ? $"{Word(Kind)}: {Message}" : $"{Word(Kind)} at byte {Offset}: {Message}";

    private static string Word(WasmErrorKind kind) => kind switch
    {
        WasmErrorKind.Malformed => "malformed",
        WasmErrorKind.Invalid => "invalid",
        WasmErrorKind.TooLarge => "too large",
        WasmErrorKind.Trapped => "trapped",
        _ => "unlinkable",
    };
}
