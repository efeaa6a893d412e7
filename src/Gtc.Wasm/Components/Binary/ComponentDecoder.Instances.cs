using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <content>Instances and aliases.</content>
internal sealed partial class ComponentDecoder
{
    private void CoreInstance(ref ByteReader reader)
    {
        if (Flag(ref reader))
        {
            CoreBundle(ref reader);
            return;
        }

        var place = reader.Position;
        var index = reader.U32();
        var module = At(_scope.CoreModules, index, place, "core module");
        var count = reader.Count(ComponentLimits.ListItems, "arguments");
        var arguments = ImmutableArray.CreateBuilder<(string, int)>(count);
        var given = new Dictionary<string, Dictionary<string, CoreExternType>>(count);
        for (var i = 0; i < count; i++)
        {
            var at = reader.Position;
            var name = reader.Name(ComponentLimits.NameBytes);
            if (reader.Byte() != 0x12)
            {
                throw Invalid(at, "a core module is given core instances only");
            }

            var instance = reader.U32();
            if (!given.TryAdd(name, At(_scope.CoreInstances, instance, at, "core instance")))
            {
                throw Invalid(at, $"the argument \"{name}\" is given twice");
            }

            arguments.Add((name, (int)instance));
        }

        _budget.Spend(module.Imports.Length);
        foreach (var (from, name, type) in module.Imports)
        {
            if (!given.TryGetValue(from, out var exports) || !exports.TryGetValue(name, out var found))
            {
                throw Invalid(place, $"the core module imports \"{from}\" \"{name}\", which is not given to it");
            }

            if (!found.Fits(type))
            {
                throw Invalid(place, $"the core module's import \"{from}\" \"{name}\" is given with another type");
            }
        }

        _scope.CoreInstances.Add(module.Exports);
        _scope.Definitions.Add(new Definition.InstantiateCore((int)index, arguments.MoveToImmutable()));
    }

    private void CoreBundle(ref ByteReader reader)
    {
        var count = reader.Count(ComponentLimits.ListItems, "exports");
        var exports = ImmutableArray.CreateBuilder<(string, ExternalKind, int)>(count);
        var types = new Dictionary<string, CoreExternType>(count);
        for (var i = 0; i < count; i++)
        {
            var place = reader.Position;
            var name = reader.Name(ComponentLimits.NameBytes);
            var kind = CoreKind(ref reader);
            var index = reader.U32();
            var type = kind switch
            {
                ExternalKind.Function => CoreExternType.Of(At(_scope.CoreFunctions, index, place, "core function")),
                ExternalKind.Table => CoreExternType.Of(At(_scope.CoreTables, index, place, "core table")),
                ExternalKind.Memory => CoreExternType.Of(At(_scope.CoreMemories, index, place, "core memory")),
                _ => CoreExternType.Of(At(_scope.CoreGlobals, index, place, "core global")),
            };
            if (!types.TryAdd(name, type))
            {
                throw Invalid(place, $"the name \"{name}\" is used twice");
            }

            exports.Add((name, kind, (int)index));
        }

        _scope.CoreInstances.Add(types);
        _scope.Definitions.Add(new Definition.CoreBundle(exports.MoveToImmutable()));
    }

    private void Instance(ref ByteReader reader)
    {
        if (Flag(ref reader))
        {
            Bundle(ref reader);
            return;
        }

        var place = reader.Position;
        var index = reader.U32();
        var component = At(_scope.Components, index, place, "component");
        var count = reader.Count(ComponentLimits.ListItems, "arguments");
        var arguments = ImmutableArray.CreateBuilder<(string, Reference)>(count);
        var given = new Dictionary<string, ExternType>(count);
        for (var i = 0; i < count; i++)
        {
            var at = reader.Position;
            var name = reader.Name(ComponentLimits.NameBytes);
            var (type, reference) = Item(ref reader);
            if (!given.TryAdd(name, type))
            {
                throw Invalid(at, $"the argument \"{name}\" is given twice");
            }

            arguments.Add((name, reference));
        }

        var bound = new Substitution(_budget);
        foreach (var (name, wanted) in component.Imports)
        {
            var reason = given.TryGetValue(name, out var found) ? _rules.Mismatch(wanted, found, bound) : "it is not given";
            if (reason is not null)
            {
                throw Invalid(place, $"the component's import \"{name}\": {reason}");
            }
        }

        var opening = new Opening(_scope, bound);
        _scope.Instances.Add(opening.Open(new InstanceType(component.Exports)));
        _scope.Definitions.Add(new Definition.Instantiate((int)index, arguments.MoveToImmutable(), opening.Bindings));
    }

    private void Bundle(ref ByteReader reader)
    {
        var count = reader.Count(ComponentLimits.ListItems, "exports");
        var names = new HashSet<string>();
        var exports = ImmutableArray.CreateBuilder<(string, Reference)>(count);
        var types = new OrderedDictionary<string, ExternType>(count);
        for (var i = 0; i < count; i++)
        {
            var name = ExternName(ref reader, names);
            var (type, reference) = Item(ref reader);
            types.Add(name, type);
            exports.Add((name, reference));
        }

        _scope.Instances.Add(new InstanceType(types));
        _scope.Definitions.Add(new Definition.Bundle(exports.MoveToImmutable()));
    }

    private void Alias(ref ByteReader reader)
    {
        var place = reader.Position;
        var sort = reader.Byte();
        var core = sort == 0 ? reader.Byte() : (byte)0xFF;
        switch (reader.Byte())
        {
            case 0:
                InstanceAlias(ref reader, SortOf(sort, core, place), place);
                break;
            case 1 when sort == 0 && core <= (byte)ExternalKind.Global:
                CoreAlias(ref reader, (ExternalKind)core, place);
                break;
            case 2:
                OuterAlias(ref reader, sort, core, place);
                break;
            default:
                throw Invalid(place, "unknown or unsupported alias");
        }
    }

    private static ExternSort SortOf(byte sort, byte core, int place) => (sort, core) switch
    {
        (0, 0x11) => ExternSort.CoreModule,
        (1, _) => ExternSort.Function,
        (3, _) => ExternSort.Type,
        (4, _) => ExternSort.Component,
        (5, _) => ExternSort.Instance,
        _ => throw Invalid(place, "unknown or unsupported sort"),
    };

    private void InstanceAlias(ref ByteReader reader, ExternSort sort, int place)
    {
        var index = reader.U32();
        var instance = At(_scope.Instances, index, place, "instance");
        var name = reader.Name(ComponentLimits.NameBytes);
        if (!instance.Exports.TryGetValue(name, out var type) || type.Sort != sort)
        {
            throw Invalid(place, $"instance {index} does not export \"{name}\" as {sort}");
        }

        Push(type, place);
        _scope.Definitions.Add(new Definition.Alias((int)index, name, sort));
    }

    private void CoreAlias(ref ByteReader reader, ExternalKind kind, int place)
    {
        var index = reader.U32();
        var instance = At(_scope.CoreInstances, index, place, "core instance");
        var name = reader.Name(ComponentLimits.NameBytes);
        if (!instance.TryGetValue(name, out var type) || type.Kind != kind)
        {
            throw Invalid(place, $"core instance {index} does not export \"{name}\" as {kind}");
        }

        switch (kind)
        {
            case ExternalKind.Function:
                _scope.CoreFunctions.Add(type.Function!);
                break;
            case ExternalKind.Table:
                _scope.CoreTables.Add(type.Table);
                break;
            case ExternalKind.Memory:
                _scope.CoreMemories.Add(type.Memory);
                break;
            default:
                _scope.CoreGlobals.Add(type.Global);
                break;
        }

        _scope.Definitions.Add(new Definition.CoreAlias((int)index, name, kind));
    }

    private void OuterAlias(ref ByteReader reader, byte sort, byte core, int place)
    {
        var depth = reader.U32();
        var index = reader.U32();
        var scope = Enclosing(depth, place);
        switch (sort, core)
        {
            case (0, 0x10):
                _scope.CoreTypes.Add(At(scope.CoreTypes, index, place, "core type"));
                break;
            case (3, _):
                var type = At(scope.Types, index, place, "type");
                if (LeavesComponent(depth))
                {
                    new ResourceWalk(_budget, resource => throw Invalid(place, $"{resource.Name} belongs to the enclosing component and cannot be used in this one")).Visit(type);
                }

                _scope.Types.Add(type);
                break;
            case (0, 0x11) when _scope.IsComponent:
                _scope.CoreModules.Add(At(scope.CoreModules, index, place, "core module"));
                _scope.Definitions.Add(new Definition.Outer((int)depth, new Reference(ExternSort.CoreModule, (int)index, null)));
                break;
            case (4, _) when _scope.IsComponent:
                _scope.Components.Add(At(scope.Components, index, place, "component"));
                _scope.Definitions.Add(new Definition.Outer((int)depth, new Reference(ExternSort.Component, (int)index, null)));
                break;
            default:
                throw Invalid(place, "only types, core modules and components of enclosing components can be used");
        }
    }

    private bool LeavesComponent(uint depth)
    {
        var scope = _scope;
        for (uint i = 0; i < depth; i++)
        {
            if (scope.IsComponent)
            {
                return true;
            }

            scope = scope.Parent!;
        }

        return false;
    }

    private static ExternalKind CoreKind(ref ByteReader reader)
    {
        var kind = reader.Byte();
        return kind <= (byte)ExternalKind.Global ? (ExternalKind)kind : throw Invalid(reader.Position - 1, $"unknown core sort {kind}");
    }
}
