using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

internal sealed class Component(string digest, ComponentPlan plan) : IComponent
{
    public string Digest { get; } = digest;

    public ComponentPlan Plan { get; } = plan;

    public ImmutableArray<ComponentItem> ImportItems { get; } = [.. plan.Type.Imports.Select(Describe)];

    public ImmutableArray<ComponentItem> ExportItems { get; } = [.. plan.Type.Exports.Select(Describe)];

    public WasmResult<ILinkedComponent> Link(ComponentLinker linker)
    {
        ArgumentNullException.ThrowIfNull(linker);
        try
        {
            return linker.Resolve(Plan.Type).TryGet(out var given, out var error) ? new LinkedComponent(this, given) : error;
        }
        catch (WasmFaultException fault)
        {
            return fault.Error;
        }
    }

    private static ComponentItem Describe(KeyValuePair<string, ExternType> item) => new(
        item.Key,
        item.Value.Sort switch
        {
            ExternSort.CoreModule => "core module",
            ExternSort.Function => "function",
            ExternSort.Type => "type",
            ExternSort.Component => "component",
            _ => "instance",
        },
        item.Value.Entity switch
        {
            WitFunctionType function when item.Value.Sort == ExternSort.Function => [(item.Key, function)],
            InstanceType instance when item.Value.Sort == ExternSort.Instance =>
                [.. instance.Exports.Where(export => export.Value.Sort == ExternSort.Function).Select(export => (export.Key, (WitFunctionType)export.Value.Entity))],
            _ => [],
        });
}

internal sealed class LinkedComponent(Component component, Dictionary<string, object> given) : ILinkedComponent
{
    public IComponent Component => component;

    public WasmResult<IComponentInstance> Instantiate(ComponentOptions options, CallLimits limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var store = new ComponentStore(options);
        try
        {
            var exports = store.Run(limits, () => Instantiator.Run(store, new ComponentClosure(component.Plan, null), given), cancellationToken);
            return new ComponentInstance(component, store, exports);
        }
        catch (WasmTrapException trap)
        {
            store.Dispose();
            return ComponentInstance.Error(trap.Trap);
        }
    }
}
