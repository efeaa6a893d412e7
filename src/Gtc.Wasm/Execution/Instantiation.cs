namespace Gtc.Wasm;

/// <summary>One run of the steps of instantiation (core specification 2.0, section 4.5.4), in the order that makes its effects visible as the specification says.</summary>
internal sealed class Instantiation(WasmCode code, WasmStore store, WasmImports imports)
{
    private readonly WasmModule _module = code.Module;
    private readonly InstanceState _instance = new(code, store);

    public WasmResult<WasmInstance> Run()
    {
        if (!store.TryTakeInstance())
        {
            return new WasmError(WasmErrorKind.TooLarge, -1, $"the store has its {store.Limits.Instances} instances already");
        }

        store.ResultsFor(code.MostResults);
        if ((Link() ?? MakeOwn()) is { } error)
        {
            return error;
        }

        _instance.Table0 = _instance.Tables.Length > 0 ? _instance.Tables[0] : null;
        _instance.Global0 = _instance.Globals.Length > 0 ? _instance.Globals[0] : null;
        if ((FillTables() ?? FillMemory() ?? Start()) is { } trap)
        {
            return new WasmError(WasmErrorKind.Trapped, -1, trap.Message) { Trap = trap };
        }

        return new WasmInstance(_instance);
    }

    private WasmError? Link()
    {
        int function = 0, table = 0, global = 0;
        foreach (var import in _module.Imports)
        {
            if (!imports.TryFind(import.Module, import.Name, out var offer))
            {
                return Unlinkable(import, "unknown import: nothing is offered");
            }

            if (!ReferenceEquals(offer.Store, store))
            {
                return Unlinkable(import, "what is offered belongs to another store");
            }

            switch (import, offer)
            {
                case (FunctionImport wanted, WasmFunction given) when given.Type.Equals(_module.Types[(int)wanted.TypeIndex]):
                    _instance.Functions[function++] = given;
                    break;
                case (TableImport wanted, WasmTable given) when given.Matches(wanted.Type):
                    _instance.Tables[table++] = given;
                    break;
                case (MemoryImport wanted, WasmMemory given) when given.Matches(wanted.Type):
                    _instance.Memory = given;
                    break;
                case (GlobalImport wanted, WasmGlobal given) when given.Type == wanted.Type:
                    _instance.Globals[global++] = given;
                    break;
                default:
                    return Unlinkable(import, $"incompatible import type: wanted is {Describe(import)}, offered is {Describe(offer)}");
            }
        }

        return null;
    }

    private WasmError? MakeOwn()
    {
        for (var index = _module.ImportedTables; index < _module.Tables.Length; index++)
        {
            if (!WasmTable.Create(store, _module.Tables[index]).TryGet(out var table, out var error))
            {
                return error;
            }

            _instance.Tables[index] = table;
        }

        if (_module.ImportedMemories < _module.Memories.Length)
        {
            if (!WasmMemory.Create(store, _module.Memories[0]).TryGet(out var memory, out var error))
            {
                return error;
            }

            _instance.Memory = memory;
        }

        for (var index = _module.ImportedGlobals; index < _module.Globals.Length; index++)
        {
            var value = ConstantEvaluator.Evaluate(_instance, _module.GlobalValues[index - _module.ImportedGlobals]);
            _instance.Globals[index] = new WasmGlobal(store, _module.Globals[index], value);
        }

        return null;
    }

    private WasmTrap? FillTables()
    {
        // Segments are evaluated before the first is copied; what is copied before a trap stays.
        for (var index = 0; index < _module.Elements.Length; index++)
        {
            _instance.Elements[index] = _module.Elements[index].Mode == SegmentMode.Declarative ? [] : References(_module.Elements[index]);
        }

        for (var index = 0; index < _module.Elements.Length; index++)
        {
            var segment = _module.Elements[index];
            if (segment.Mode != SegmentMode.Active)
            {
                continue;
            }

            var place = (uint)ConstantEvaluator.Evaluate(_instance, segment.Place).I32;
            var table = _instance.Tables[segment.Table];
            var references = _instance.Elements[index]!;
            if (place > table.Size || (uint)references.Length > table.Size - place)
            {
                return WasmTrap.Of(TrapKind.TableOutOfBounds);
            }

            references.CopyTo(table.Elements, place);
            _instance.Elements[index] = [];
        }

        return null;
    }

    private object?[] References(ElementSegment segment)
    {
        var references = new object?[segment.Count];
        for (var place = 0; place < references.Length; place++)
        {
            references[place] = segment.Functions.IsDefault
                ? ConstantEvaluator.Evaluate(_instance, segment.Expressions[place]).Reference
                : _instance.FunctionAt((int)segment.Functions[place]);
        }

        return references;
    }

    private WasmTrap? FillMemory()
    {
        for (var index = 0; index < _module.Data.Length; index++)
        {
            var segment = _module.Data[index];
            if (segment.Mode == SegmentMode.Passive)
            {
                _instance.Data[index] = segment.Bytes;
                continue;
            }

            var place = (uint)ConstantEvaluator.Evaluate(_instance, segment.Place).I32;
            if (!_instance.Memory!.TrySpan(place, (ulong)segment.Bytes.Length, out var span))
            {
                return WasmTrap.Of(TrapKind.MemoryOutOfBounds);
            }

            segment.Bytes.Span.CopyTo(span);
        }

        return null;
    }

    private WasmTrap? Start() => _module.Start is { } start ? _instance.FunctionAt((int)start).Invoke() : null;

    private static WasmError Unlinkable(Import import, string why) => new(WasmErrorKind.Unlinkable, -1, $"{import}: {why}");

    private string Describe(Import import) => import switch
    {
        FunctionImport function => $"a function {_module.Types[(int)function.TypeIndex]}",
        TableImport table => $"a table of {table.Type.Element.Name()} {table.Type.Size}",
        MemoryImport memory => $"a memory of pages {memory.Type.Size}",
        GlobalImport global => Describe(global.Type),
        _ => import.Kind.ToString(),
    };

    private static string Describe(WasmExternal offer) => offer switch
    {
        WasmFunction function => $"a function {function.Type}",
        WasmTable table => $"a table of {table.Type.Element.Name()} {new SizeLimits(table.Size, table.Type.Size.Maximum)}",
        WasmMemory memory => $"a memory of pages {new SizeLimits(memory.Pages, memory.Type.Size.Maximum)}",
        WasmGlobal global => Describe(global.Type),
        _ => offer.Kind.ToString(),
    };

    private static string Describe(GlobalType type) => $"a {(type.IsMutable ? "mutable" : "constant")} global of {type.Type.Name()}";
}
