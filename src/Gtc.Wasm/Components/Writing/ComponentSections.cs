namespace Gtc.Wasm.Components;

/// <summary>Writes a component section by section (Binary.md); every method returns the index that its definition got.</summary>
internal sealed class ComponentSections
{
    private const byte FunctionSort = 1;
    private const byte TypeSort = 3;
    private const byte InstanceSort = 5;

    private readonly WasmBytes _bytes = new WasmBytes().Add(0, (byte)'a', (byte)'s', (byte)'m', 0x0D, 0, 1, 0);
    private int _coreModules;
    private int _coreInstances;
    private int _coreFunctions;
    private int _coreTables;
    private int _coreMemories;
    private int _functions;
    private int _types;
    private int _instances;
    private int _components;

    public byte[] ToArray() => _bytes.ToArray();

    public int CoreModule(ReadOnlySpan<byte> module)
    {
        _bytes.Section(1, new WasmBytes().Add(module));
        return _coreModules++;
    }

    public int CoreInstance(int module, IReadOnlyCollection<(string Name, int Instance)> arguments)
    {
        var item = new WasmBytes().Number(1).Add(0).Number(module).Number(arguments.Count);
        foreach (var (name, instance) in arguments)
        {
            item.Name(name).Add(0x12).Number(instance);
        }

        _bytes.Section(2, item);
        return _coreInstances++;
    }

    /// <summary>A core instance that is made of what is there.</summary>
    public int CoreBundle(IReadOnlyCollection<(string Name, ExternalKind Kind, int Index)> exports)
    {
        var item = new WasmBytes().Number(1).Add(1).Number(exports.Count);
        foreach (var (name, kind, index) in exports)
        {
            item.Name(name).Add((byte)kind).Number(index);
        }

        _bytes.Section(2, item);
        return _coreInstances++;
    }

    public int CoreExport(int instance, string name, ExternalKind kind)
    {
        _bytes.Section(6, new WasmBytes().Number(1).Add(0, (byte)kind, 1).Number(instance).Name(name));
        return kind switch
        {
            ExternalKind.Function => _coreFunctions++,
            ExternalKind.Table => _coreTables++,
            _ => _coreMemories++,
        };
    }

    public int FunctionOf(int instance, string name)
    {
        _bytes.Section(6, new WasmBytes().Number(1).Add(FunctionSort, 0).Number(instance).Name(name));
        return _functions++;
    }

    public int TypeOf(int instance, string name)
    {
        _bytes.Section(6, new WasmBytes().Number(1).Add(TypeSort, 0).Number(instance).Name(name));
        return _types++;
    }

    public int Type(WasmBytes definition)
    {
        _bytes.Section(7, new WasmBytes().Number(1).Append(definition));
        return _types++;
    }

    public int Lower(int function, WasmBytes options)
    {
        _bytes.Section(8, new WasmBytes().Number(1).Add(1, 0).Number(function).Append(options));
        return _coreFunctions++;
    }

    public int Lift(int coreFunction, WasmBytes options, int type)
    {
        _bytes.Section(8, new WasmBytes().Number(1).Add(0, 0).Number(coreFunction).Append(options).Number(type));
        return _functions++;
    }

    public int ResourceDrop(int type)
    {
        _bytes.Section(8, new WasmBytes().Number(1).Add(3).Number(type));
        return _coreFunctions++;
    }

    public int ImportInstance(string name, int type)
    {
        _bytes.Section(10, new WasmBytes().Number(1).Add(0).Name(name).Add(InstanceSort).Number(type));
        return _instances++;
    }

    /// <summary>Imports a type that is equal to one that is there; what follows must speak of the new one.</summary>
    public int ImportType(string name, int type)
    {
        _bytes.Section(10, new WasmBytes().Number(1).Add(0).Name(name).Add(TypeSort, 0).Number(type));
        return _types++;
    }

    public int ImportFunction(string name, int type)
    {
        _bytes.Section(10, new WasmBytes().Number(1).Add(0).Name(name).Add(FunctionSort).Number(type));
        return _functions++;
    }

    public int Component(ReadOnlySpan<byte> component)
    {
        _bytes.Section(4, new WasmBytes().Add(component));
        return _components++;
    }

    public int Instance(int component, IReadOnlyCollection<(string Name, int Index)> types, IReadOnlyCollection<(string Name, int Index)> functions)
    {
        var item = new WasmBytes().Number(1).Add(0).Number(component).Number(types.Count + functions.Count);
        foreach (var (name, index) in types)
        {
            item.Name(name).Add(TypeSort).Number(index);
        }

        foreach (var (name, index) in functions)
        {
            item.Name(name).Add(FunctionSort).Number(index);
        }

        _bytes.Section(5, item);
        return _instances++;
    }

    /// <summary>Exports a type; what follows must speak of the new one.</summary>
    public int ExportType(string name, int type)
    {
        _bytes.Section(11, new WasmBytes().Number(1).Add(0).Name(name).Add(TypeSort).Number(type).Add(0));
        return _types++;
    }

    /// <summary>Exports a function under a type that is equal to its own.</summary>
    public void ExportFunction(string name, int function, int type)
    {
        _bytes.Section(11, new WasmBytes().Number(1).Add(0).Name(name).Add(FunctionSort).Number(function).Add(1, FunctionSort).Number(type));
        _functions++;
    }

    public void ExportInstance(string name, int instance)
    {
        _bytes.Section(11, new WasmBytes().Number(1).Add(0).Name(name).Add(InstanceSort).Number(instance).Add(0));
        _instances++;
    }
}
