using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <summary>Replaces resource types inside types. What contains none of them stays the same object, so sharing is kept.</summary>
internal sealed class Substitution(CheckBudget budget)
{
    private readonly Dictionary<ResourceKey, ResourceKey> _map = [];
    private readonly Dictionary<TypeEntity, TypeEntity> _done = [];

    public bool Has(ResourceKey key) => _map.ContainsKey(key);

    public void Set(ResourceKey from, ResourceKey to) => _map[from] = to;

    public ResourceKey Apply(ResourceKey key) => _map.GetValueOrDefault(key, key);

    public ExternType Apply(ExternType type)
    {
        var entity = Apply(type.Entity);
        return ReferenceEquals(entity, type.Entity) ? type : type with { Entity = entity };
    }

    public TypeEntity Apply(TypeEntity entity)
    {
        if (entity is ResourceKey key)
        {
            return Apply(key);
        }

        if (entity is WitType.Primitive or WitType.Flags or WitType.Enumeration or CoreModuleType)
        {
            return entity;
        }

        if (!_done.TryGetValue(entity, out var done))
        {
            done = Rebuild(entity);
            _done.Add(entity, done);
        }

        return done;
    }

    private TypeEntity Rebuild(TypeEntity entity)
    {
        budget.Spend(1);
        switch (entity)
        {
            case WitType.Handle handle:
                var resource = Apply(handle.Resource);
                return resource == handle.Resource ? handle : handle.Borrowed ? WitType.BorrowOf(resource) : WitType.OwnOf(resource);
            case WitType.List list:
                var element = Value(list.Element);
                return element == list.Element ? list : WitType.ListOf(element);
            case WitType.Product product:
                var parts = All(product.Parts);
                return parts == product.Parts ? product : WitType.Product.Of(product.Names, parts);
            case WitType.Sum sum:
                var payloads = All(sum.Payloads);
                return payloads == sum.Payloads ? sum : WitType.Sum.Of(sum.Kind, sum.Names, payloads);
            case WitFunctionType function:
                var parameters = All(function.Parameters);
                var result = function.Result is null ? null : Value(function.Result);
                return parameters == function.Parameters && result == function.Result ? function : new WitFunctionType(function.Names, parameters, result);
            case InstanceType instance:
                return new InstanceType(All(instance.Exports));
            default:
                var component = (ComponentType)entity;
                return new ComponentType(All(component.Imports), All(component.Exports));
        }
    }

    private WitType Value(WitType type) => (WitType)Apply((TypeEntity)type);

    // The same array comes back when nothing changed, so callers compare by reference.
    private ImmutableArray<T> All<T>(ImmutableArray<T> types)
        where T : WitType?
    {
        budget.Spend(types.Length);
        var changed = false;
        var replaced = ImmutableArray.CreateBuilder<T>(types.Length);
        foreach (var type in types)
        {
            var next = type is null ? type : (T)(object)Value(type);
            changed |= !ReferenceEquals(next, type);
            replaced.Add(next);
        }

        return changed ? replaced.MoveToImmutable() : types;
    }

    private OrderedDictionary<string, ExternType> All(OrderedDictionary<string, ExternType> externs)
    {
        budget.Spend(externs.Count);
        var replaced = new OrderedDictionary<string, ExternType>(externs.Count);
        foreach (var (name, type) in externs)
        {
            replaced.Add(name, Apply(type));
        }

        return replaced;
    }
}

/// <summary>Bounds the work of checking one file, whatever its types share and repeat.</summary>
internal sealed class CheckBudget
{
    private long _left = 20_000_000;

    public void Spend(int steps)
    {
        _left -= steps;
        if (_left < 0)
        {
            throw WasmFaultException.TooLarge(-1, "checking the component's types takes too many steps");
        }
    }
}
