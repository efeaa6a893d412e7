using Gtc.Wasm.Components;

namespace Gtc.Wasm.Tests.Components;

/// <summary>Writes components section by section; every method returns the index that its definition got. It checks nothing, so it can write wrong ones too.</summary>
internal sealed class ComponentWriter
{
    private readonly Bytes _bytes = new Bytes().Add(0, (byte)'a', (byte)'s', (byte)'m', 0x0D, 0, 1, 0);
    private int _coreModules;
    private int _coreInstances;
    private int _coreFunctions;
    private int _coreMemories;
    private int _types;
    private int _functions;
    private int _instances;
    private int _components;

    public byte[] ToArray() => _bytes.ToArray();

    public ComponentWriter Section(byte id, Bytes content)
    {
        _bytes.Section(id, content);
        return this;
    }

    public int CoreModule(byte[] module)
    {
        Section(1, new Bytes().Add(module));
        return _coreModules++;
    }

    public int Component(byte[] component)
    {
        Section(4, new Bytes().Add(component));
        return _components++;
    }

    public int InstantiateCore(int module, params ReadOnlySpan<(string Name, int Instance)> arguments)
    {
        var item = new Bytes().Number(1).Add(0).Number(module).Number(arguments.Length);
        foreach (var (name, instance) in arguments)
        {
            item.Name(name).Add(0x12).Number(instance);
        }

        Section(2, item);
        return _coreInstances++;
    }

    public int BundleCore(params ReadOnlySpan<(string Name, byte Kind, int Index)> exports)
    {
        var item = new Bytes().Number(1).Add(1).Number(exports.Length);
        foreach (var (name, kind, index) in exports)
        {
            item.Name(name).Add(kind).Number(index);
        }

        Section(2, item);
        return _coreInstances++;
    }

    public int Instantiate(int component, params ReadOnlySpan<(string Name, byte Sort, int Index)> arguments)
    {
        var item = new Bytes().Number(1).Add(0).Number(component).Number(arguments.Length);
        foreach (var (name, sort, index) in arguments)
        {
            item.Name(name).Add(sort).Number(index);
        }

        Section(5, item);
        return _instances++;
    }

    public int Bundle(params ReadOnlySpan<(string Name, byte Sort, int Index)> exports)
    {
        var item = new Bytes().Number(1).Add(1).Number(exports.Length);
        foreach (var (name, sort, index) in exports)
        {
            item.Add(0).Name(name).Add(sort).Number(index);
        }

        Section(5, item);
        return _instances++;
    }

    public int CoreFunction(int instance, string name)
    {
        Section(6, new Bytes().Number(1).Add(0, 0, 1).Number(instance).Name(name));
        return _coreFunctions++;
    }

    public int CoreMemory(int instance, string name)
    {
        Section(6, new Bytes().Number(1).Add(0, 2, 1).Number(instance).Name(name));
        return _coreMemories++;
    }

    public int FunctionOf(int instance, string name)
    {
        Section(6, new Bytes().Number(1).Add(1, 0).Number(instance).Name(name));
        return _functions++;
    }

    public int TypeOf(int instance, string name)
    {
        Section(6, new Bytes().Number(1).Add(3, 0).Number(instance).Name(name));
        return _types++;
    }

    public int Type(Bytes definition)
    {
        Section(7, new Bytes().Number(1).Append(definition));
        return _types++;
    }

    /// <summary>Defines a value type and, before it, those it is made of.</summary>
    public int Type(WitType type) => Type(TypeBytes.Definition(type, part => TypeBytes.Reference(part, Type)));

    /// <summary>Defines a function type; a null result is none.</summary>
    public int Function(WitType[] parameters, WitType? result)
    {
        var definition = new Bytes().Add(0x40).Number(parameters.Length);
        for (var i = 0; i < parameters.Length; i++)
        {
            definition.Name($"p{(char)('a' + (i / 26))}{(char)('a' + (i % 26))}").Append(TypeBytes.Reference(parameters[i], Type));
        }

        return Type(result is null ? definition.Add(1, 0) : definition.Add(0).Append(TypeBytes.Reference(result, Type)));
    }

    public int ImportFunction(string name, int type)
    {
        Section(10, new Bytes().Number(1).Add(0).Name(name).Add(1).Number(type));
        return _functions++;
    }

    public int ImportInstance(string name, int type)
    {
        Section(10, new Bytes().Number(1).Add(0).Name(name).Add(5).Number(type));
        return _instances++;
    }

    public int ImportResource(string name)
    {
        Section(10, new Bytes().Number(1).Add(0).Name(name).Add(3, 1));
        return _types++;
    }

    public int Lower(int function, Bytes options)
    {
        Section(8, new Bytes().Number(1).Add(1, 0).Number(function).Append(options));
        return _coreFunctions++;
    }

    public int Lift(int coreFunction, Bytes options, int type)
    {
        Section(8, new Bytes().Number(1).Add(0, 0).Number(coreFunction).Append(options).Number(type));
        return _functions++;
    }

    /// <param name="operation">2 new, 3 drop, 4 rep.</param>
    /// <param name="type">The resource type.</param>
    public int ResourceFunction(byte operation, int type)
    {
        Section(8, new Bytes().Number(1).Add(operation).Number(type));
        return _coreFunctions++;
    }

    public void Export(string name, byte sort, int index)
    {
        Section(11, new Bytes().Number(1).Add(0).Name(name).Add(sort).Number(index).Add(0));
        _ = sort switch
        {
            1 => _functions++,
            3 => _types++,
            4 => _components++,
            _ => _instances++,
        };
    }

    public static Bytes Options(byte encoding, int memory, int realloc, int? postReturn) => postReturn is { } post
        ? new Bytes().Number(4).Add(encoding, 3).Number(memory).Add(4).Number(realloc).Add(5).Number(post)
        : new Bytes().Number(3).Add(encoding, 3).Number(memory).Add(4).Number(realloc);
}
