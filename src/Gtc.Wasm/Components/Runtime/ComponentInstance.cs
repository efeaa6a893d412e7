using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

internal sealed class ComponentInstance(Component component, ComponentStore store, Dictionary<string, object> exports) : IComponentInstance
{
    public static WasmError Error(WasmTrap trap) => new(WasmErrorKind.Trapped, -1, trap.Message) { Trap = trap };

    public WasmResult<TResult?> Invoke<TArguments, TResult>(
        FunctionBinding<TArguments, TResult> binding, TArguments arguments, CallLimits limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(binding);
        if (binding.Mismatch(component) is { } reason)
        {
            throw new ArgumentException(reason, nameof(binding));
        }

        return Run(Find(binding.InterfaceName, binding.Name), binding.Parameters, binding.Result, arguments, limits, cancellationToken);
    }

    public WasmResult<ComponentValue?> Invoke(
        string? interfaceName, string name, ImmutableArray<ComponentValue> arguments, CallLimits limits, CancellationToken cancellationToken)
    {
        var type = component.ExportItems
            .Where(export => export.Name == (interfaceName ?? name))
            .SelectMany(export => export.Functions)
            .FirstOrDefault(candidate => candidate.Name == name).Type
            ?? throw new ArgumentException($"The component does not export {interfaceName}#{name}.", nameof(name));
        var parameters = type.ParametersInMemory is { } product ? ValueCodecs.Of(product) : null;
        var result = type.Result is { } value ? ValueCodecs.Of(value) : null;
        return parameters is null && arguments.Length > 0
            ? throw new ArgumentException($"{type} takes no arguments.", nameof(arguments))
            : Run(Find(interfaceName, name), parameters, result, new ComponentValue.Items(arguments), limits, cancellationToken);
    }

    public WasmTrap? Drop(ComponentResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        try
        {
            var content = resource.Give();
            content.Type.Drop(content, store.Outside);
            return null;
        }
        catch (WasmTrapException trap)
        {
            store.Fault ??= trap.Trap;
            return trap.Trap;
        }
    }

    public void Dispose() => store.Dispose();

    private ComponentFunction Find(string? interfaceName, string name) =>
        (ComponentFunction)(interfaceName is null ? exports[name] : ((Dictionary<string, object>)exports[interfaceName])[name]);

    private WasmResult<TResult?> Run<TArguments, TResult>(
        ComponentFunction function, Codec<TArguments>? parameters, Codec<TResult>? result, TArguments arguments, CallLimits limits, CancellationToken cancellationToken)
    {
        try
        {
            return limits.Within is null && !cancellationToken.CanBeCanceled
                ? function.CallFromHost(store, parameters, result, arguments)
                : store.Run(limits, () => function.CallFromHost(store, parameters, result, arguments), cancellationToken);
        }
        catch (WasmTrapException trap)
        {
            return Error(trap.Trap);
        }
    }
}
