using System.Runtime.CompilerServices;

namespace Gtc.Wasm.Components;

/// <summary>
/// A function that callers expect components to export, with the codecs for its arguments and result. Made once, as a static field; its type is compared with
/// each component's once.
/// </summary>
/// <typeparam name="TArguments">The arguments as one C# value.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
public sealed class FunctionBinding<TArguments, TResult>
{
    private readonly ConditionalWeakTable<IComponent, string> _checked = [];

    /// <summary>A binding.</summary>
    /// <param name="interfaceName">The exported interface, or null for a function that is exported by itself.</param>
    /// <param name="name">The function's name.</param>
    /// <param name="parameters">Writes the arguments; null when there are none. <see cref="Codecs"/> makes them.</param>
    /// <param name="result">Reads the result; null when there is none.</param>
    public FunctionBinding(string? interfaceName, string name, Codec<TArguments>? parameters, Codec<TResult>? result)
    {
        if (parameters is { Type: not WitType.Product })
        {
            throw new ArgumentException("Arguments are written with a record codec; Codecs.Parameters makes one.", nameof(parameters));
        }

        InterfaceName = interfaceName;
        Name = name;
        Parameters = parameters;
        Result = result;
    }

    /// <summary>The exported interface, or null.</summary>
    public string? InterfaceName { get; }

    /// <summary>The function's name.</summary>
    public string Name { get; }

    internal Codec<TArguments>? Parameters { get; }

    internal Codec<TResult>? Result { get; }

    /// <summary>Compares with what a component exports.</summary>
    /// <returns>Why the function cannot be called there, or null.</returns>
    public string? Mismatch(IComponent component)
    {
        ArgumentNullException.ThrowIfNull(component);
        if (!_checked.TryGetValue(component, out var reason))
        {
            reason = Compare(component) ?? "";
            _checked.AddOrUpdate(component, reason);
        }

        return reason.Length == 0 ? null : reason;
    }

    private string? Compare(IComponent component)
    {
        var path = InterfaceName is null ? Name : $"{InterfaceName}#{Name}";
        foreach (var export in component.ExportItems)
        {
            if (export.Name != (InterfaceName ?? Name))
            {
                continue;
            }

            foreach (var (name, type) in export.Functions)
            {
                if (name == Name)
                {
                    return Compare(path, type);
                }
            }
        }

        return $"the component does not export the function {path}; it exports {string.Join(", ", component.ExportItems.Select(export => export.Name))}";
    }

    private string? Compare(string path, WitFunctionType type)
    {
        var rules = new TypeRules(new CheckBudget(), anyResource: true);
        var parts = (Parameters?.Type as WitType.Product)?.Parts ?? [];
        var fits = parts.Length == type.Parameters.Length
            && parts.Zip(type.Parameters).All(pair => rules.Same(pair.First, pair.Second))
            && Result is null == type.Result is null
            && (Result is null || rules.Same(Result.Type, type.Result!));
        return fits ? null : $"{path} has the type {type}, expected was func({string.Join(", ", parts)}){(Result is null ? "" : $" -> {Result.Type}")}";
    }
}
