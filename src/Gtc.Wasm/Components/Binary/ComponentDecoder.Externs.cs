namespace Gtc.Wasm.Components;

/// <content>Imports and exports.</content>
internal sealed partial class ComponentDecoder
{
    private void Import(ref ByteReader reader)
    {
        var place = reader.Position;
        var name = ExternName(ref reader, _scope.ImportNames);
        var (type, opening) = Introduce(name, Description(ref reader), place);
        _scope.Imports.Add(name, type);
        foreach (var variable in opening.Variables)
        {
            _scope.ImportedResources.Add(variable);
        }

        if (type is { Sort: ExternSort.Type, Entity: ResourceVariable resource, IsFresh: true })
        {
            _scope.ImportedResources.Add(resource);
            _scope.Definitions.Add(new Definition.Import(name, type, [new ResourceBinding([], resource.Slot)]));
            return;
        }

        _scope.Definitions.Add(new Definition.Import(name, type, opening.Bindings));
    }

    /// <summary>An export of a component or instance type.</summary>
    private void DeclaredExport(ref ByteReader reader)
    {
        var place = reader.Position;
        var name = ExternName(ref reader, _scope.ExportNames);
        _scope.Exports.Add(name, Introduce(name, Description(ref reader), place).Type);
    }

    private void Export(ref ByteReader reader)
    {
        var place = reader.Position;
        var name = ExternName(ref reader, _scope.ExportNames);
        var (type, reference) = Item(ref reader);
        if (Flag(ref reader))
        {
            var ascribed = Description(ref reader);
            var bound = new Substitution(_budget);
            if (_rules.Mismatch(ascribed, type, bound) is { } reason)
            {
                throw Invalid(place, $"the export \"{name}\" does not have the type it states: {reason}");
            }

            type = bound.Apply(ascribed);
        }

        _scope.Exports.Add(name, type);
        Push(type, place);
        _scope.Definitions.Add(new Definition.Export(name, reference));
    }

    /// <summary>Adds an item that only its type describes to its index space, with new identities for the resource types it introduces.</summary>
    private (ExternType Type, Opening Opening) Introduce(string name, ExternType declared, int place)
    {
        var bound = new Substitution(_budget);
        var opening = new Opening(_scope, bound);
        var type = declared switch
        {
            { Sort: ExternSort.Instance } => declared with { Entity = opening.Open((InstanceType)declared.Entity) },
            { IsFresh: true } => declared with { Entity = _scope.NewResource(name) },
            _ => declared,
        };
        Push(type, place);
        return (type, opening);
    }

    private void Push(ExternType type, int place)
    {
        switch (type.Sort)
        {
            case ExternSort.CoreModule:
                _scope.CoreModules.Add((CoreModuleType)type.Entity);
                break;
            case ExternSort.Function:
                _scope.Functions.Add((WitFunctionType)type.Entity);
                break;
            case ExternSort.Type:
                _scope.Types.Add(type.Entity);
                break;
            case ExternSort.Component:
                _scope.Components.Add((ComponentType)type.Entity);
                break;
            case ExternSort.Instance:
                _scope.Instances.Add((InstanceType)type.Entity);
                break;
            default:
                throw Invalid(place, "unknown sort");
        }
    }

    private static string ExternName(ref ByteReader reader, HashSet<string> taken)
    {
        var place = reader.Position;
        var form = reader.Byte();
        if (form > 1)
        {
            throw Invalid(place, $"unknown or unsupported form of name {form}");
        }

        var name = reader.Name(ComponentLimits.NameBytes);
        if (!ExternNames.IsExternName(name))
        {
            throw Invalid(place, $"\"{name}\" is not a name that components import or export");
        }

        return taken.Add(name.ToLowerInvariant()) ? name : throw Invalid(place, $"the name \"{name}\" is used twice, or differs from another in case alone");
    }

    private ExternType Description(ref ByteReader reader)
    {
        var place = reader.Position;
        switch (reader.Byte())
        {
            case 0:
                if (reader.Byte() != 0x11)
                {
                    throw Invalid(place, "of the core sorts only modules can be imported and exported");
                }

                var core = reader.U32();
                return new(ExternSort.CoreModule, At(_scope.CoreTypes, core, place, "core type") as CoreModuleType ?? throw Invalid(place, $"core type {core} is not a module type"));
            case 1:
                return new(ExternSort.Function, Typed<WitFunctionType>(ref reader, "a function"));
            case 3:
                return Flag(ref reader)
                    ? new(ExternSort.Type, new ResourceVariable("resource", -1), IsFresh: true)
                    : new(ExternSort.Type, Typed<TypeEntity>(ref reader, "a"));
            case 4:
                return new(ExternSort.Component, Typed<ComponentType>(ref reader, "a component"));
            case 5:
                return new(ExternSort.Instance, Typed<InstanceType>(ref reader, "an instance"));
            case var other:
                throw Invalid(place, $"unknown or unsupported description {other} of an import or export");
        }
    }

    private T Typed<T>(ref ByteReader reader, string what)
        where T : TypeEntity
    {
        var place = reader.Position;
        var index = reader.U32();
        return At(_scope.Types, index, place, "type") as T ?? throw Invalid(place, $"type {index} is not {what} type");
    }

    /// <summary>Reads a sort and an index, and finds what they name.</summary>
    private (ExternType Type, Reference Reference) Item(ref ByteReader reader)
    {
        var place = reader.Position;
        var sort = Sort(ref reader);
        var index = reader.U32();
        TypeEntity entity = sort switch
        {
            ExternSort.CoreModule => At(_scope.CoreModules, index, place, "core module"),
            ExternSort.Function => At(_scope.Functions, index, place, "function"),
            ExternSort.Type => At(_scope.Types, index, place, "type"),
            ExternSort.Component => At(_scope.Components, index, place, "component"),
            _ => At(_scope.Instances, index, place, "instance"),
        };
        return (new ExternType(sort, entity), new Reference(sort, (int)index, entity as ResourceKey));
    }

    private static ExternSort Sort(ref ByteReader reader)
    {
        var place = reader.Position;
        return reader.Byte() switch
        {
            0 when reader.Byte() == 0x11 => ExternSort.CoreModule,
            1 => ExternSort.Function,
            3 => ExternSort.Type,
            4 => ExternSort.Component,
            5 => ExternSort.Instance,
            _ => throw Invalid(place, "unknown or unsupported sort"),
        };
    }
}
