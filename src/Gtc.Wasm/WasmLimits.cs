namespace Gtc.Wasm;

/// <summary>
/// How large a module may be. The defaults follow the limits of the WebAssembly JavaScript interface, which every browser applies, so what runs there is accepted here;
/// where that interface has none (nesting, operand stack), the default is far above what compilers emit.
/// </summary>
public sealed record WasmLimits
{
    /// <summary>The defaults.</summary>
    public static WasmLimits Default { get; } = new();

    /// <summary>
    /// For modules that nobody vouches for. Machine code of a function is made in one piece when it is first called, and no deadline ends that: so a function may have
    /// 32 KiB, of which the runtime makes code in 5 to 100 ms as compilers write it, and in some 0.5 s when it is written to take long (nothing but indirect calls,
    /// or calls with many results); without this bound it could take minutes. Interpreters compiled to WebAssembly have larger functions: allow them by
    /// <c>Guest with { FunctionBytes = … }</c>, at 0.2 to 3 ms for each KiB, or 15 ms at worst. Parameters and results are few because a branch of two bytes copies them all.
    /// </summary>
    public static WasmLimits Guest { get; } = new() { ModuleBytes = 64 << 20, FunctionBytes = 32 << 10, Parameters = 64, Results = 8 };

    /// <summary>Bytes of a module.</summary>
    public int ModuleBytes { get; init; } = 256 << 20;

    /// <summary>Sections of a module, custom ones included.</summary>
    public int Sections { get; init; } = 10_000;

    /// <summary>Function types.</summary>
    public int Types { get; init; } = 1_000_000;

    /// <summary>Functions, imported ones included.</summary>
    public int Functions { get; init; } = 1_000_000;

    /// <summary>Imports.</summary>
    public int Imports { get; init; } = 1_000_000;

    /// <summary>Exports.</summary>
    public int Exports { get; init; } = 1_000_000;

    /// <summary>Globals, imported ones included.</summary>
    public int Globals { get; init; } = 1_000_000;

    /// <summary>Tables, imported ones included.</summary>
    public int Tables { get; init; } = 100_000;

    /// <summary>Data segments.</summary>
    public int DataSegments { get; init; } = 100_000;

    /// <summary>Element segments.</summary>
    public int ElementSegments { get; init; } = 100_000;

    /// <summary>Items of one element segment.</summary>
    public int SegmentElements { get; init; } = 10_000_000;

    /// <summary>Elements of a table when it is made.</summary>
    public uint TableElements { get; init; } = 10_000_000;

    /// <summary>Bytes of one function's body.</summary>
    public int FunctionBytes { get; init; } = 7_654_321;

    /// <summary>Locals of one function, parameters included.</summary>
    public int Locals { get; init; } = 50_000;

    /// <summary>Parameters of a function type.</summary>
    public int Parameters { get; init; } = 1_000;

    /// <summary>Results of a function type.</summary>
    public int Results { get; init; } = 1_000;

    /// <summary>Labels of one br_table.</summary>
    public int BranchTargets { get; init; } = 65_520;

    /// <summary>Blocks within blocks.</summary>
    public int NestingDepth { get; init; } = 20_000;

    /// <summary>Operands on the stack of one function at a time.</summary>
    public int OperandDepth { get; init; } = 60_000;

    /// <summary>Bytes of a name in imports, exports and custom sections.</summary>
    public int NameBytes { get; init; } = 100_000;
}
