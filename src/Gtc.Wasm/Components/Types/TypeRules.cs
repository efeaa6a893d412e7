namespace Gtc.Wasm.Components;

/// <summary>When one thing may stand for another (Explainer.md and Subtyping.md). Resource types are equal only to themselves.</summary>
/// <param name="budget">Bounds the work.</param>
/// <param name="anyResource">True where handles carry their resource type with them, so that it is checked when they are used.</param>
internal sealed class TypeRules(CheckBudget budget, bool anyResource = false)
{
    /// <summary>Checks that <paramref name="given"/> can be used as <paramref name="wanted"/>; resource types that the wanted type introduces are bound to the given ones.</summary>
    /// <returns>Why not, or null.</returns>
    public string? Mismatch(ExternType wanted, ExternType given, Substitution bound)
    {
        budget.Spend(1);
        if (wanted.Sort != given.Sort)
        {
            return $"{wanted.Describe()} is needed, {given.Describe()} is given";
        }

        switch (wanted.Sort)
        {
            case ExternSort.Function:
                var function = (WitFunctionType)bound.Apply(wanted.Entity);
                return Same(function, (WitFunctionType)given.Entity) ? null : $"{function} is needed, {given.Entity} is given";
            case ExternSort.Type:
                return TypeMismatch(wanted, given, bound);
            case ExternSort.Instance:
                return Mismatch((InstanceType)wanted.Entity, (InstanceType)given.Entity, bound);
            case ExternSort.CoreModule:
                return Mismatch((CoreModuleType)wanted.Entity, (CoreModuleType)given.Entity);
            default:
                return Mismatch((ComponentType)bound.Apply(wanted.Entity), (ComponentType)given.Entity);
        }
    }

    public string? Mismatch(InstanceType wanted, InstanceType given, Substitution bound)
    {
        foreach (var (name, type) in wanted.Exports)
        {
            if (!given.Exports.TryGetValue(name, out var found))
            {
                return $"\"{name}\" is missing";
            }

            if (Mismatch(type, found, bound) is { } reason)
            {
                return $"\"{name}\": {reason}";
            }
        }

        return null;
    }

    public bool Same(WitFunctionType left, WitFunctionType right)
    {
        if (ReferenceEquals(left, right))
        {
            return true;
        }

        if (left.Parameters.Length != right.Parameters.Length || left.Result is null != right.Result is null)
        {
            return false;
        }

        for (var i = 0; i < left.Parameters.Length; i++)
        {
            if (left.Names[i] != right.Names[i] || !Same(left.Parameters[i], right.Parameters[i]))
            {
                return false;
            }
        }

        return left.Result is null || Same(left.Result, right.Result!);
    }

    public bool Same(WitType left, WitType right)
    {
        budget.Spend(1);
        return ReferenceEquals(left, right) || (left, right) switch
        {
            (WitType.Primitive one, WitType.Primitive other) => one.Kind == other.Kind,
            (WitType.Flags one, WitType.Flags other) => one.Names.AsSpan().SequenceEqual(other.Names.AsSpan()),
            (WitType.Enumeration one, WitType.Enumeration other) => one.Names.AsSpan().SequenceEqual(other.Names.AsSpan()),
            (WitType.Handle one, WitType.Handle other) => one.Borrowed == other.Borrowed && (anyResource || one.Resource == other.Resource),
            (WitType.List one, WitType.List other) => Same(one.Element, other.Element),
            (WitType.Product one, WitType.Product other) => SameNames(one, other) && SameAll(one.Parts, other.Parts),
            (WitType.Sum one, WitType.Sum other) =>
                one.Kind == other.Kind && one.Names.AsSpan().SequenceEqual(other.Names.AsSpan()) && SameAll(one.Payloads, other.Payloads),
            _ => false,
        };
    }

    private static bool SameNames(WitType.Product one, WitType.Product other) =>
        one.Names.IsDefault == other.Names.IsDefault && (one.Names.IsDefault || one.Names.AsSpan().SequenceEqual(other.Names.AsSpan()));

    private static string? Mismatch(CoreModuleType wanted, CoreModuleType given)
    {
        foreach (var (name, type) in wanted.Exports)
        {
            if (!given.Exports.TryGetValue(name, out var found) || !found.Fits(type))
            {
                return $"the core module does not export \"{name}\" as needed";
            }
        }

        foreach (var (module, name, type) in given.Imports)
        {
            if (!wanted.Imports.Any(import => import.Module == module && import.Name == name && import.Type.Fits(type)))
            {
                return $"the core module imports \"{module}\" \"{name}\", which is not given to it";
            }
        }

        return null;
    }

    private string? TypeMismatch(ExternType wanted, ExternType given, Substitution bound)
    {
        if (wanted.IsFresh)
        {
            if (given.Entity is not ResourceKey resource)
            {
                return $"a resource type is needed, {given.Describe()} is given";
            }

            bound.Set((ResourceKey)wanted.Entity, resource);
            return null;
        }

        return SameEntity(bound.Apply(wanted.Entity), given.Entity) ? null : $"{wanted.Describe()} is needed, {given.Describe()} is given";
    }

    private bool SameEntity(TypeEntity left, TypeEntity right) => (left, right) switch
    {
        (WitType one, WitType other) => Same(one, other),
        (WitFunctionType one, WitFunctionType other) => Same(one, other),
        (InstanceType one, InstanceType other) =>
            Mismatch(one, other, new Substitution(budget)) is null && Mismatch(other, one, new Substitution(budget)) is null,
        (ComponentType one, ComponentType other) => Mismatch(one, other) is null && Mismatch(other, one) is null,
        _ => left == right,
    };

    // Whoever uses a component as the wanted type gives the wanted imports and expects the wanted exports.
    private string? Mismatch(ComponentType wanted, ComponentType given)
    {
        var bound = new Substitution(budget);
        foreach (var (name, type) in given.Imports)
        {
            if (!wanted.Imports.TryGetValue(name, out var supplied))
            {
                return $"the component imports \"{name}\", which is not given to it";
            }

            if (Mismatch(type, supplied, bound) is { } reason)
            {
                return $"the component's import \"{name}\": {reason}";
            }
        }

        var exports = (InstanceType)bound.Apply(new InstanceType(given.Exports));
        return Mismatch(new InstanceType(wanted.Exports), exports, new Substitution(budget));
    }

    private bool SameAll<T>(System.Collections.Immutable.ImmutableArray<T> left, System.Collections.Immutable.ImmutableArray<T> right)
        where T : WitType?
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (var i = 0; i < left.Length; i++)
        {
            if (left[i] is null != right[i] is null || (left[i] is { } one && !Same(one, right[i]!)))
            {
                return false;
            }
        }

        return true;
    }
}
