namespace Gtc.Wasm.Components;

/// <summary>Runs a component's definitions in order. Checking has proved that every index and type fits.</summary>
internal sealed class Instantiator
{
    private readonly ComponentStore _store;
    private readonly ComponentInstanceState _instance;
    private readonly ComponentPlan _plan;
    private readonly Dictionary<string, object> _given;
    private readonly Dictionary<string, object> _exports = new(StringComparer.Ordinal);
    private readonly List<ICoreExports> _coreInstances = [];
    private readonly List<WasmFunction> _coreFunctions = [];
    private readonly List<WasmTable> _coreTables = [];
    private readonly List<WasmMemory> _coreMemories = [];
    private readonly List<WasmGlobal> _coreGlobals = [];
    private readonly List<ComponentFunction> _functions = [];
    private readonly List<Dictionary<string, object>> _instances = [];

    private Instantiator(ComponentStore store, ComponentClosure component, Dictionary<string, object> given)
    {
        _store = store;
        _plan = component.Plan;
        _given = given;
        _instance = store.NewInstance(_plan, component.Environment);
    }

    /// <summary>Makes an instance.</summary>
    /// <param name="store">Where it lives.</param>
    /// <param name="component">What to make one of.</param>
    /// <param name="given">What its imports get, by name: functions, resource types, instances as dictionaries, components, core modules.</param>
    /// <returns>What it exports, by name, of the same kinds.</returns>
    /// <exception cref="WasmTrapException">A start function trapped or a limit was reached.</exception>
    public static Dictionary<string, object> Run(ComponentStore store, ComponentClosure component, Dictionary<string, object> given)
    {
        var one = new Instantiator(store, component, given);
        foreach (var definition in one._plan.Definitions)
        {
            one.Step(definition);
        }

        return one._exports;
    }

    private void Step(Definition definition)
    {
        switch (definition)
        {
            case Definition.CoreModule module:
                _instance.CoreModules.Add(module.Code);
                break;
            case Definition.InstantiateCore core:
                InstantiateCore(core);
                break;
            case Definition.CoreBundle bundle:
                _coreInstances.Add(new CoreBundleExports(bundle.Exports.ToDictionary(export => export.Name, export => CoreItem(export.Kind, export.Index))));
                break;
            case Definition.Nested nested:
                _instance.Components.Add(new ComponentClosure(nested.Plan, _instance));
                break;
            case Definition.Instantiate instantiate:
                var made = Run(_store, _instance.Components[instantiate.Component], Items(instantiate.Arguments));
                Bind(made, instantiate.Bindings);
                _instances.Add(made);
                break;
            case Definition.Bundle bundle:
                _instances.Add(Items(bundle.Exports));
                break;
            case Definition.Alias { Sort: not ExternSort.Type } alias:
                Push(alias.Sort, _instances[alias.Instance][alias.Name]);
                break;
            case Definition.CoreAlias alias:
                PushCore(_coreInstances[alias.Instance].Find(alias.Name));
                break;
            case Definition.Outer outer:
                Outer(outer);
                break;
            case Definition.Import import:
                Import(import);
                break;
            case Definition.Export export:
                Export(export);
                break;
            default:
                Canonical(definition);
                break;
        }
    }

    private void Canonical(Definition definition)
    {
        switch (definition)
        {
            case Definition.DefineResource resource:
                var destructor = resource.Destructor is { } index ? _coreFunctions[index] : null;
                _instance.SetResource(resource.Slot, new GuestResourceType(resource.Name, _instance, destructor));
                break;
            case Definition.Lift lift:
                var post = lift.Options.PostReturn is { } function ? _coreFunctions[function] : null;
                _functions.Add(new LiftedFunction(_instance, lift.Type, _coreFunctions[lift.Function], post, Side(lift.Options)));
                break;
            case Definition.Lower lower:
                _coreFunctions.Add(CoreFunctions.Lower(_functions[lower.Function], lower.Type, Side(lower.Options)));
                break;
            case Definition.ResourceFunction operation:
                _coreFunctions.Add(CoreFunctions.Resource(operation.Operation, _instance, _instance.Resolve(operation.Resource)));
                break;
            default:
                // An alias of a type: types need nothing at run time, and resource types were bound with their instance.
                break;
        }
    }

    private AbiCall Side(CanonicalOptions options) => new(
        _instance,
        options.Encoding,
        options.Memory is { } memory
            ? new GuestMemory(_instance, _coreMemories[memory], options.Realloc is { } realloc ? _coreFunctions[realloc] : null)
            : null);

    private void InstantiateCore(Definition.InstantiateCore core)
    {
        var code = _instance.CoreModules[core.Module];
        var imports = new WasmImports();
        var arguments = core.Arguments.ToDictionary(argument => argument.Name, argument => _coreInstances[argument.Instance]);
        foreach (var import in code.Module.Imports)
        {
            imports.Add(import.Module, import.Name, arguments[import.Module].Find(import.Name));
        }

        var made = code.Instantiate(_store.Core, imports);
        if (!made.TryGet(out var instance, out var error))
        {
            throw new WasmTrapException(error.Trap ?? new WasmTrap(TrapKind.ResourceExhausted, error.Message));
        }

        _coreInstances.Add(new CoreInstanceExports(instance));
    }

    private WasmExternal CoreItem(ExternalKind kind, int index) => kind switch
    {
        ExternalKind.Function => _coreFunctions[index],
        ExternalKind.Table => _coreTables[index],
        ExternalKind.Memory => _coreMemories[index],
        _ => _coreGlobals[index],
    };

    private void PushCore(WasmExternal item)
    {
        switch (item)
        {
            case WasmFunction function:
                _coreFunctions.Add(function);
                break;
            case WasmTable table:
                _coreTables.Add(table);
                break;
            case WasmMemory memory:
                _coreMemories.Add(memory);
                break;
            default:
                _coreGlobals.Add((WasmGlobal)item);
                break;
        }
    }

    private void Import(Definition.Import import)
    {
        if (!_given.TryGetValue(import.Name, out var item))
        {
            // Only a type that is no resource needs nothing.
            return;
        }

        if (import.Type.IsFresh)
        {
            _instance.SetResource(import.Bindings[0].Slot, (ResourceType)item);
        }
        else if (import.Type.Sort != ExternSort.Type)
        {
            Push(import.Type.Sort, item);
            if (item is Dictionary<string, object> instance)
            {
                Bind(instance, import.Bindings);
            }
        }
    }

    private void Export(Definition.Export export)
    {
        if (Item(export.Value) is not { } item)
        {
            return;
        }

        _exports[export.Name] = item;
        if (export.Value.Sort != ExternSort.Type)
        {
            Push(export.Value.Sort, item);
        }
    }

    private void Bind(Dictionary<string, object> instance, System.Collections.Immutable.ImmutableArray<ResourceBinding> bindings)
    {
        foreach (var binding in bindings)
        {
            var holder = instance;
            foreach (var name in binding.Path.AsSpan()[..^1])
            {
                holder = (Dictionary<string, object>)holder[name];
            }

            _instance.SetResource(binding.Slot, (ResourceType)holder[binding.Path[^1]]);
        }
    }

    private void Outer(Definition.Outer outer)
    {
        var from = _instance;
        for (var i = 0; i < outer.Depth; i++)
        {
            from = from.Parent!;
        }

        if (outer.Value.Sort == ExternSort.CoreModule)
        {
            _instance.CoreModules.Add(from.CoreModules[outer.Value.Index]);
        }
        else
        {
            _instance.Components.Add(from.Components[outer.Value.Index]);
        }
    }

    private Dictionary<string, object> Items(System.Collections.Immutable.ImmutableArray<(string Name, Reference Value)> references)
    {
        var items = new Dictionary<string, object>(references.Length, StringComparer.Ordinal);
        foreach (var (name, value) in references)
        {
            if (Item(value) is { } item)
            {
                items[name] = item;
            }
        }

        return items;
    }

    private object? Item(Reference reference) => reference.Sort switch
    {
        ExternSort.CoreModule => _instance.CoreModules[reference.Index],
        ExternSort.Function => _functions[reference.Index],
        ExternSort.Component => _instance.Components[reference.Index],
        ExternSort.Instance => _instances[reference.Index],
        _ => reference.Resource is { } resource ? _instance.Resolve(resource) : null,
    };

    private void Push(ExternSort sort, object item)
    {
        switch (sort)
        {
            case ExternSort.CoreModule:
                _instance.CoreModules.Add((WasmCode)item);
                break;
            case ExternSort.Function:
                _functions.Add((ComponentFunction)item);
                break;
            case ExternSort.Component:
                _instance.Components.Add((ComponentClosure)item);
                break;
            default:
                _instances.Add((Dictionary<string, object>)item);
                break;
        }
    }
}
