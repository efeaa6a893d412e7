namespace Gtc.Wasm.Components;

/// <summary>One instance of one component, nested ones included: its handles, its resource types and whether it runs.</summary>
internal sealed class ComponentInstanceState(ComponentStore store, ComponentPlan plan, ComponentInstanceState? parent)
{
    private readonly ResourceType?[] _resources = plan.ResourceSlots == 0 ? [] : new ResourceType?[plan.ResourceSlots];
    private bool _entered;

    public ComponentStore Store { get; } = store;

    /// <summary>The instance whose definitions the plan can alias.</summary>
    public ComponentInstanceState? Parent { get; } = parent;

    public HandleTable Handles { get; } = new();

    /// <summary>False while the guest's allocator or post-return runs: it may not call imports then.</summary>
    public bool MayLeave { get; private set; } = true;

    public List<WasmCode> CoreModules { get; } = [];

    public List<ComponentClosure> Components { get; } = [];

    public void SetResource(int slot, ResourceType type) => _resources[slot] = type;

    /// <summary>The resource type that exists for one that a component's types speak of.</summary>
    public ResourceType Resolve(ResourceKey key) =>
        key as ResourceType ?? _resources[((ResourceVariable)key).Slot] ?? throw ComponentTraps.Make($"the resource type {key.Name} does not exist yet");

    /// <summary>Lends a resource to this guest for the time of a call.</summary>
    public uint LowerBorrow(ComponentResource resource, AbiCall call)
    {
        if (!resource.IsUsable)
        {
            throw new InvalidOperationException($"This handle to {resource.Type.Name} was passed on already and cannot be lent.");
        }

        return resource.Type.IsImplementedBy(this) ? resource.Content.Representation : Handles.AddBorrowed(resource.Content, call);
    }

    /// <summary>A call from outside begins. While it lasts there can be no other.</summary>
    public void Enter()
    {
        if (Store.Fault is { } fault)
        {
            throw new WasmTrapException(fault with { Message = $"the instance trapped before and cannot be called again: {fault.Message}" });
        }

        if (_entered)
        {
            throw ComponentTraps.Make("a component instance was called while a call of it is running");
        }

        _entered = true;
    }

    public void Leave() => _entered = false;

    /// <summary>Runs the guest's allocator or post-return.</summary>
    public void RunConfined(WasmFunction function, ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results)
    {
        var before = MayLeave;
        MayLeave = false;
        var trap = function.Invoke(arguments, results);
        MayLeave = before;
        if (trap is not null)
        {
            throw new WasmTrapException(trap);
        }
    }
}

/// <summary>A component as a value: its plan, and the instance in which it was defined.</summary>
internal sealed record ComponentClosure(ComponentPlan Plan, ComponentInstanceState? Environment);
