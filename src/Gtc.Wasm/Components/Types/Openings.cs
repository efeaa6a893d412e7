using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <summary>Where, below an import or a new instance, the resource type for a slot is found at run time.</summary>
internal sealed record ResourceBinding(ImmutableArray<string> Path, int Slot);

/// <summary>Gives the resource types that an instance type introduces an identity of their own in the scope that receives the instance.</summary>
internal sealed class Opening(Scope scope, Substitution bound)
{
    private readonly List<ResourceBinding> _bindings = [];

    /// <summary>The identities that were made.</summary>
    public List<ResourceVariable> Variables { get; } = [];

    public ImmutableArray<ResourceBinding> Bindings => [.. _bindings];

    public InstanceType Open(InstanceType declared) => Open(declared, []);

    private InstanceType Open(InstanceType declared, ImmutableArray<string> path)
    {
        var exports = new OrderedDictionary<string, ExternType>(declared.Exports.Count);
        foreach (var (name, type) in declared.Exports)
        {
            if (type.IsFresh && !bound.Has((ResourceKey)type.Entity))
            {
                var variable = scope.NewResource(name);
                bound.Set((ResourceKey)type.Entity, variable);
                Variables.Add(variable);
                _bindings.Add(new ResourceBinding(path.Add(name), variable.Slot));
            }

            exports.Add(name, type.Sort == ExternSort.Instance
                ? type with { Entity = Open((InstanceType)type.Entity, path.Add(name)) }
                : bound.Apply(type));
        }

        return new InstanceType(exports);
    }
}

/// <summary>The opposite: which resource types a component's exports introduce to those who use it.</summary>
internal sealed class Closing(CheckBudget budget, HashSet<ResourceKey> known)
{
    private string _name = "";
    private ResourceWalk? _walk;

    public OrderedDictionary<string, ExternType> Close(OrderedDictionary<string, ExternType> exports)
    {
        var closed = new OrderedDictionary<string, ExternType>(exports.Count);
        foreach (var (name, type) in exports)
        {
            budget.Spend(1);
            if (type is { Sort: ExternSort.Type, Entity: ResourceKey resource })
            {
                closed.Add(name, type with { IsFresh = known.Add(resource) });
            }
            else if (type is { Sort: ExternSort.Instance, Entity: InstanceType instance })
            {
                closed.Add(name, type with { Entity = new InstanceType(Close(instance.Exports)) });
            }
            else
            {
                _name = name;
                (_walk ??= new ResourceWalk(budget, Check)).Visit(type.Entity);
                closed.Add(name, type);
            }
        }

        return closed;
    }

    private void Check(ResourceVariable resource)
    {
        if (!known.Contains(resource))
        {
            throw WasmFaultException.Invalid(-1, $"the export \"{_name}\" has handles to {resource.Name}, which is neither imported nor exported before it");
        }
    }
}

/// <summary>Finds the resource types of components inside types. Those that a type declaration introduces itself do not count.</summary>
internal sealed class ResourceWalk(CheckBudget budget, Action<ResourceVariable> found)
{
    private readonly HashSet<TypeEntity> _seen = [];

    public void Visit(TypeEntity? entity)
    {
        if (entity is null or WitType.Primitive or WitType.Flags or WitType.Enumeration || !_seen.Add(entity))
        {
            return;
        }

        budget.Spend(1);
        switch (entity)
        {
            case ResourceVariable { Slot: >= 0 } variable:
                found(variable);
                break;
            case WitType.Handle handle:
                Visit(handle.Resource);
                break;
            case WitType.List list:
                Visit(list.Element);
                break;
            case WitType.Product product:
                VisitAll(product.Parts);
                break;
            case WitType.Sum sum:
                VisitAll(sum.Payloads);
                break;
            case WitFunctionType function:
                VisitAll(function.Parameters);
                Visit(function.Result);
                break;
            case InstanceType instance:
                VisitAll(instance.Exports.Values.Select(type => type.Entity));
                break;
            case ComponentType component:
                VisitAll(component.Imports.Values.Concat(component.Exports.Values).Select(type => type.Entity));
                break;
            default:
                break;
        }
    }

    private void VisitAll(IEnumerable<TypeEntity?> types)
    {
        foreach (var type in types)
        {
            Visit(type);
        }
    }
}
