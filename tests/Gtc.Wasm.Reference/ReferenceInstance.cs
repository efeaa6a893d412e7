namespace Gtc.Wasm.Reference;

/// <summary>A module that was instantiated for the interpreter.</summary>
public sealed class ReferenceInstance
{
    private readonly Dictionary<string, object> _exports = new(StringComparer.Ordinal);

    /// <summary>Links, allocates, copies the active segments and runs the start function (core specification 2.0, section 4.5.4).</summary>
    /// <param name="module">A validated module.</param>
    /// <param name="imports">What is given for an import, or null.</param>
    /// <param name="steps">How far guests may go.</param>
    /// <exception cref="LinkException">An import is missing or does not fit.</exception>
    /// <exception cref="TrapException">A segment does not fit, or the start function trapped.</exception>
    public ReferenceInstance(WasmModule module, Func<Import, object?> imports, StepCounter steps)
    {
        Module = module;
        Steps = steps;
        Link(imports);
        for (var function = module.ImportedFunctions; function < module.Functions.Length; function++)
        {
            Functions.Add(new GuestFunction(this, function));
        }

        Tables.AddRange(module.Tables.Skip(module.ImportedTables).Select(type => new ReferenceTable(type)));
        Memory ??= module.Memories.Select(type => new ReferenceMemory(type)).FirstOrDefault();
        for (var global = 0; global < module.GlobalValues.Length; global++)
        {
            Globals.Add(new ReferenceGlobal(module.Globals[module.ImportedGlobals + global], Interpreter.Evaluate(this, module.GlobalValues[global])));
        }

        Elements = [.. module.Elements.Select(Values)];
        Data = [.. module.Data.Select(segment => segment.Bytes.ToArray())];
        foreach (var export in module.Exports)
        {
            _exports.Add(export.Name, At(export));
        }

        Start();
    }

    internal WasmModule Module { get; }

    internal StepCounter Steps { get; }

    internal List<ReferenceFunction> Functions { get; } = [];

    internal List<ReferenceTable> Tables { get; } = [];

    internal List<ReferenceGlobal> Globals { get; } = [];

    internal object?[][] Elements { get; }

    internal byte[][] Data { get; }

    /// <summary>The memory, or null.</summary>
    public ReferenceMemory? Memory { get; private set; }

    /// <summary>What is exported under a name: a function, table, memory or global; or null.</summary>
    public object? Export(string name) => _exports.GetValueOrDefault(name);

    internal static void CopyElements(object?[] from, ulong source, List<object?> to, ulong target, ulong length)
    {
        if (source + length > (ulong)from.Length || target + length > (ulong)to.Count)
        {
            throw new TrapException("out of bounds table access");
        }

        for (ulong place = 0; place < length; place++)
        {
            to[(int)(target + place)] = from[source + place];
        }
    }

    internal static void CopyBytes(byte[] from, ulong source, byte[] to, ulong target, ulong length)
    {
        CheckMemory(source, length, from.Length);
        CheckMemory(target, length, to.Length);
        Array.Copy(from, (long)source, to, (long)target, (long)length);
    }

    internal static void CheckMemory(ulong start, ulong length, int size)
    {
        if (start + length > (ulong)size)
        {
            throw new TrapException("out of bounds memory access");
        }
    }

    private void Link(Func<Import, object?> imports)
    {
        foreach (var import in Module.Imports)
        {
            var given = imports(import) ?? throw new LinkException($"unknown import {import}");
            if (!Fits(import, given))
            {
                throw new LinkException($"incompatible import type for {import}");
            }

            switch (given)
            {
                case ReferenceFunction function:
                    Functions.Add(function);
                    break;
                case ReferenceTable table:
                    Tables.Add(table);
                    break;
                case ReferenceMemory memory:
                    Memory = memory;
                    break;
                default:
                    Globals.Add((ReferenceGlobal)given);
                    break;
            }
        }
    }

    private bool Fits(Import import, object given) => (import, given) switch
    {
        (FunctionImport wanted, ReferenceFunction function) => function.Type.Equals(Module.Types[(int)wanted.TypeIndex]),
        (TableImport wanted, ReferenceTable table) =>
            table.Type.Element == wanted.Type.Element && Fits(wanted.Type.Size, (uint)table.Elements.Count, table.Type.Size.Maximum),
        (MemoryImport wanted, ReferenceMemory memory) => Fits(wanted.Type.Size, (uint)memory.Pages, memory.Type.Size.Maximum),
        (GlobalImport wanted, ReferenceGlobal global) => global.Type == wanted.Type,
        _ => false,
    };

    private static bool Fits(SizeLimits wanted, uint size, uint? maximum) =>
        size >= wanted.Minimum && (wanted.Maximum is not { } most || maximum <= most);

    private object?[] Values(ElementSegment segment) => segment.Functions.IsDefault
        ? [.. segment.Expressions.Select(expression => Interpreter.Evaluate(this, expression).Reference)]
        : [.. segment.Functions.Select(function => Functions[(int)function])];

    private object At(Export export) => export.Kind switch
    {
        ExternalKind.Function => Functions[(int)export.Index],
        ExternalKind.Table => Tables[(int)export.Index],
        ExternalKind.Memory => Memory!,
        _ => Globals[(int)export.Index],
    };

    private void Start()
    {
        for (var place = 0; place < Elements.Length; place++)
        {
            var segment = Module.Elements[place];
            if (segment.Mode == SegmentMode.Active)
            {
                var target = Interpreter.Evaluate(this, segment.Place).As<uint>();
                CopyElements(Elements[place], 0, Tables[(int)segment.Table].Elements, target, (ulong)segment.Count);
            }

            Elements[place] = segment.Mode == SegmentMode.Passive ? Elements[place] : [];
        }

        for (var place = 0; place < Data.Length; place++)
        {
            var segment = Module.Data[place];
            if (segment.Mode == SegmentMode.Active)
            {
                CopyBytes(Data[place], 0, Memory!.Bytes, Interpreter.Evaluate(this, segment.Place).As<uint>(), (ulong)segment.Bytes.Length);
                Data[place] = [];
            }
        }

        if (Module.Start is { } start)
        {
            Interpreter.Call(Functions[(int)start], [], Steps);
        }
    }
}
