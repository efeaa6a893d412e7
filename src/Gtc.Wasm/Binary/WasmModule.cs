using System.Collections.Immutable;

namespace Gtc.Wasm;

/// <summary>
/// A module as its bytes say, decoded but not run. Index spaces (functions, tables, memories, globals) list the imported ones first.
/// Indices are what the bytes say; only <see cref="Validate"/> proves that they lead somewhere.
/// </summary>
public sealed class WasmModule
{
    private readonly Lazy<FunctionNames> _names;
    private readonly Lazy<HashSet<uint>> _declared;

    internal WasmModule(ReadOnlyMemory<byte> bytes)
    {
        Bytes = bytes;
        _names = new(() => FunctionNames.Read(this));
        _declared = new(() => Wasm.DeclaredFunctions.Of(this));
    }

    /// <summary>The whole module. Code, expressions and data are ranges of it.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The function types.</summary>
    public required ImmutableArray<FunctionType> Types { get; init; }

    /// <summary>What is needed from outside, in order.</summary>
    public required ImmutableArray<Import> Imports { get; init; }

    /// <summary>The type of every function, as an index into <see cref="Types"/>.</summary>
    public required ImmutableArray<uint> Functions { get; init; }

    /// <summary>Every table.</summary>
    public required ImmutableArray<TableType> Tables { get; init; }

    /// <summary>Every memory; a valid module has one at most.</summary>
    public required ImmutableArray<MemoryType> Memories { get; init; }

    /// <summary>Every global.</summary>
    public required ImmutableArray<GlobalType> Globals { get; init; }

    /// <summary>The first values of the globals that are not imported.</summary>
    public required ImmutableArray<ConstantExpression> GlobalValues { get; init; }

    /// <summary>What is shown to others.</summary>
    public required ImmutableArray<Export> Exports { get; init; }

    /// <summary>The function that runs at the end of the instantiation, or null.</summary>
    public required uint? Start { get; init; }

    /// <summary>The element segments.</summary>
    public required ImmutableArray<ElementSegment> Elements { get; init; }

    /// <summary>The data segments.</summary>
    public required ImmutableArray<DataSegment> Data { get; init; }

    /// <summary>The number of data segments stated before the code, or null; code that names segments needs it.</summary>
    public required uint? DataCount { get; init; }

    /// <summary>The code of the functions that are not imported.</summary>
    public required ImmutableArray<FunctionBody> Code { get; init; }

    /// <summary>Custom sections, in order.</summary>
    public required ImmutableArray<CustomSection> CustomSections { get; init; }

    /// <summary>How many functions are imported.</summary>
    public required int ImportedFunctions { get; init; }

    /// <summary>How many tables are imported.</summary>
    public required int ImportedTables { get; init; }

    /// <summary>How many memories are imported.</summary>
    public required int ImportedMemories { get; init; }

    /// <summary>How many globals are imported.</summary>
    public required int ImportedGlobals { get; init; }

    /// <summary>Reads the binary format (core specification 2.0, section 5). The bytes must not change afterwards: the module keeps them.</summary>
    /// <returns>The module, or why the bytes are none.</returns>
    public static WasmResult<WasmModule> Decode(ReadOnlyMemory<byte> bytes, WasmLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        try
        {
            return new ModuleDecoder(bytes, limits).Decode();
        }
        catch (WasmFaultException fault)
        {
            return fault.Error;
        }
    }

    /// <summary>Decodes and validates.</summary>
    /// <returns>A module that can be compiled and instantiated, or why not.</returns>
    public static WasmResult<WasmModule> Load(ReadOnlyMemory<byte> bytes, WasmLimits limits)
    {
        var decoded = Decode(bytes, limits);
        return decoded.IsOk && decoded.Value.Validate(limits) is { } error ? error : decoded;
    }

    /// <summary>Checks every rule of validation (core specification 2.0, section 3).</summary>
    /// <returns>The first rule that is broken, or null.</returns>
    public WasmError? Validate(WasmLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        try
        {
            new ModuleValidator(this, limits).Validate();
            return null;
        }
        catch (WasmFaultException fault)
        {
            return fault.Error;
        }
    }

    /// <summary>The type of a function of a validated module.</summary>
    /// <param name="function">An index into <see cref="Functions"/>.</param>
    public FunctionType TypeOf(int function) => Types[(int)Functions[function]];

    /// <summary>What to call a function in messages: its name in the name section, an export's name, or its index.</summary>
    /// <param name="function">An index into <see cref="Functions"/>.</param>
    public string NameOf(int function) => _names.Value.Of(function);

    internal HashSet<uint> DeclaredFunctions => _declared.Value;

    internal InstructionReader Read(FunctionBody body) => new(Bytes.Span, body.Offset, body.Length);

    internal InstructionReader Read(ConstantExpression expression) => new(Bytes.Span, expression.Offset, expression.Length);
}
